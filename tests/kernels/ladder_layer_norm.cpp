#include "cases/group_norm.h"
#include "kernels/ladder.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("kernels/ladder_layer_norm: every step computes what the op computes") {
    std::vector<OpCase> cases = layer_norm_cases();
    for (const OpCase& c : large_layer_norm_cases()) cases.push_back(c);
    cases.push_back(layer_norm_case("whole packs", {{3, 128}}, 1));
    cases.push_back(layer_norm_case("one more than the registers hold", {{2, 1025}}, 1));
    cases.push_back(layer_norm_case("packs beyond the registers", {{2, 2052}}, 1));
    cases.push_back(layer_norm_case("one more than shared memory keeps", {{1, 4097}}, 1));
    check_ladder(Ladder::layer_norm, cases);
}

TEST_CASE("kernels/ladder_layer_norm: the gradient is the same after every step") {
    const OpCase c = layer_norm_case("rows", {{3, 33}}, 1);
    for (const Device device : available_devices()) {
        if (device == Device::cpu) continue;
        const auto gradients = [&] {
            auto inputs = make_inputs(c, DType::f64, device);
            c.op(inputs).backward(ones({3, 33}, {.dtype = DType::f64, .device = device}) / 3);
            return std::vector<std::vector<double>>{values_of(inputs[0].grad()), values_of(inputs[1].grad())};
        };
        const auto wanted = gradients();
        for (const KernelStep step : kernel_steps(Ladder::layer_norm)) {
            const KernelStepScope scope(Ladder::layer_norm, step);
            const auto got = gradients();
            for (std::size_t i = 0; i < got.size(); ++i)
                for (std::size_t j = 0; j < got[i].size(); ++j) CHECK(got[i][j] == doctest::Approx(wanted[i][j]));
        }
    }
}
