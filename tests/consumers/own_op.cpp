// The op of this project on every device of the library: value, gradient, second derivative, and where it ran.
#include <vitrine/vitrine.h>

#include <iostream>

#include "core/ops/cube.h"
#if VITRINE_HAS_SIMT
#include <vitrine/kernels/simt/runtime.h>
#endif

namespace vt = vitrine;

namespace {

int failures = 0;

void check(bool holds, const std::string& what) {
    std::cout << (holds ? "passed: " : "FAILED: ") << what << "\n";
    if (!holds) ++failures;
}

std::uint64_t launches() {
#if VITRINE_HAS_SIMT
    return vt::kernels::simt::launch_count();
#else
    return 0;
#endif
}

}  // namespace

int main() {
    for (vt::Device device : vt::available_devices()) {
        const std::string on = std::string("cube on ") + vt::name(device);
        const vt::Tensor x = vt::tensor({{-2.0, 0.5, 3.0}, {1.0, 0.0, -1.5}}, {.dtype = vt::DType::f64, .device = device, .requires_grad = true});

        const auto before = launches();
        const vt::Tensor y = consumer::cube(x);
        check(y.to_vector<double>() == std::vector<double>{-8, 0.125, 27, 1, 0, -3.375}, on + ": x^3");
        if (device == vt::Device::simt) check(launches() == before + 1, on + ": one kernel was launched");

        const auto first = vt::gradcheck(consumer::cube, x);
        check(first.passed, on + ": gradcheck " + first.text);
        const auto second = vt::gradgradcheck(consumer::cube, x);
        check(second.passed, on + ": gradgradcheck " + second.text);
    }
    try {
        if (!vt::is_available(vt::Device::cuda)) vt::zeros({2}, {.device = vt::Device::cuda});
        check(vt::is_available(vt::Device::cuda), "cuda without a GPU is an error");
    } catch (const vt::Error& error) {
        const std::string text = error.what();
        const char* reason = VITRINE_HAS_CUDA ? "no NVIDIA GPU with a driver was found" : "is not in this build";
        check(text.find(reason) != std::string::npos, "the error says why cuda is missing: " + text);
    }
    try {
        consumer::cube(vt::Tensor());
        check(false, "an undefined tensor is an error");
    } catch (const vt::Error& error) {
        check(std::string(error.what()).find("own_op.cpp:") != std::string::npos, std::string("the error names this file: ") + error.what());
    }
    return failures == 0 ? 0 : 1;
}
