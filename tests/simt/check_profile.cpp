// The profile on kernels whose costs are known: exact numbers of requests, sectors and passes.
#include "vitrine/config.h"

#if VITRINE_SIMT_CHECK

#include <fstream>
#include <iterator>
#include <string>

#include "device_array.h"
#include "transpose.h"

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/base/gpu.h"
#include "vitrine/kernels/simt/check/occupancy.h"
#include "vitrine/kernels/simt/check/profile.h"

namespace kernels = vitrine::kernels;
using kernels::launch;
using kernels::Simt;
using namespace vitrine::kernels::simt;

namespace check_profile {

// grid    one block
// block   32 x 32 threads; each takes one element in and out of the tile
constexpr int tile_line = __LINE__ + 5;
template <int columns>
__global__ void tile_kernel(float* y) {
    __shared__ float tile[32][columns];
    const unsigned row = threadIdx.y, column = threadIdx.x;
    tile[row][column] = static_cast<float>(row);
    __syncthreads();
    y[row * 32 + column] = tile[column][row];
}

// block   64 threads; thread t reads x[t * stride + begin]
constexpr int strided_line = __LINE__ + 4;
template <class T>
__global__ void strided_kernel(const T* x, T* y, unsigned stride, unsigned begin) {
    const unsigned t = threadIdx.x;
    const T value = x[t * stride + begin];
    y[t] = value;
}

// block   32 threads, of which half take the branch
constexpr int branch_line = __LINE__ + 4;
__global__ void branch_kernel(float* y) {
    const unsigned t = threadIdx.x;
    if (t % 2 == 0)
        y[t] = 1;
}

// block   32 threads; thread t counts t % places
constexpr int count_line = __LINE__ + 6;
__global__ void count_kernel(int* counts, unsigned places) {
    __shared__ int own[32];
    const unsigned t = threadIdx.x;
    own[t] = 0;
    __syncthreads();
    atomicAdd(&own[t % places], 1);
    atomicAdd(&counts[t % places], 1);
}

// block   32 threads; thread t reads t + 1 elements
constexpr int triangle_line = __LINE__ + 4;
__global__ void triangle_kernel(const float* x, float* y) {
    const unsigned t = threadIdx.x;
    float sum = 0;
    for (unsigned i = 0; i <= t; ++i) sum += x[i];
    y[t] = sum;
}

// block   32 threads, which all read one place
constexpr int volatile_line = __LINE__ + 2;
__global__ void volatile_kernel(const volatile float* x, float* y) {
    y[threadIdx.x] = *x;
}

// block   64 threads; the halves of a warp go different ways, without a memory access on either
constexpr int apart_line = __LINE__ + 6;
__global__ void apart_kernel(float* y) {
    const unsigned t = threadIdx.x;
    float value = static_cast<float>(t);
    if (t % 2) {
        for (unsigned i = 0; i < 5; ++i)
            value = value * 1.5f + 1;
    }
    y[t] = value;
}

// block   64 threads; thread t turns t % 32 times
constexpr int turns_line = __LINE__ + 5;
__global__ void turns_kernel(float* y) {
    const unsigned t = threadIdx.x;
    float value = static_cast<float>(t);
    for (unsigned i = 0; i < t % 32; ++i)
        value = value * 1.5f + 1;
    y[t] = value;
}

// block   64 threads; whole warps go different ways
__global__ void uniform_kernel(float* y) {
    const unsigned t = threadIdx.x;
    float value = static_cast<float>(t);
    if (t / 32) {
        for (unsigned i = 0; i < 5; ++i)
            value = value * 1.5f + 1;
    }
    y[t] = value;
}

template <class T>
__global__ void wide_kernel(T* y) {
    __shared__ T s[32];
    const unsigned t = threadIdx.x;
    s[t] = y[t];
    __syncthreads();
    y[t] = s[t];
}

class Profiled {
public:
    Profiled() {
        clear_profile();
        set_profiling(true);
    }
    ~Profiled() {
        set_profiling(false);
        clear_profile();
    }
};

/// "read shared: 32 requests, 1024 passes, ideal 32, lanes 1024" of a line.
std::string line_of(const std::string& file_line, const std::string& access, const std::string& memory) {
    for (const ProfileKernel& kernel : profile())
        for (const ProfileLine& line : kernel.lines)
            if (line.place.starts_with(file_line) && line.access == access && line.memory == memory)
                return vitrine::join(line.requests, " requests cost ", line.cost, ", ideal ", line.ideal, ", lanes ", line.lanes);
    return "nothing";
}

/// "5 times, 5 in part, 80 lanes, 80 idle" of a line where warps came apart.
std::string apart_at(const std::string& file_line) {
    for (const ProfileKernel& kernel : profile())
        for (const ProfileBranch& branch : kernel.branches)
            if (branch.place == file_line)
                return vitrine::join(branch.times, " times, ", branch.in_part, " in part, ", branch.lanes, " lanes, ", branch.idle, " idle");
    return "together";
}

std::string at(int line) { return vitrine::join("check_profile.cpp:", line); }

}  // namespace check_profile

using namespace check_profile;

TEST_CASE("simt/check_profile: a column of tile[32][32] has 32 conflicts, of tile[32][33] none") {
    DeviceArray<float> y(1024);
    {
        const Profiled profiled;
        launch<tile_kernel<32>>(Simt{}, {1, dim3(32, 32), 0}, y.data());
        CHECK(line_of(at(tile_line), "write", "shared") == "32 requests cost 32, ideal 32, lanes 1024");
        CHECK(line_of(at(tile_line + 2), "read", "shared") == "32 requests cost 1024, ideal 32, lanes 1024");
        CHECK(line_of(at(tile_line + 2), "write", "global") == "32 requests cost 128, ideal 128, lanes 1024");
        const ProfileKernel kernel = profile().at(0);
        CHECK(kernel.shared_bytes == 4096);
        CHECK(kernel.barriers == 1);
        CHECK(kernel.block_threads == 1024);
    }
    const Profiled profiled;
    launch<tile_kernel<33>>(Simt{}, {1, dim3(32, 32), 0}, y.data());
    CHECK(line_of(at(tile_line), "write", "shared") == "32 requests cost 32, ideal 32, lanes 1024");
    CHECK(line_of(at(tile_line + 2), "read", "shared") == "32 requests cost 32, ideal 32, lanes 1024");
}

TEST_CASE("simt/check_profile: sectors of strided, shifted, broadcast and wide loads") {
    DeviceArray<float> x(std::vector<float>(4096, 1)), y(64);
    const auto cost = [&](unsigned stride, unsigned begin) {
        const Profiled profiled;
        launch<strided_kernel<float>>(Simt{}, {1, 64, 0}, x.data(), y.data(), stride, begin);
        return line_of(at(strided_line), "read", "global");
    };
    CHECK(cost(1, 0) == "2 requests cost 8, ideal 8, lanes 64");
    CHECK(cost(1, 1) == "2 requests cost 10, ideal 8, lanes 64");
    CHECK(cost(2, 0) == "2 requests cost 16, ideal 8, lanes 64");
    CHECK(cost(8, 0) == "2 requests cost 64, ideal 8, lanes 64");
    CHECK(cost(33, 0) == "2 requests cost 64, ideal 8, lanes 64");
    CHECK(cost(0, 7) == "2 requests cost 2, ideal 2, lanes 64");

    DeviceArray<float4> wide(std::vector<float4>(64, float4{1, 2, 3, 4})), out(64);
    const Profiled profiled;
    launch<strided_kernel<float4>>(Simt{}, {1, 64, 0}, wide.data(), out.data(), 1u, 0u);
    CHECK(line_of(at(strided_line), "read", "global") == "2 requests cost 32, ideal 32, lanes 64");
    CHECK(line_of(at(strided_line + 1), "write", "global") == "2 requests cost 32, ideal 32, lanes 64");
}

TEST_CASE("simt/check_profile: shared elements of 8 and 16 bytes take two and four passes, which is ideal") {
    const auto cost = [&]<class T>(T) {
        DeviceArray<T> y(std::vector<T>(32));
        const Profiled profiled;
        launch<wide_kernel<T>>(Simt{}, {1, 32, 0}, y.data());
        for (const ProfileLine& line : profile().at(0).lines)
            if (line.memory == std::string("shared") && line.access == std::string("read"))
                return vitrine::join(line.requests, " cost ", line.cost, ", ideal ", line.ideal);
        return std::string();
    };
    CHECK(cost(float{}) == "1 cost 1, ideal 1");
    CHECK(cost(double{}) == "1 cost 2, ideal 2");
    CHECK(cost(float4{}) == "1 cost 4, ideal 4");
}

TEST_CASE("simt/check_profile: atomics on one place wait for each other") {
    const auto cost = [&](unsigned places, const char* memory) {
        DeviceArray<int> counts(std::vector<int>(32));
        const Profiled profiled;
        launch<count_kernel>(Simt{}, {1, 32, 0}, counts.data(), places);
        return line_of(at(count_line + (memory == std::string("global"))), "atomic", memory);
    };
    CHECK(cost(32, "shared") == "1 requests cost 1, ideal 1, lanes 32");
    CHECK(cost(1, "shared") == "1 requests cost 32, ideal 1, lanes 32");
    CHECK(cost(8, "shared") == "1 requests cost 4, ideal 1, lanes 32");
    CHECK(cost(32, "global") == "1 requests cost 4, ideal 4, lanes 32");
    CHECK(cost(1, "global") == "1 requests cost 32, ideal 1, lanes 32");
    CHECK(cost(8, "global") == "1 requests cost 4, ideal 1, lanes 32");
}

TEST_CASE("simt/check_profile: a volatile read of one place is one sector") {
    DeviceArray<float> x(std::vector<float>(1, 1)), y(32);
    const Profiled profiled;
    launch<volatile_kernel>(Simt{}, {1, 32, 0}, x.data(), y.data());
    CHECK(line_of(at(volatile_line), "read", "global") == "1 requests cost 1, ideal 1, lanes 32");
}

TEST_CASE("simt/check_profile: lanes that branch off are missing from the request") {
    DeviceArray<float> x(std::vector<float>(32, 1)), y(32);
    const Profiled profiled;
    launch<branch_kernel>(Simt{}, {1, 32, 0}, y.data());
    CHECK(line_of(at(branch_line), "write", "global") == "1 requests cost 4, ideal 2, lanes 16");
    launch<triangle_kernel>(Simt{}, {1, 32, 0}, x.data(), y.data());
    CHECK(line_of(at(triangle_line), "read", "global") == "32 requests cost 32, ideal 32, lanes 528");
    CHECK(line_of(at(triangle_line + 1), "write", "global") == "1 requests cost 4, ideal 4, lanes 32");
}

TEST_CASE("simt/check_profile: branches that part a warp, without a memory access on them") {
    DeviceArray<float> y(64);
    {
        const Profiled profiled;
        launch<apart_kernel>(Simt{}, {1, 64, 0}, y.data());
        // Two warps, each five times with every second lane.
        CHECK(apart_at(at(apart_line)) == "10 times, 10 in part, 160 lanes, 160 idle");
        CHECK(apart_at(at(apart_line + 2)) == "together");
        CHECK(profile_table(profile()).find("warps apart") != std::string::npos);
        CHECK(profile_json(profile()).find("\"times\": 10, \"in_part\": 10, \"lanes\": 160, \"idle\": 160}") != std::string::npos);
    }
    {
        const Profiled profiled;
        launch<turns_kernel>(Simt{}, {1, 64, 0}, y.data());
        // Of 31 turns the k-th has 32 - k lanes: 31 * 32 / 2 lanes a warp.
        CHECK(apart_at(at(turns_line)) == "62 times, 62 in part, 992 lanes, 992 idle");
        CHECK(apart_at(at(turns_line + 1)) == "together");
    }
    const Profiled profiled;
    launch<uniform_kernel>(Simt{}, {1, 64, 0}, y.data());
    CHECK(profile().at(0).branches.empty());
}

TEST_CASE("simt/check_profile: the table that the page shows") {
    DeviceArray<float> x(std::vector<float>(1024, 1)), y(1024);
    std::ifstream file(VITRINE_SOURCE_DIR "/docs/profile.md");
    const std::string page((std::istreambuf_iterator<char>(file)), {});
    const Profiled profiled;
    launch<transpose<32>>(Simt{}, {1, dim3(32, 32), 0}, x.data(), y.data());
    launch<transpose<33>>(Simt{}, {1, dim3(32, 32), 0}, x.data(), y.data());
    const std::string table = profile_table(profile());
    CHECK_MESSAGE(page.find("\n```\n" + table + "```\n") != std::string::npos, table);
}

TEST_CASE("simt/check_profile: what limits the blocks of a multiprocessor") {
    const auto limit = [](unsigned threads, std::size_t shared) {
        std::string text;
        for (const Multiprocessor& m : multiprocessors) {
            const Occupancy o = occupancy(m, threads, shared);
            text += vitrine::join(m.name, " ", o.blocks, " ", o.threads, " ", o.limit, "; ");
        }
        return text;
    };
    CHECK(limit(256, 0) == "sm_80 8 2048 threads; sm_90 8 2048 threads; ");
    CHECK(limit(33, 0) == "sm_80 32 2048 threads; sm_90 32 2048 threads; ");
    CHECK(limit(32, 0) == "sm_80 32 1024 blocks; sm_90 32 1024 blocks; ");
    CHECK(limit(128, 32768) == "sm_80 4 512 shared memory; sm_90 6 768 shared memory; ");
    CHECK(limit(768, 0) == "sm_80 2 1536 threads; sm_90 2 1536 threads; ");
}

TEST_CASE("simt/check_profile: as a table and as JSON") {
    DeviceArray<float> y(1024);
    const Profiled profiled;
    launch<tile_kernel<32>>(Simt{}, {1, dim3(32, 32), 0}, y.data());
    const std::string read = at(tile_line + 2), write = at(tile_line);
    CHECK(profile_table(profile()) ==
          "check_profile::tile_kernel<32>: 1 launches, 1 blocks of 1024 threads, 1 barriers, 4096 bytes of shared memory\n"
          "  sm_80: at most 2 blocks, 2048 of 2048 threads; the limit is threads\n"
          "  sm_90: at most 2 blocks, 2048 of 2048 threads; the limit is threads\n"
          "  line                  access         requests    cost   ideal  lanes\n"
          "  " + read + "  read   shared        32   32.00    1.00   32.0\n"
          "  " + write + "  write  shared        32    1.00    1.00   32.0\n"
          "  " + read + "  write  global        32    4.00    4.00   32.0\n");
    CHECK(profile_json(profile()) ==
          "[\n  {\"kernel\": \"check_profile::tile_kernel<32>\", \"launches\": 1, \"blocks\": 1, \"block_threads\": 1024, "
          "\"barriers\": 1, \"shared_bytes\": 4096,\n   \"occupancy\": ["
          "{\"on\": \"sm_80\", \"blocks\": 2, \"threads\": 2048, \"limit\": \"threads\"}, "
          "{\"on\": \"sm_90\", \"blocks\": 2, \"threads\": 2048, \"limit\": \"threads\"}],\n   \"lines\": [\n"
          "    {\"line\": \"" + read + "\", \"access\": \"read\", \"memory\": \"shared\", \"requests\": 32, \"cost\": 1024, \"ideal\": 32, \"lanes\": 1024},\n"
          "    {\"line\": \"" + write + "\", \"access\": \"write\", \"memory\": \"shared\", \"requests\": 32, \"cost\": 32, \"ideal\": 32, \"lanes\": 1024},\n"
          "    {\"line\": \"" + read + "\", \"access\": \"write\", \"memory\": \"global\", \"requests\": 32, \"cost\": 128, \"ideal\": 128, \"lanes\": 1024}],\n   \"branches\": []}\n]\n");
}

#endif
