// Tensors of the 16-bit floats: made, copied, cast, printed on every device; arithmetic is refused.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <sstream>

#include "op_case.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/cat.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

template <class H>
std::vector<H> all_patterns() {
    std::vector<H> all;
    for (std::uint32_t i = 0; i < 65536; ++i) all.push_back(H::from_bits(static_cast<std::uint16_t>(i)));
    return all;
}

template <class T>
bool same_bits(const std::vector<T>& x, const std::vector<T>& y) {
    return x.size() == y.size() && (x.empty() || std::memcmp(x.data(), y.data(), x.size() * sizeof(T)) == 0);
}

std::string printed(const Tensor& x) {
    std::ostringstream out;
    out << x;
    return out.str();
}

}  // namespace

TEST_CASE_TEMPLATE("core/half: all patterns go to f32 and back on every device", H, bf16, f16) {
    const std::vector<H> all = all_patterns<H>();
    std::vector<float> wide;
    for (H x : all) wide.push_back(static_cast<float>(x));
    for (Device device : available_devices()) {
        const Tensor x = from_vector(std::vector<H>(all), {65536}).to(device);
        CHECK(x.dtype() == dtype_of<H>);
        CHECK(same_bits(x.to_vector<H>(), all));
        CHECK(same_bits(x.clone().to_vector<H>(), all));
        CHECK(same_bits(x.to(DType::f32).to_vector<float>(), wide));
        CHECK(same_bits(x.to(DType::f32).to(dtype_of<H>).template to_vector<H>(), all));
        const auto turned = x.reshape({256, 256}).transpose(0, 1).to_vector<H>();
        CHECK(turned[1].bits == 256);
    }
}

TEST_CASE_TEMPLATE("core/half: casts from and to every dtype on every device", H, bf16, f16) {
    const std::vector<double> values{0, 1, 2.75, 200, 0.5, 100.1, 17};
    const DType dtypes[] = {DType::f32, DType::f64,     DType::i32,  DType::i64,
                            DType::u8,  DType::boolean, DType::bf16, DType::f16};
    for (Device device : available_devices()) {
        for (DType dtype : dtypes) {
            INFO(dtype, " on ", device);
            const Tensor x = from_values(std::span<const double>(values), {7}, {.dtype = dtype, .device = device});
            const Tensor y = x.to(dtype_of<H>), back = y.to(dtype);
            CHECK(y.dtype() == dtype_of<H>);
            const auto given = values_of(x), rounded = values_of(y), returned = values_of(back);
            for (std::size_t i = 0; i < values.size(); ++i) {
                CHECK(rounded[i] == static_cast<double>(H(given[i])));
                const bool fractions = is_floating(dtype) || is_half(dtype);
                CHECK(returned[i] == (fractions ? rounded[i] : given[i]));
            }
        }
    }
}

TEST_CASE("core/half: creation, fill, views, items") {
    for (Device device : available_devices()) {
        Tensor x = zeros({3, 5}, {.dtype = bfloat16, .device = device});
        CHECK(element_size(x.dtype()) == 2);
        x.slice(1, 1, 4, 2).fill_(1.1);
        CHECK(values_of(x) == values_of(tensor({{0.0, 1.1015625, 0.0, 1.1015625, 0.0},
                                                {0.0, 1.1015625, 0.0, 1.1015625, 0.0},
                                                {0.0, 1.1015625, 0.0, 1.1015625, 0.0}})));
        CHECK(x.select(0, 0).select(0, 1).item<double>() == 1.1015625);
        CHECK(x.select(0, 0).select(0, 1).item<std::int64_t>() == 1);
        CHECK(values_of(cat({x, x}, 0)).size() == 30);
        CHECK(values_of(ones_like(x)) == std::vector<double>(15, 1));
        CHECK(values_of(scalar(1e6, {.dtype = float16, .device = device}))[0] == INFINITY);
    }
    CHECK(randperm(256, {.dtype = bfloat16}).numel() == 256);
    Tensor y = zeros({2}, {.dtype = float16});
    y.at<f16>({1}) = f16(2.5);
    CHECK(values_of(y) == std::vector<double>{0, 2.5});
    y.copy_(tensor({1.0, 1.0 / 3}));
    CHECK(y.to_vector<f16>()[1].bits == 0x3555);
}

TEST_CASE("core/half: printed with the digits that tell numbers apart, and the dtype") {
    CHECK(printed(tensor({1.1, 2.0, -0.5}, {.dtype = bfloat16})) == "[ 1.1  2.  -0.5] (bf16)");
    CHECK(printed(tensor({0.1, double(NAN), double(INFINITY)}, {.dtype = float16})) == "[0.1 nan inf] (f16)");
    CHECK(printed(tensor({65504.0, 1.0}, {.dtype = float16})) == "[6.55e+04 1.00e+00] (f16)");
    CHECK(printed(scalar(3.14159, {.dtype = bfloat16})) == "3.14 (bf16)");
}

TEST_CASE("core/half: gradients flow through casts, and meet in f32") {
    for (Device device : available_devices()) {
        for (DType half : {bfloat16, float16}) {
            const Tensor x = tensor({1.0, 2.0}, {.device = device, .requires_grad = true});
            const Tensor h = x.to(half);
            CHECK(h.requires_grad());
            sum(h.to(DType::f32) * h.to(DType::f32)).backward();
            CHECK(x.grad().dtype() == DType::f32);
            CHECK(values_of(x.grad()) == std::vector<double>{2, 4});

            const Tensor leaf = tensor({1.0, 3.0}, {.dtype = half, .device = device, .requires_grad = true});
            for (int i = 0; i < 2; ++i) sum(leaf.to(DType::f64) * 3).backward();
            CHECK(leaf.grad().dtype() == half);
            CHECK(values_of(leaf.grad()) == std::vector<double>{6, 6});

            const Tensor y = sum(pow(h.to(DType::f32), 3));
            const Tensor dx = grad({y}, {x}, {.create_graph = true})[0];
            CHECK(values_of(grad({sum(dx)}, {x})[0]) == std::vector<double>{6, 12});
        }
    }
    CHECK_FALSE(tensor({1.0}, {.dtype = bfloat16, .requires_grad = true}).to(DType::i64).requires_grad());
}

TEST_CASE("core/half: arithmetic is refused, and the error names the cast") {
    const Tensor x = ones({2}, {.dtype = bfloat16}), w = ones({2});
    std::string text;
    int line = 0;
    const auto at = [&](const char* what) { return join(what, " (half.cpp:", line, ")"); };
    text = error_of([&] { line = __LINE__, add(w, x); });
    CHECK(text == at("add: w is bf16, which is stored and not computed with: cast it with to(vt::float32)"));
    text = error_of([&] { line = __LINE__, x * 2; });
    CHECK(text == at("mul: x is bf16, which is stored and not computed with: cast it with to(vt::float32)"));
    text = error_of([&] { line = __LINE__, lt(x, w); });
    CHECK(text == at("lt: x is bf16, which is stored and not computed with: cast it with to(vt::float32)"));
    text = error_of([&] { line = __LINE__, exp(x); });
    CHECK(text == at("exp: x is bf16; allowed are f32 and f64: cast it with to(vt::float32)"));
    text = error_of([&] { line = __LINE__, neg(x); });
    CHECK(text == at("neg: x is bf16; allowed are f32 and f64: cast it with to(vt::float32)"));
    text = error_of([&] { line = __LINE__, sum(x.to(float16)); });
    CHECK(text == at("sum: x is f16; allowed are f32 and f64: cast it with to(vt::float32)"));
    text = error_of([&] { line = __LINE__, rand({2}, {.dtype = float16}); });
    CHECK(text == at("rand: dtype f16; allowed are f32 and f64: draw f32 and cast it with to()"));
    text = error_of([&] { line = __LINE__, x.to_vector<float>(); });
    CHECK(text == at("to_vector: the tensor is bf16, asked for f32"));
}
