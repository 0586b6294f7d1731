// Device memory, and what AddressSanitizer reports about kernels and device memory.
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "device_array.h"

#include "vitrine/kernels/base/gpu.h"
#include "vitrine/kernels/simt/sanitizer.h"

namespace kernels = vitrine::kernels;
using kernels::launch;
using kernels::Simt;

TEST_CASE("simt/memory: allocations are aligned and start as 0xff") {
    for (const std::size_t bytes : {1u, 255u, 256u, 257u, 100003u}) {
        DeviceArray<unsigned char> x(bytes);
        CHECK(reinterpret_cast<std::uintptr_t>(x.data()) % 256 == 0);
        CHECK(x.to_host() == std::vector<unsigned char>(bytes, 0xff));
    }
    CHECK(simt::allocate(0) == nullptr);
    simt::release(nullptr);
}

TEST_CASE("simt/memory: copies and fills") {
    DeviceArray<int> x(std::vector<int>{1, 2, 3, 4, 5}), y(5);
    simt::copy(y.data() + 1, x.data(), 3 * sizeof(int));
    CHECK(y.to_host() == std::vector<int>{-1, 1, 2, 3, -1});
    simt::fill(y.data(), 0, 2 * sizeof(int));
    CHECK(y.to_host() == std::vector<int>{0, 0, 2, 3, -1});
    simt::copy(nullptr, nullptr, 0);
    simt::fill(nullptr, 0, 0);
}

TEST_CASE("simt/memory: more than there is gives nullptr") {
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
    CHECK(simt::allocate(most) == nullptr);
#if !VITRINE_SIMT_ASAN && !VITRINE_SIMT_TSAN  // which end the program when asked for that much
    CHECK(simt::allocate(most / 4) == nullptr);
#endif
}

#if VITRINE_SIMT_ASAN

namespace {

__global__ void write_shared_kernel(int* out, unsigned at) {
    __shared__ int s[8];
    s[at] = 1;
    __syncthreads();
    out[0] = s[0];
}
__global__ void write_dynamic_kernel(unsigned at) {
    VITRINE_DYNAMIC_SHARED(int, s);
    s[at] = 1;
}
__global__ void write_global_kernel(int* out, unsigned n) {
    __syncthreads();
    if (threadIdx.x <= n) out[threadIdx.x] = 1;
}

// What the sanitizer prints when `f` runs in a process of its own, "" when it ends well.
template <class F>
std::string report_of(F f) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        dup2(ends[1], 2);
        f();
        _exit(0);
    }
    close(ends[1]);
    std::string text;
    char part[4096];
    for (ssize_t got; (got = read(ends[0], part, sizeof part)) > 0;)
        text.append(part, static_cast<std::size_t>(got));
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "" : text;
}

bool names(const std::string& report, const std::string& what) {
    return report.find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("simt/memory: host code that touches device memory is reported") {
    DeviceArray<int> x(std::vector<int>{1, 2, 3});
    volatile int* p = x.data();
    CHECK(names(report_of([p] { (void)p[1]; }), "use-after-poison"));
    CHECK(names(report_of([p] { p[1] = 2; }), "use-after-poison"));
    launch<write_global_kernel>(Simt{}, {1, 3}, x.data(), 2u);
    CHECK(names(report_of([p] { (void)p[1]; }), "use-after-poison"));
    CHECK(x.to_host() == std::vector<int>{1, 1, 1});
    CHECK(report_of([] {}) == "");
}

TEST_CASE("simt/memory: a kernel's writes out of bounds are reported, with its line") {
    DeviceArray<int> x(8);
    CHECK(report_of([&] { launch<write_shared_kernel>(Simt{}, {1, 1}, x.data(), 7u); }) == "");
    const std::string shared = report_of([&] {
        launch<write_shared_kernel>(Simt{}, {1, 1}, x.data(), 8u);
    });
    CHECK((names(shared, "global-buffer-overflow") || names(shared, "out of bounds")));
    CHECK(names(shared, "memory.cpp"));

    CHECK(report_of([] { launch<write_dynamic_kernel>(Simt{}, {1, 1, 32}, 7u); }) == "");
    CHECK(names(report_of([] {
                    launch<write_dynamic_kernel>(Simt{}, {1, 1, 32}, 8u);
                }),
                "use-after-poison"));

    CHECK(report_of([&] { launch<write_global_kernel>(Simt{}, {1, 64}, x.data(), 7u); }) == "");
    const std::string global = report_of([&] {
        launch<write_global_kernel>(Simt{}, {1, 64}, x.data(), 8u);
    });
    CHECK(names(global, "write_global_kernel"));
}

#endif
