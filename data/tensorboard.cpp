#include "tensorboard.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "located.h"
#include "protobuf.h"
#include "vitrine/core/operand.h"

namespace vitrine::data {
namespace {

using Message = ProtobufMessage;

// What a byte adds to a CRC-32C: the polynomial 0x1EDC6F41, its bits in reverse.
constexpr std::array<std::uint32_t, 256> crc_of_byte = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0u);
        table[i] = crc;
    }
    return table;
}();

// TFRecords mask their CRCs, for bytes that hold CRCs themselves.
std::uint32_t masked(std::uint32_t crc) { return (crc >> 15 | crc << 17) + 0xa282ead8u; }

std::string little_endian(std::uint64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> 8 * i);
    return text;
}

std::string record(std::string_view event) {
    const std::string length = little_endian(event.size(), 8);
    return join(length, little_endian(masked(crc32c(length)), 4), event, little_endian(masked(crc32c(event)), 4));
}

double seconds_since_1970() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string host_name() {
    char name[256] = "localhost";
    if (::gethostname(name, sizeof name - 1) != 0) return "localhost";
    return name;
}

// Messages of tensorflow/core/framework/summary.proto: the numbers are those of its fields.
Message tagged(const std::string& tag) { return Message().bytes(1, tag); }

Message histogram_of(const std::vector<double>& x, std::int64_t bins) {
    const auto [low, high] = std::ranges::minmax(x);
    const double width = (high - low) / static_cast<double>(bins);
    std::vector<double> limits, counts(static_cast<std::size_t>(bins));
    for (std::int64_t b = 1; b < bins; ++b) limits.push_back(low + width * static_cast<double>(b));
    limits.push_back(high);
    double sum = 0, squares = 0;
    for (const double value : x) {
        const auto bin = std::ranges::lower_bound(limits, value) - limits.begin();
        ++counts[static_cast<std::size_t>(std::min<std::int64_t>(bin, bins - 1))];
        sum += value;
        squares += value * value;
    }
    Message histogram;
    histogram.real(1, low).real(2, high).real(3, static_cast<double>(x.size())).real(4, sum).real(5, squares);
    return histogram.reals(6, limits).reals(7, counts);
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
    std::uint32_t crc = 0xffffffffu;
    for (const char byte : bytes) crc = crc >> 8 ^ crc_of_byte[(crc ^ static_cast<std::uint8_t>(byte)) & 0xff];
    return ~crc;
}

TensorBoardWriter::TensorBoardWriter(const std::string& folder, TensorBoardOptions options, Site site) {
    static std::atomic<int> count{0};
    const double now = seconds_since_1970();
    path_ = join(folder, "/events.out.tfevents.", static_cast<std::int64_t>(now), ".", host_name(), ".", ::getpid(),
                 ".", count++);
    located("TensorBoardWriter", site, [&] {
        std::error_code error;
        std::filesystem::create_directories(folder, error);
        if (error) throw IoError(join(folder, ": cannot be made: ", error.message()));
        descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
        if (descriptor_ < 0) throw IoError(join(path_, ": cannot be written: ", std::strerror(errno)));
        append(Message().real(1, now).bytes(3, "brain.Event:2"));
        constexpr int start = 1;  // SessionLog.START: what stands before with this step or a later one is void
        if (options.purge_step >= 0)
            append(Message().real(1, now).integer(2, options.purge_step).bytes(7, Message().integer(1, start)));
    });
}

TensorBoardWriter::~TensorBoardWriter() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void TensorBoardWriter::append(std::string_view event) {
    const off_t end = ::lseek(descriptor_, 0, SEEK_END);
    const std::string bytes = record(event);
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t written = ::write(descriptor_, bytes.data() + done, bytes.size() - done);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            const int error = errno;
            const bool whole = ::ftruncate(descriptor_, end) == 0;  // half a record would hide all that come after it
            throw IoError(join(path_, ": cannot be written: ", std::strerror(error),
                               whole ? "" : "; its last record is not whole"));
        }
        done += static_cast<std::size_t>(written);
    }
}

// `value` is a Summary.Value, without which no Event has a tag.
void TensorBoardWriter::summary(const char* function, std::string_view value, std::int64_t step, Site site) {
    const Message summary = Message().bytes(1, value);
    located(function, site,
            [&] { append(Message().real(1, seconds_since_1970()).integer(2, step).bytes(5, summary)); });
}

void TensorBoardWriter::scalar(const std::string& tag, double value, std::int64_t step, Site site) {
    constexpr const char* function = "TensorBoardWriter::scalar";
    Call(function, site).check(!tag.empty(), "an empty tag");
    summary(function, tagged(tag).single(2, static_cast<float>(value)), step, site);
}

void TensorBoardWriter::image(const std::string& tag, const Image& image, std::int64_t step, Site site) {
    constexpr const char* function = "TensorBoardWriter::image";
    Call(function, site).check(!tag.empty(), "an empty tag");
    Message message;
    message.integer(1, image.height).integer(2, image.width).integer(3, image.channels);
    message.bytes(4, encode_png(image, site));
    summary(function, tagged(tag).bytes(4, message), step, site);
}

void TensorBoardWriter::histogram(const std::string& tag, const Tensor& x, std::int64_t step, std::int64_t bins,
                                  Site site) {
    const Call call("TensorBoardWriter::histogram", site);
    call.check(!tag.empty(), "an empty tag");
    call.tensor(x);
    call.check(x.numel() > 0, "x has no elements");
    call.check(bins >= 1 && bins <= 10000, bins, " bins; allowed are 1 to 10000");
    const std::vector<double> values = x.detach().to(DType::f64).to_vector<double>();
    const auto finite = [](double v) { return std::isfinite(v); };
    const auto bad = std::ranges::find_if_not(values, finite);
    call.check(bad == values.end(), "x has an element ", bad == values.end() ? 0.0 : *bad, "; all must be finite");
    summary(call.op(), tagged(tag).bytes(5, histogram_of(values, bins)), step, site);
}

void TensorBoardWriter::text(const std::string& tag, std::string_view text, std::int64_t step, Site site) {
    constexpr const char* function = "TensorBoardWriter::text";
    Call(function, site).check(!tag.empty(), "an empty tag");
    constexpr int dt_string = 7;
    const Message plugin = Message().bytes(1, "text"), metadata = Message().bytes(1, plugin);
    const Message shape = Message().bytes(2, Message().integer(1, 1));
    const Message tensor = Message().integer(1, dt_string).bytes(2, shape).bytes(8, text);
    summary(function, tagged(tag).bytes(8, tensor).bytes(9, metadata), step, site);
}

}  // namespace vitrine::data
