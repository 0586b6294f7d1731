#include "cases/matmul.h"
#include "kernels/ladder.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/view.h"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

std::vector<OpCase> ladder_cases() {
    std::vector<OpCase> cases = matmul_cases();
    for (const Layout layout : {Layout::rows, Layout::transposed}) {
        cases.push_back(matmul_case("whole packs", {{12, 16}, layout}, {{16, 20}, layout}));
        cases.push_back(matmul_case("one more than a tile", {{129, 9}, layout}, {{9, 130}, layout}));
    }
    cases.push_back(linear_case("whole packs", {{{8, 16}}, {{12, 16}}, {{12}}}));
    return cases;
}

}  // namespace

TEST_CASE("kernels/ladder_matmul: every step computes what the op computes") {
    check_ladder(Ladder::matmul, ladder_cases());
}

TEST_CASE("kernels/ladder_matmul: tensor cores compute it from factors of 8 bits") {
    const KernelStepScope scope(Ladder::matmul, KernelStep::tensor_cores);
    for (const OpCase& c : ladder_cases()) check_step(c, DType::f32, 0.05);  // the largest sum has 401 products
}

TEST_CASE("kernels/ladder_matmul: tensor cores are exact where factors have few bits") {
    const KernelStepScope scope(Ladder::matmul, KernelStep::tensor_cores);
    for (const Device device : available_devices()) {
        if (device == Device::cpu) continue;
        const TensorOptions f32{.dtype = DType::f32, .device = device};
        for (const std::int64_t size : {1, 15, 16, 17, 33, 65}) {
            std::vector<double> values;
            for (std::int64_t i = 0; i < size * size; ++i) values.push_back(double(i * 37 % 127 - 63) / 4);
            const Tensor a = from_values(std::span<const double>(values), {size, size}, f32), b = a.transpose(0, 1);
            CHECK(values_of(matmul(a, b)) == matmul_reference(to_array(a), to_array(b)));
        }
    }
}
