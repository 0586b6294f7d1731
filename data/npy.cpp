#include "npy.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "file_writer.h"
#include "located.h"
#include "npy_header.h"
#include "vitrine/core/operand.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/tensor_impl.h"

namespace vitrine::data {
namespace {

static_assert(std::endian::native == std::endian::little, "what is written and read here is little-endian");
constexpr std::uint64_t max_bytes = std::uint64_t{1} << 32;

}  // namespace

Tensor parse_npy(const Bytes& file, const std::string& path) {
    NpyHeader header = parse_npy_header(file, path);
    if (header.fortran_order) std::ranges::reverse(header.shape);
    const Tensor x = empty(Shape(header.shape), {.dtype = header.dtype});
    auto* bytes = static_cast<std::uint8_t*>(x.impl()->data());
    const std::size_t count = file.size() - header.bytes;
    if (count > 0) std::memcpy(bytes, file.data() + header.bytes, count);
    if (x.dtype() == DType::boolean && std::any_of(bytes, bytes + count, [](std::uint8_t b) { return b > 1; }))
        throw IoError(join(path, ": holds bytes that are no bool; allowed are 0 and 1"));
    if (!header.fortran_order) return x;
    std::vector<std::int64_t> order;
    for (int d = x.dim() - 1; d >= 0; --d) order.push_back(d);
    return x.permute(Shape(order));
}

void save_npy(const std::string& path, const Tensor& x, Site site) {
    const Call call("save_npy", site);
    call.check(x.defined(), "x is undefined");
    call.check(x.dtype() != DType::bf16, "x is bf16, which NumPy lacks; cast it to f32");
    const Tensor host = x.detach().to(Device::cpu).contiguous();
    located(call.op(), site, [&] {
        FileWriter file(path);
        file.write(serialize_npy_header(x.dtype(), {x.shape().begin(), x.shape().end()}));
        file.write(host.impl()->data(), static_cast<std::size_t>(host.numel()) * element_size(host.dtype()));
        file.commit();
    });
}

Tensor load_npy(const std::string& path, Site site) {
    return located("load_npy", site, [&] { return parse_npy(read_file(path, max_bytes), path); });
}

}  // namespace vitrine::data
