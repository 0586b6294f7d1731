#include "cifar_records.h"

#include "vitrine/kernels/base/error.h"

namespace vitrine::data {
namespace {

constexpr std::size_t plane = cifar_side * cifar_side;

void interleave(const std::uint8_t* planes, std::uint8_t* pixels) {
    for (std::size_t i = 0; i < plane; ++i)
        for (std::size_t c = 0; c < 3; ++c) pixels[3 * i + c] = planes[c * plane + i];
}

}  // namespace

void append_cifar(const Bytes& file, const CifarRecord& record, const std::string& path, Pictures& pictures) {
    const std::size_t record_bytes = record.label_bytes + 3 * plane;
    if (file.empty() || file.size() % record_bytes != 0)
        throw IoError(join(path, ": ", file.size(), " bytes; needed are whole records of ", record_bytes));
    const std::size_t count = file.size() / record_bytes, before = pictures.labels.size();
    for (std::size_t r = 0; r < count; ++r) {
        const std::uint8_t label = file[r * record_bytes + record.wanted];
        if (label >= record.classes)
            throw IoError(
                join(path, ": label ", int{label}, " of record ", r, "; allowed are 0 to ", record.classes - 1));
    }

    pictures.height = pictures.width = cifar_side;
    pictures.channels = 3;
    pictures.labels.resize(before + count);
    pictures.file.resize((before + count) * 3 * plane);
    for (std::size_t r = 0; r < count; ++r) {
        const std::uint8_t* from = file.data() + r * record_bytes;
        pictures.labels[before + r] = from[record.wanted];
        interleave(from + record.label_bytes, pictures.file.data() + (before + r) * 3 * plane);
    }
}

}  // namespace vitrine::data
