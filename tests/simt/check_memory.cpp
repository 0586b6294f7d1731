// Kernels with planted mistakes in their use of memory, the exact report that each gets, and the
// same kernels where nothing is wrong. A line that a report names is marked by a constant.
#include "vitrine/config.h"

#if VITRINE_SIMT_CHECK

#include <string>
#include <vector>

#include "device_array.h"

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/base/gpu.h"

namespace kernels = vitrine::kernels;
using kernels::launch;
using kernels::Simt;

namespace planted {

constexpr int write_line = __LINE__ + 2;
__global__ void writes(float* x, int at) {
    x[static_cast<int>(threadIdx.x) + at] = 1;
}

constexpr int read_line = __LINE__ + 2;
__global__ void reads(const double* in, double* out, int at) {
    out[threadIdx.x] = in[static_cast<int>(threadIdx.x) + at];
}

struct Rows {
    float* data;
    int strides[2];
};
struct Pieces {
    Rows of[3];
    int count;
};
constexpr int struct_line = __LINE__ + 2;
__global__ void writes_in_struct(Pieces pieces, int which, int at) {
    pieces.of[which].data[at] = 2;
}

constexpr int helper_line = __LINE__ + 2;
__device__ inline float twice(const float* values, int at) {
    return 2 * values[at];
}
__global__ void reads_in_helper(const float* in, float* out, int at) {
    __syncthreads();
    out[threadIdx.x] = twice(in, at);
}

constexpr int tail_line = __LINE__ + 3;
__global__ void reads_a_tail(const unsigned char* bytes, unsigned* out, int at) {
    unsigned word;
    __builtin_memcpy(&word, bytes + at, sizeof word);
    out[0] = word;
}

constexpr int shared_line = __LINE__ + 6;
__global__ void reads_shared(float* out, bool of_other, int at) {
    __shared__ float part[8], other[8];
    part[threadIdx.x] = other[threadIdx.x] = 3;
    __syncthreads();
    const float* first = of_other ? other : part;
    out[threadIdx.x] = first[at];
}

constexpr int tile_line = __LINE__ + 5;
__global__ void reads_tile(float* out, int at) {
    __shared__ float tile[4][8];
    for (int i = 0; i < 4; ++i) tile[i][threadIdx.x] = 4;
    __syncthreads();
    out[threadIdx.x] = (&tile[0][0])[at];
}

constexpr int inner_line = __LINE__ + 5;
__global__ void reads_inner(float* out, int row, int column) {
    __shared__ float tile[4][8];
    for (int i = 0; i < 4; ++i) tile[i][threadIdx.x] = 5;
    __syncthreads();
    out[threadIdx.x] = tile[row][column];
}

constexpr int dynamic_line = __LINE__ + 3;
__global__ void writes_dynamic(int at) {
    VITRINE_DYNAMIC_SHARED(float, s);
    s[at] = 6;
}

constexpr int vector_line = __LINE__ + 2;
__global__ void reads_wide(const float* in, double* out, int at) {
    out[0] = *reinterpret_cast<const double*>(in + at);
}

constexpr int atomic_line = __LINE__ + 2;
__global__ void adds(int* counts, int at) {
    atomicAdd(&counts[at], 1);
}

__global__ void uses_its_own_memory(float* out, Pieces pieces, int at) {
    static constexpr float table[4] = {1, 2, 3, 4};
    float local[4];
    for (int i = 0; i < 4; ++i) local[i] = table[(i + at) % 4];
    float* p = &local[at % 4];
    __syncthreads();
    out[threadIdx.x] = *p + static_cast<float>(pieces.of[at % 3].strides[at % 2]);
}

constexpr int sum_line = __LINE__ + 2;
__global__ void adds_one(int* x) {
    x[threadIdx.x] = x[threadIdx.x] + 1;
}
constexpr int product_line = __LINE__ + 2;
__global__ void times_eight(long long* x) {
    x[threadIdx.x] = x[threadIdx.x] * 8;
}
constexpr int difference_line = __LINE__ + 2;
__global__ void minus(int* x, int y) {
    x[threadIdx.x] = x[threadIdx.x] - y;
}
constexpr int negation_line = __LINE__ + 2;
__global__ void negates(int* x) {
    x[threadIdx.x] = -x[threadIdx.x];
}
constexpr int division_line = __LINE__ + 2;
__global__ void divides(int* x, int by) {
    x[threadIdx.x] = x[threadIdx.x] / by;
}
constexpr int shift_line = __LINE__ + 2;
__global__ void shifts(unsigned* x, int by) {
    x[threadIdx.x] = x[threadIdx.x] << by;
}

// "kernel planted::NAME, block (0,0,0): "
std::string in(const std::string& kernel) {
    return "kernel planted::" + kernel + ", block (0,0,0): ";
}
std::string at(int line) { return " at check_memory.cpp:" + std::to_string(line) + ": "; }

}  // namespace planted

using namespace planted;

TEST_CASE("simt/check_memory: accesses outside of an allocation name parameter and index") {
    DeviceArray<float> x(16);
    DeviceArray<double> in_values(std::vector<double>(8, 1.5)), out(8);
    CHECK(error_of([&] { launch<writes>(Simt{}, {1, 16}, x.data(), 0); }) == "no error");
    CHECK(error_of([&] { launch<writes>(Simt{}, {1, 16}, x.data(), 5); }) ==
          in("writes") + "out of bounds: thread (11,0,0) writes 4 bytes" + at(write_line) +
              "x[16], 64 bytes into an allocation of 64");
    CHECK(error_of([&] { launch<writes>(Simt{}, {1, 1}, x.data(), 17); }) ==
          in("writes") + "out of bounds: thread (0,0,0) writes 4 bytes" + at(write_line) +
              "x[17], 68 bytes into an allocation of 64");
    CHECK(error_of([&] { launch<writes>(Simt{}, {1, 1}, x.data(), 1 << 25); }) ==
          in("writes") + "out of bounds: thread (0,0,0) writes 4 bytes" + at(write_line) +
              "x[33554432], 134217728 bytes into an allocation of 64");
    CHECK(error_of([&] { launch<writes>(Simt{}, {1, 1}, x.data(), 1 << 27); }) ==
          in("writes") + "out of bounds: thread (0,0,0) writes 4 bytes" + at(write_line) +
              "far from every allocation");
    const auto read = [&](int from) {
        return error_of([&] { launch<reads>(Simt{}, {1, 8}, in_values.data(), out.data(), from); });
    };
    CHECK(read(0) == "no error");
    CHECK(out.to_host() == std::vector<double>(8, 1.5));
    CHECK(read(-3) == in("reads") + "out of bounds: thread (0,0,0) reads 8 bytes" + at(read_line) +
                          "in[-3], 24 bytes before an allocation of 64");

    const Pieces pieces{{{x.data(), {1, 2}}, {nullptr, {3, 4}}, {x.data(), {5, 6}}}, 3};
    const auto write = [&](int which, int index) {
        return error_of([&] {
            launch<writes_in_struct>(Simt{}, {1, 1}, pieces, which, index);
        });
    };
    CHECK(write(0, 15) == "no error");
    CHECK(write(0, 40) == in("writes_in_struct") + "out of bounds: thread (0,0,0) writes 4 bytes" +
                              at(struct_line) +
                              "pieces.of[0].data[40], 160 bytes into an allocation of 64");
    CHECK(write(1, 0) == in("writes_in_struct") + "null pointer: thread (0,0,0) writes 4 bytes" +
                             at(struct_line) + "pieces.of[1].data is null");
}

TEST_CASE("simt/check_memory: the line of a function that the kernel calls, and a tail of bytes") {
    DeviceArray<float> x(std::vector<float>(16, 2)), y(16);
    const auto help = [&](int index) {
        return error_of([&] {
            launch<reads_in_helper>(Simt{}, {1, 16}, x.data(), y.data(), index);
        });
    };
    CHECK(help(15) == "no error");
    CHECK(y.to_host() == std::vector<float>(16, 4));
    CHECK(help(16) == in("reads_in_helper") + "out of bounds: thread (0,0,0) reads 4 bytes" +
                          at(helper_line) + "in[16], 64 bytes into an allocation of 64");

    DeviceArray<unsigned char> bytes(std::vector<unsigned char>(10, 1));
    DeviceArray<unsigned> word(1);
    const auto tail = [&](int index) {
        return error_of([&] {
            launch<reads_a_tail>(Simt{}, {1, 1}, bytes.data(), word.data(), index);
        });
    };
    CHECK(tail(6) == "no error");
    CHECK(tail(8) == in("reads_a_tail") + "out of bounds: thread (0,0,0) reads 4 bytes" +
                         at(tail_line) + "bytes[8], 8 bytes into an allocation of 10");
}

TEST_CASE("simt/check_memory: accesses outside of shared arrays") {
    DeviceArray<float> x(std::vector<float>(8, 0));
    const auto part = [&](int index) {
        return error_of([&] { launch<reads_shared>(Simt{}, {1, 8}, x.data(), false, index); });
    };
    CHECK(part(7) == "no error");
    CHECK(part(8) == in("reads_shared") + "out of bounds: thread (0,0,0) reads 4 bytes" +
                         at(shared_line) + "part[8], 32 bytes into an array of 32");
    CHECK(part(-1) == in("reads_shared") + "out of bounds: thread (0,0,0) reads 4 bytes" +
                          at(shared_line) + "part[-1], 4 bytes before an array of 32");

    const auto tile = [&](int index) {
        return error_of([&] { launch<reads_tile>(Simt{}, {1, 8}, x.data(), index); });
    };
    CHECK(tile(31) == "no error");
    CHECK(tile(33) == in("reads_tile") + "out of bounds: thread (0,0,0) reads 4 bytes" +
                          at(tile_line) + "tile[4][1], 132 bytes into an array of 128");
    CHECK(tile(-1) == in("reads_tile") + "out of bounds: thread (0,0,0) reads 4 bytes" +
                          at(tile_line) + "tile[-1][7], 4 bytes before an array of 128");

    const auto inner = [&](int row, int column) {
        return error_of([&] { launch<reads_inner>(Simt{}, {1, 8}, x.data(), row, column); });
    };
    CHECK(inner(3, 7) == "no error");
    CHECK(inner(1, 8) == in("reads_inner") + "out of bounds: thread (0,0,0)" + at(inner_line) +
                             "index 8 into float[8]");
    CHECK(inner(4, 0) == in("reads_inner") + "out of bounds: thread (0,0,0)" + at(inner_line) +
                             "index 4 into float[4][8]");

    const auto dynamic = [](std::size_t bytes, int index) {
        return error_of([=] { launch<writes_dynamic>(Simt{}, {1, 1, bytes}, index); });
    };
    CHECK(dynamic(32, 7) == "no error");
    CHECK(dynamic(32, 8) == in("writes_dynamic") + "out of bounds: thread (0,0,0) writes 4 bytes" +
                                at(dynamic_line) +
                                "byte 32 of dynamic shared memory, 32 bytes into an array of 32");
    CHECK(dynamic(0, 2) == in("writes_dynamic") + "null pointer: thread (0,0,0) writes 4 bytes" +
                               at(dynamic_line) + "address 0x8");
}

TEST_CASE("simt/check_memory: memory of the host and released memory given to a kernel") {
    DeviceArray<double> out(8);
    std::vector<double> host(8, 1);
    double local[8] = {};
    static double variable[8] = {};
    for (const double* values : std::vector<const double*>{host.data(), local, variable})
        CHECK(error_of([&] { launch<reads>(Simt{}, {1, 8}, values, out.data(), 0); }) ==
              in("reads") + "host memory: thread (0,0,0) reads 8 bytes" + at(read_line) +
                  "in points to memory of the host");
    CHECK(error_of([&] { launch<reads>(Simt{}, {1, 8}, nullptr, out.data(), 2); }) ==
          in("reads") + "null pointer: thread (0,0,0) reads 8 bytes" + at(read_line) +
              "in is null");

    auto* gone = static_cast<double*>(simt::allocate(64));
    simt::release(gone);
    DeviceArray<double> next(8);  // does not get the same place
    CHECK(error_of([&] { launch<reads>(Simt{}, {1, 8}, gone, out.data(), 2); }) ==
          in("reads") + "use after free: thread (0,0,0) reads 8 bytes" + at(read_line) +
              "in[2], released before");
    CHECK(error_of([&] { simt::copy(local, gone, 8); }) ==
          "simt: copy from device memory: the device memory was released before");
    CHECK(error_of([&] { simt::copy(out.data() + 1, local, 64); }) ==
          "simt: copy to device memory: bytes 8 to 71 of an allocation of 64");
    CHECK(error_of([&] { simt::fill(out.data(), 0, 65); }) ==
          "simt: fill: bytes 0 to 64 of an allocation of 64");
}

TEST_CASE("simt/check_memory: misaligned accesses") {
    DeviceArray<float> x(std::vector<float>(16, 1));
    DeviceArray<double> y(1);
    const auto read = [&](int index) {
        return error_of([&] { launch<reads_wide>(Simt{}, {1, 1}, x.data(), y.data(), index); });
    };
    CHECK(read(2) == "no error");
    CHECK(read(3) == in("reads_wide") + "misaligned: thread (0,0,0)" + at(vector_line) +
                         "in[3] is no multiple of 8 bytes");
}

TEST_CASE("simt/check_memory: atomics name their operation") {
    DeviceArray<int> counts(std::vector<int>(4, 0));
    const auto add = [&](int index) {
        return error_of([&] { launch<adds>(Simt{}, {1, 1}, counts.data(), index); });
    };
    CHECK(add(3) == "no error");
    CHECK(add(4) == in("adds") + "out of bounds: thread (0,0,0) updates 4 bytes by atomicAdd" +
                        at(atomic_line) + "counts[4], 16 bytes into an allocation of 16");
}

TEST_CASE("simt/check_memory: a thread's own variables, parameters and constants are its own") {
    DeviceArray<float> out(8);
    const Pieces pieces{{{nullptr, {1, 2}}, {nullptr, {3, 4}}, {nullptr, {5, 6}}}, 3};
    in_every_setting([&] {
        launch<uses_its_own_memory>(Simt{}, {2, 8}, out.data(), pieces, 2);
        CHECK(out.to_host() == std::vector<float>(8, 6));
    });
}

TEST_CASE("simt/check_memory: arithmetic without a meaning") {
    DeviceArray<int> x(std::vector<int>{1, 2147483647, -2147483647 - 1});
    CHECK(error_of([&] { launch<adds_one>(Simt{}, {1, 1}, x.data()); }) == "no error");
    CHECK(x.to_host()[0] == 2);
    CHECK(error_of([&] { launch<adds_one>(Simt{}, {1, 3}, x.data()); }) ==
          in("adds_one") + "signed integer overflow: thread (1,0,0)" + at(sum_line) +
              "2147483647 + 1 does not fit into 32 bits with sign");
    CHECK(error_of([&] { launch<minus>(Simt{}, {1, 1}, x.data() + 2, 5); }) ==
          in("minus") + "signed integer overflow: thread (0,0,0)" + at(difference_line) +
              "-2147483648 - 5 does not fit into 32 bits with sign");
    CHECK(error_of([&] { launch<negates>(Simt{}, {1, 1}, x.data() + 2); }) ==
          in("negates") + "signed integer overflow: thread (0,0,0)" + at(negation_line) +
              "-(-2147483648) does not fit into 32 bits with sign");
    CHECK(error_of([&] { launch<divides>(Simt{}, {1, 1}, x.data() + 2, -1); }) ==
          in("divides") + "signed integer overflow: thread (0,0,0)" + at(division_line) +
              "-2147483648 / -1 does not fit into 32 bits with sign");
    CHECK(error_of([&] { launch<divides>(Simt{}, {1, 1}, x.data() + 2, 0); }) ==
          in("divides") + "division by zero: thread (0,0,0)" + at(division_line) +
              "-2147483648 / 0");
    DeviceArray<long long> wide(std::vector<long long>{-(1ll << 61)});
    CHECK(error_of([&] { launch<times_eight>(Simt{}, {1, 1}, wide.data()); }) ==
          in("times_eight") + "signed integer overflow: thread (0,0,0)" + at(product_line) +
              "-2305843009213693952 * 8 does not fit into 64 bits with sign");
    DeviceArray<unsigned> bits(std::vector<unsigned>{1});
    CHECK(error_of([&] { launch<shifts>(Simt{}, {1, 1}, bits.data(), 31); }) == "no error");
    CHECK(error_of([&] { launch<shifts>(Simt{}, {1, 1}, bits.data(), 32); }) ==
          in("shifts") + "shift: thread (0,0,0)" + at(shift_line) +
              "2147483648 of 32 bits shifted by 32");
}

TEST_CASE("simt/check_memory: after a report the next launch works, in every order") {
    DeviceArray<float> x(std::vector<float>(8, 0));
    in_every_setting([&] {
        CHECK(error_of([&] { launch<reads_shared>(Simt{}, {4, 8}, x.data(), true, 8); }) !=
              "no error");
        launch<reads_shared>(Simt{}, {1, 8}, x.data(), true, 2);
        CHECK(x.to_host() == std::vector<float>(8, 3));
    });
}

#endif
