#include "safetensors.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "file.h"
#include "file_writer.h"
#include "located.h"
#include "vitrine/core/operand.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/tensor_impl.h"

namespace vitrine::data {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

struct NamedType {
    DType dtype;
    const char* name;
};
constexpr NamedType named_types[] = {{DType::f32, "F32"}, {DType::f64, "F64"}, {DType::i32, "I32"},
                                     {DType::i64, "I64"}, {DType::u8, "U8"},   {DType::boolean, "BOOL"},
                                     {DType::bf16, "BF16"}, {DType::f16, "F16"}};

const char* format_name(DType dtype) { return std::ranges::find(named_types, dtype, &NamedType::dtype)->name; }

DType dtype_named(const std::string& name, const std::string& where) {
    const auto found = std::ranges::find_if(named_types, [&](const NamedType& t) { return t.name == name; });
    if (found == std::end(named_types))
        throw IoError(join(where, " is ", name, "; allowed are F32, F64, I32, I64, U8, BOOL, BF16 and F16"));
    return found->dtype;
}

// Each entry and the tensor it is about, wider elements first.
std::vector<std::pair<SafetensorsEntry, Tensor>> lay_out(const NamedTensors& tensors, const Call& call) {
    std::vector<std::pair<SafetensorsEntry, Tensor>> laid;
    for (const auto& [name, tensor] : tensors) {
        call.check(tensor.defined(), "tensor \"", name, "\" is undefined");
        const Shape& shape = tensor.shape();
        laid.push_back({{name, format_name(tensor.dtype()), {shape.begin(), shape.end()}}, tensor});
    }
    std::ranges::stable_sort(laid, std::ranges::greater{},
                             [](const auto& l) { return element_size(l.second.dtype()); });
    std::uint64_t end = 0;
    for (auto& [entry, tensor] : laid) {
        entry.begin = end;
        entry.end = end += static_cast<std::uint64_t>(tensor.numel()) * element_size(tensor.dtype());
    }
    return laid;
}

Tensor read_tensor(const InputFile& file, const SafetensorsEntry& entry, std::uint64_t data_begin) {
    const std::string where = join(file.path(), ": tensor \"", entry.name, '"');
    if (entry.shape.size() > Shape::max_dims)
        throw IoError(join(where, " has ", entry.shape.size(), " dimensions; allowed are at most ", Shape::max_dims));
    const Tensor x = empty(Shape(entry.shape), {.dtype = dtype_named(entry.dtype, where)});
    auto* bytes = static_cast<std::uint8_t*>(x.impl()->data());
    const std::uint64_t count = entry.end - entry.begin;
    if (count > 0) file.read(data_begin + entry.begin, bytes, count);
    if (x.dtype() == DType::boolean && std::any_of(bytes, bytes + count, [](std::uint8_t b) { return b > 1; }))
        throw IoError(join(where, " holds bytes that are no bool; allowed are 0 and 1"));
    return x;
}

SafetensorsFile read_all(const std::string& path) {
    const InputFile file(path);
    if (file.size() < 8) throw IoError(join(path, ": ", file.size(), " bytes; a safetensors file begins with 8"));
    std::uint8_t length_bytes[8];
    file.read(0, length_bytes, 8);
    std::uint64_t length = 0;
    for (int i = 7; i >= 0; --i) length = length << 8 | length_bytes[i];
    if (length > std::min(file.size() - 8, max_safetensors_header))
        throw IoError(join(path, ": a header of ", length, " bytes; allowed are at most ",
                           std::min(file.size() - 8, max_safetensors_header)));
    std::string json(length, '\0');
    file.read(8, json.data(), length);

    SafetensorsHeader header = parse_safetensors_header(json, file.size() - 8 - length, path);
    SafetensorsFile contents;
    for (const SafetensorsEntry& entry : header.entries)
        contents.tensors.emplace(entry.name, read_tensor(file, entry, 8 + length));
    contents.metadata = std::move(header.metadata);
    return contents;
}

}  // namespace

const Tensor& SafetensorsFile::at(const std::string& name, Site site) const {
    if (const auto found = tensors.find(name); found != tensors.end()) return found->second;
    std::string names;
    for (const auto& [known, tensor] : tensors) names += (names.empty() ? "" : ", ") + known;
    Call("SafetensorsFile::at", site)
        .fail(join("no tensor \"", name, "\"; there are ", names.empty() ? "none" : names));
}

void save_safetensors(const std::string& path, const NamedTensors& tensors, const Metadata& metadata, Site site) {
    const Call call("save_safetensors", site);
    const auto laid = lay_out(tensors, call);
    SafetensorsHeader header{{}, metadata};
    for (const auto& [entry, tensor] : laid) header.entries.push_back(entry);
    located(call.op(), site, [&] {
        FileWriter file(path);
        file.write(serialize_safetensors_header(header));
        for (const auto& [entry, tensor] : laid) {
            const Tensor host = tensor.detach().to(Device::cpu).contiguous();
            file.write(host.impl()->data(), entry.end - entry.begin);
        }
        file.commit();
    });
}

SafetensorsFile load_safetensors(const std::string& path, Site site) {
    return located("load_safetensors", site, [&] { return read_all(path); });
}

}  // namespace vitrine::data
