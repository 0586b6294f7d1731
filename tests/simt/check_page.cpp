// The kernels of docs/checker.md. What the page shows of the checker's reports is what it says.
#include "vitrine/config.h"

#if VITRINE_SIMT_CHECK

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "device_array.h"

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/base/gpu.h"

using vitrine::kernels::launch;
using vitrine::kernels::Simt;

namespace page {

__global__ void turn_round(const float* x, float* y) {
    __shared__ float part[64];
    part[threadIdx.x] = x[threadIdx.x];
    y[threadIdx.x] = part[63 - threadIdx.x];  // not all have written yet
}

__global__ void sum_of_all(const float* x, float* partial, unsigned* done, float* sum) {
    partial[blockIdx.x] = x[blockIdx.x];
    if (atomicAdd(done, 1u) == gridDim.x - 1)  // a __threadfence() before this is missing
        for (unsigned b = 0; b < gridDim.x; ++b) *sum += partial[b];
}

__global__ void skip_atomic(const int* x, int* greatest) {
    if (*greatest < x[threadIdx.x]) atomicMax(greatest, x[threadIdx.x]);
}

__global__ void first_of_part(float* y) {
    __shared__ float part[32];
    if (threadIdx.x > 0) part[threadIdx.x] = 1;
    __syncthreads();
    y[threadIdx.x] = part[0];
}

__global__ void shift(const float* x, float* y) { y[threadIdx.x] = x[threadIdx.x + 1]; }

std::string text_of_page() {
    std::ifstream file(VITRINE_SOURCE_DIR "/docs/checker.md");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace page

using namespace page;

TEST_CASE("simt/check_page: docs/checker.md shows the reports of its kernels") {
    DeviceArray<float> x(std::vector<float>(64, 1)), y(64), sum(std::vector<float>{0});
    DeviceArray<unsigned> done(std::vector<unsigned>{0});
    DeviceArray<int> numbers(std::vector<int>(64, 1)), greatest(std::vector<int>{0});
    const std::string reports[] = {
        error_of([&] {
            launch<turn_round>(Simt{}, {1, 64}, x.data(), y.data());
        }),
        error_of([&] {
            launch<sum_of_all>(Simt{}, {4, 1}, x.data(), y.data(), done.data(), sum.data());
        }),
        error_of([&] {
            launch<skip_atomic>(Simt{}, {1, 64}, numbers.data(), greatest.data());
        }),
        error_of([&] {
            launch<first_of_part>(Simt{}, {1, 32}, y.data());
        }),
        error_of([&] {
            launch<shift>(Simt{}, {1, 64}, x.data(), y.data());
        }),
    };
    const std::string text = text_of_page();
    for (const std::string& report : reports) {
        CAPTURE(report);
        CHECK(report.find("kernel page::") == 0);
        CHECK(text.find("\n" + report + "\n") != std::string::npos);
    }
}

#endif
