// Cooperative launches, whose blocks wait for each other, and groups of threads.
#include <cmath>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <string>

#include "device_array.h"
#include "language.h"

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/base/gpu.h"
#include "vitrine/kernels/base/gpu_groups.h"

namespace kernels = vitrine::kernels;
namespace groups = cooperative_groups;
using kernels::launch;
using kernels::Simt;

namespace coop {

constexpr int sync_line = __LINE__ + 3;
__global__ void block_that_returns(unsigned which) {
    if (blockIdx.x == which) return;
    groups::this_grid().sync();
}

__global__ void block_that_throws(unsigned which) {
    groups::this_grid().sync();
    if (blockIdx.x == which && threadIdx.x == 3) throw std::out_of_range("thrown by a block");
    groups::this_grid().sync();
}

constexpr int branch_line = __LINE__ + 3;
__global__ void sync_in_branch() {
    if (threadIdx.x < 32)
        groups::this_grid().sync();
    else
        __syncthreads();
}

__global__ void says_whether_cooperative(int* out) { out[0] = groups::this_grid().is_valid(); }

std::string here(int line) { return " at cooperative.cpp:" + std::to_string(line); }

}  // namespace coop

using namespace coop;

TEST_CASE("simt/cooperative: a barrier of the grid, and each block's own shared memory") {
    for (const int blocks : {1, 2, 7})
        for (const int threads : {1, 33, 64}) {
            CAPTURE(blocks);
            CAPTURE(threads);
            in_every_setting([&] {
                const int n = 1000;
                std::vector<float> x(static_cast<std::size_t>(n));
                for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 7);
                const float sum = std::accumulate(x.begin(), x.end(), 0.0f);
                DeviceArray<float> in(x), part(static_cast<std::size_t>(blocks)), out(x.size());
                kernels::test_grid_sync(Simt{}, in.data(), part.data(), out.data(), n, 3, blocks,
                                        threads);
                const std::vector<float> y = out.to_host();
                for (std::size_t i = 0; i < x.size(); ++i) REQUIRE(y[i] == x[i] / sum);
            });
        }
}

TEST_CASE("simt/cooperative: blocks that wait for each other in loops") {
    in_every_setting([] {
        DeviceArray<unsigned> turn(std::vector<unsigned>{0}), order(9);
        kernels::test_chain_of_blocks(Simt{}, turn.data(), order.data(), 9, true);
        CHECK(order.to_host() == std::vector<unsigned>{8, 7, 6, 5, 4, 3, 2, 1, 0});
    });
}

#if VITRINE_SIMT_CHECK
TEST_CASE("simt/cooperative: under the checker such blocks need no cooperative launch") {
    in_every_setting([] {
        DeviceArray<unsigned> turn(std::vector<unsigned>{0}), order(100);
        kernels::test_chain_of_blocks(Simt{}, turn.data(), order.data(), 100, false);
        std::vector<unsigned> want(100);
        for (unsigned i = 0; i < 100; ++i) want[i] = 99 - i;
        CHECK(order.to_host() == want);
    });
}
#endif

TEST_CASE("simt/cooperative: what goes wrong ends the launch, and the next one works") {
    in_every_setting([] {
        for (int turn = 0; turn < 2; ++turn) {
            CHECK(error_of([] { launch<block_that_returns>(Simt{}, {4, 64, 0, true}, 2u); }) ==
                  "kernel coop::block_that_returns: some blocks have returned, so that the others "
                  "wait for ever"
                  "\n  3 blocks in grid_group::sync" + here(sync_line) + ": (0,0,0) (1,0,0) (3,0,0)"
                  "\n  1 block returned from the kernel: (2,0,0)");
            CHECK_THROWS_AS((launch<block_that_throws>(Simt{}, {4, 64, 0, true}, 2u)),
                            std::out_of_range);
            CHECK(error_of([] { launch<block_that_throws>(Simt{}, {4, 64, 0, true}, 9u); }) ==
                  "no error");
        }
    });
    CHECK(error_of([] { launch<sync_in_branch>(Simt{}, {2, 64, 0, true}); }) ==
          "kernel coop::sync_in_branch, block (0,0,0): threads wait in different barriers: "
          "thread (32,0,0) in __syncthreads" + here(branch_line + 2) + ", others in grid_group::sync" +
          here(branch_line) +
          "\n  32 threads in grid_group::sync" + here(branch_line) + ": (0,0,0)..(31,0,0)"
          "\n  1 thread in __syncthreads" + here(branch_line + 2) + ": (32,0,0)"
          "\n  31 threads can go on: (33,0,0)..(63,0,0)");
}

TEST_CASE("simt/cooperative: launches that are not, or are too large") {
    CHECK(error_of([] { launch<block_that_returns>(Simt{}, {4, 64}, 2u); }) ==
          "kernel coop::block_that_returns, block (0,0,0): thread (0,0,0), grid_group::sync" +
              here(sync_line) + ": the launch is not cooperative");
    CHECK(error_of([] { launch<block_that_returns>(Simt{}, {257, 64, 0, true}, 2u); }) ==
          "kernel coop::block_that_returns: a cooperative launch of 257 blocks and 16448 threads; "
          "allowed are 256 blocks and 24576 threads");
    DeviceArray<int> out(1);
    launch<says_whether_cooperative>(Simt{}, {1, 1}, out.data());
    CHECK(out.to_host()[0] == 0);
    launch<says_whether_cooperative>(Simt{}, {1, 1, 0, true}, out.data());
    CHECK(out.to_host()[0] == 1);
}

TEST_CASE("simt/cooperative: tiles of a warp") {
    const int threads = 64;
    in_every_setting([&] {
        DeviceArray<int> out(static_cast<std::size_t>(threads * kernels::group_results));
        kernels::test_tiles(Simt{}, out.data(), threads);
        const std::vector<int> got = out.to_host();
        for (int t = 0; t < threads; ++t) {
            const int rank = t % 8, first = t - rank, first4 = t / 4 * 4;
            int thirds = 0, below = 0, same_third = 0, same_fifth = 0;
            int alike = 0, alike_below = 0;  // multiples of 3, or those that are none
            for (int i = 0; i < 32; ++i)
                if ((t / 32 * 32 + i) / 5 == t / 5)
                    same_fifth = static_cast<int>(static_cast<unsigned>(same_fifth) | 1u << i);
            for (int i = 0; i < 8; ++i) {
                if ((first + i) / 3 == t / 3) same_third |= 1 << i;
                if ((first + i) % 3 == 0) thirds |= 1 << i;
                if (i < rank) below += first + i;
                const bool same = ((first + i) % 3 == 0) == (t % 3 == 0);
                alike += same;
                alike_below += same && i < rank;
            }
            const int want[kernels::group_results] = {
                rank,
                t / 8,
                first + 3,
                rank < 2 ? t : t - 2,
                rank < 6 ? t + 2 : t,
                first + (rank ^ 5),
                thirds,
                first == 8,
                first + 8 <= 12,
                8 * first + 28,
                first4 + 3,
                below + t,
                below,
                rank / 4,
                same_third,
                0xff + 1,
                same_fifth,
                0,
                first + 7,
                10 * alike + alike_below,
            };
            for (int i = 0; i < kernels::group_results; ++i) {
                CAPTURE(t);
                CAPTURE(i);
                REQUIRE(got[static_cast<std::size_t>(t * kernels::group_results + i)] == want[i]);
            }
        }
    });
}

TEST_CASE("simt/cooperative: lanes that run together are those that come to the same place") {
    const int threads = 40;
    in_every_setting([&] {
        DeviceArray<unsigned> out(threads * 4);
        kernels::test_converged(Simt{}, out.data(), threads);
        const std::vector<unsigned> got = out.to_host();
        for (unsigned t = 0; t < threads; ++t) {
            const unsigned first = t / 32 * 32, lanes = first ? 8 : 32;
            unsigned thirds = 0;
            for (unsigned lane = 0; lane < lanes; ++lane)
                if ((first + lane) % 3 == 0) thirds |= 1u << lane;
            CHECK(got[t * 4] == (lanes == 32 ? ~0u : 0xffu));
            CHECK(got[t * 4 + 1] == (t % 3 == 0 ? thirds : 0));
            CHECK(got[t * 4 + 2] == (t % 2 == 0 ? t % 32 / 2 : 0));
            CHECK(got[t * 4 + 3] == (t % 2 == 0 ? first + 2 : 0));
        }
    });
}
