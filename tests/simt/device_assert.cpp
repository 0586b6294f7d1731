// assert() in kernels: one clear error, and the process goes on.
#undef NDEBUG
#include <cassert>
#include <string>

#include "device_array.h"

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/base/gpu.h"

using vitrine::kernels::launch;
using vitrine::kernels::Simt;

namespace asserting {

constexpr int first_line = __LINE__ + 2;
__global__ void before_a_barrier(const int* x) {
    assert(x[threadIdx.x] < 40);
    __syncthreads();
}

struct Destroyed {
    int* count;
    ~Destroyed() { atomicAdd(count, 1); }
};

constexpr int second_line = __LINE__ + 4;
__global__ void after_a_barrier(const int* x, int* count) {
    const Destroyed counts{count};
    __syncthreads();
    assert(x[threadIdx.x] != 37 && "37 is not allowed");
}

std::string error_of(void (*f)(const int*, int*), const int* x, int* count) {
    try {
        f(x, count);
    } catch (const vitrine::Error& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace asserting

using namespace asserting;

TEST_CASE("simt/device_assert: ends the launch with the thread's name, and the next one works") {
    std::vector<int> numbers(64);
    for (int i = 0; i < 64; ++i) numbers[static_cast<std::size_t>(i)] = i;
    DeviceArray<int> x(numbers), count(std::vector<int>{0});
    const std::vector<int> zeros(64, 0);
    DeviceArray<int> good(zeros);
    in_every_setting([&] {
        for (int turn = 0; turn < 2; ++turn) {
            const auto first = [](const int* values, int*) {
                launch<before_a_barrier>(Simt{}, {3, 64}, values);
            };
            const auto second = [](const int* values, int* destroyed) {
                launch<after_a_barrier>(Simt{}, {3, 64}, values, destroyed);
            };
            const std::string text = error_of(first, x.data(), nullptr);
            CHECK(text.find("kernel asserting::before_a_barrier, block (") == 0);
            CHECK(text.find(", assert at device_assert.cpp:" + std::to_string(first_line) +
                            ": x[threadIdx.x] < 40 is false") != std::string::npos);
            CHECK(error_of(second, x.data(), count.data())
                      .find("thread (37,0,0), assert at device_assert.cpp:" +
                            std::to_string(second_line) +
                            ": x[threadIdx.x] != 37 && \"37 is not allowed\" is false") !=
                  std::string::npos);
            CHECK(error_of(first, good.data(), nullptr) == "no error");
        }
    });
}
