// Block barriers, warp operations and atomics against plain loops written from the CUDA manual.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "device_array.h"
#include "kernels.h"

#include "vitrine/kernels/simt/runtime.h"

namespace kernels = vitrine::kernels;
using kernels::Simt;

namespace {

const std::vector<int> block_sizes = {1, 2, 31, 32, 33, 48, 97, 256, 1024};

// What thread t of `threads` gets when it reads lane `source` of its own warp.
int from_lane(int t, int source, int own) { return source < 0 ? own : 100 + t / 32 * 32 + source; }

int lanes_of_warp(int t, int threads) { return std::min(32, threads - t / 32 * 32); }

}  // namespace

TEST_CASE("simt/collectives: shuffles with masks and widths") {
    // Every lane that is read must exist: whole segments of 8 and 16, so multiples of 32 here.
    for (const int threads : {32, 64, 256, 1024}) {
        CAPTURE(threads);
        in_every_setting([&] {
            DeviceArray<int> out(static_cast<std::size_t>(threads * kernels::shuffle_results));
            kernels::test_shuffles(Simt{}, out.data(), threads);
            const std::vector<int> got = out.to_host();
            for (int t = 0; t < threads; ++t) {
                const int lane = t % 32, in8 = lane % 8, first8 = lane - in8, v = 100 + t;
                const int want[kernels::shuffle_results] = {
                    from_lane(t, 5, v),
                    from_lane(t, first8 + (lane + 1) % 8, v),
                    from_lane(t, lane >= 3 ? lane - 3 : -1, v),
                    from_lane(t, in8 >= 3 ? lane - 3 : -1, v),
                    from_lane(t, in8 < 5 ? lane + 3 : -1, v),
                    from_lane(t, lane ^ 7, v),
                    from_lane(t, lane >= 16 ? lane - 16 : -1, v),
                    from_lane(t, lane < 16 ? lane ^ 1 : lane ^ 2, v),
                    from_lane(t, lane < 31 ? lane + 1 : -1, v),
                };
                for (int i = 0; i < kernels::shuffle_results; ++i) {
                    CAPTURE(t);
                    CAPTURE(i);
                    REQUIRE(got[static_cast<std::size_t>(t * kernels::shuffle_results + i)] ==
                            want[i]);
                }
            }
        });
    }
}

TEST_CASE("simt/collectives: votes of warps and blocks") {
    for (const int threads : block_sizes) {
        CAPTURE(threads);
        in_every_setting([&] {
            DeviceArray<unsigned> out(static_cast<std::size_t>(threads * kernels::vote_results));
            kernels::test_votes(Simt{}, out.data(), threads);
            const std::vector<unsigned> got = out.to_host();
            for (int t = 0; t < threads; ++t) {
                const int lane = t % 32, first = t - lane, lanes = lanes_of_warp(t, threads);
                unsigned thirds = 0, odd = 0, early = 0;
                for (int l = 0; l < lanes; ++l) {
                    if (l % 3 == 0) thirds |= 1u << l;
                    if (l % 2 && l > 7) odd |= 1u << l;
                    if (l <= 20) early |= 1u << l;
                }
                const unsigned want[kernels::vote_results] = {
                    thirds,
                    first <= 40 && 40 < first + lanes,
                    first + lanes <= 40,
                    lane % 2 ? odd : 0,
                    static_cast<unsigned>((threads + 4) / 5),
                    threads <= 40,
                    threads > 40,
                    lane > 20 ? 0xffffffffu : early,  // device memory starts as 0xff
                };
                for (int i = 0; i < kernels::vote_results; ++i) {
                    CAPTURE(t);
                    CAPTURE(i);
                    REQUIRE(got[static_cast<std::size_t>(t * kernels::vote_results + i)] ==
                            want[i]);
                }
            }
        });
    }
}

TEST_CASE("simt/collectives: reductions of a warp, and memory after __syncwarp") {
    for (const int threads : block_sizes) {
        CAPTURE(threads);
        in_every_setting([&] {
            DeviceArray<int> out(static_cast<std::size_t>(threads * kernels::reduce_results));
            kernels::test_warp_reductions(Simt{}, out.data(), threads);
            const std::vector<int> got = out.to_host();
            for (int t = 0; t < threads; ++t) {
                const int lane = t % 32, first = t - lane, last = first + lanes_of_warp(t, threads);
                int sum = 0, sum8 = 0;
                unsigned all_and = ~0u, all_or = 0, all_xor = 0;
                for (int o = first; o < last; ++o) {
                    const unsigned u = static_cast<unsigned>(o);
                    sum += o - 10;
                    if (o % 32 < 8) sum8 += o;
                    all_and &= u | 4;
                    all_or |= u;
                    all_xor ^= u * u;
                }
                const int want[kernels::reduce_results] = {
                    sum,
                    first - 10,
                    last - 11,
                    last - 1,
                    static_cast<int>(all_and),
                    static_cast<int>(all_or),
                    static_cast<int>(all_xor),
                    lane < 8 ? sum8 : 0,
                    first,
                };
                for (int i = 0; i < kernels::reduce_results; ++i) {
                    CAPTURE(t);
                    CAPTURE(i);
                    REQUIRE(got[static_cast<std::size_t>(t * kernels::reduce_results + i)] ==
                            want[i]);
                }
            }
        });
    }
}

TEST_CASE("simt/collectives: a barrier separates writes and reads of shared memory") {
    for (const int threads : block_sizes)
        for (const int blocks : {1, 5}) {
            CAPTURE(threads);
            CAPTURE(blocks);
            in_every_setting([&] {
                std::vector<int> x(static_cast<std::size_t>(threads * blocks));
                std::iota(x.begin(), x.end(), 7);
                std::vector<int> want = x;
                for (int b = 0; b < blocks; ++b)
                    std::reverse(want.begin() + b * threads, want.begin() + (b + 1) * threads);

                DeviceArray<int> in(x), fixed(x.size()), dynamic(x.size());
                kernels::test_reverse(Simt{}, in.data(), fixed.data(), dynamic.data(), blocks,
                                      threads);
                CHECK(fixed.to_host() == want);
                CHECK(dynamic.to_host() == want);
            }, false);
        }
}

TEST_CASE("simt/collectives: hundreds of barriers in a row") {
    in_every_setting([] {
        DeviceArray<int> out(200);
        kernels::test_uneven_work(Simt{}, out.data(), 200);
        std::vector<int> want(200);
        std::iota(want.begin(), want.end(), 0);
        CHECK(out.to_host() == want);
    });
}

TEST_CASE("simt/collectives: warps are cut from the linear index of three-dimensional blocks") {
    const int shapes[][3] = {{4, 4, 3}, {1, 64, 1}, {3, 5, 7}, {2, 8, 64}, {31, 33, 1}};
    for (const auto& shape : shapes) {
        const int threads = shape[0] * shape[1] * shape[2];
        CAPTURE(threads);
        DeviceArray<int> lanes(static_cast<std::size_t>(threads));
        kernels::test_shape(Simt{}, lanes.data(), shape[0], shape[1], shape[2]);
        const std::vector<int> got = lanes.to_host();
        for (int t = 0; t < threads; ++t) REQUIRE(got[static_cast<std::size_t>(t)] == t % 32);
    }
}

template <class T>
void check_block_reduce() {
    for (const int threads : {32, 64, 96, 256, 1024}) {
        CAPTURE(threads);
        const int blocks = 3;
        std::vector<T> x;
        for (int i = 0; i < blocks * threads; ++i) x.push_back(T(1) / T(i % 53 + 1) - T(0.5));
        std::vector<T> first;
        in_every_setting([&] {
            DeviceArray<T> in(x), out(static_cast<std::size_t>(blocks * 3));
            kernels::test_block_reduce(Simt{}, in.data(), out.data(), blocks, threads);
            const std::vector<T> got = out.to_host();
            if (first.empty()) first = got;
            CHECK(got == first);  // the same bits in every order
            for (int b = 0; b < blocks; ++b) {
                const auto begin = x.begin() + b * threads, end = begin + threads;
                const double sum = std::accumulate(begin, end, 0.0);
                const auto at = static_cast<std::size_t>(b * 3);
                CHECK(static_cast<double>(got[at]) == doctest::Approx(sum).epsilon(1e-5));
                CHECK(got[at + 1] == *std::max_element(begin, end));
                CHECK(got[at + 2] == *std::min_element(begin, end));
            }
        }, false);
    }
}

TEST_CASE("simt/collectives: block_reduce of values with a NaN is NaN") {
    for (const int where : {0, 40, 95}) {
        std::vector<float> x(96, 1.0f);
        x[static_cast<std::size_t>(where)] = std::numeric_limits<float>::quiet_NaN();
        DeviceArray<float> in(x), out(3);
        kernels::test_block_reduce(Simt{}, in.data(), out.data(), 1, 96);
        for (const float result : out.to_host()) CHECK(std::isnan(result));
    }
}

TEST_CASE("simt/collectives: block_reduce in f32 and f64, the same bits in every order") {
    check_block_reduce<float>();
    check_block_reduce<double>();
}

TEST_CASE("simt/collectives: atomics of many blocks on several workers") {
    for (const int threads : {1, 33, 256}) {
        const int blocks = 20, n = blocks * threads;
        CAPTURE(threads);
        in_every_setting([&] {
            std::vector<unsigned> start(kernels::atomic_results, 0u);
            start[5] = ~0u;
            DeviceArray<unsigned> out(start);
            DeviceArray<float> sum(std::vector<float>{1.0f});
            DeviceArray<double> sum64(std::vector<double>{1.0});
            kernels::test_atomics(Simt{}, out.data(), sum.data(), sum64.data(), blocks, threads);

            std::vector<unsigned> want = start;
            for (unsigned t = 0; t < static_cast<unsigned>(n); ++t) {
                want[0] += t;
                want[1] -= 1;
                want[2] -= 2;
                want[3] = t;
                want[4] = 0u - t;
                want[5] &= ~(1u << t % 32);
                want[6] |= 1u << t % 31;
                want[7] ^= t;
                want[8] = want[8] >= 6 ? 0 : want[8] + 1;
                want[9] = want[9] == 0 ? 6 : want[9] - 1;
                want[10] += 3;
                want[11] = 17;
            }
            CHECK(out.to_host() == want);
            CHECK(sum.to_host()[0] == 1.0f + 0.5f * static_cast<float>(n));
            CHECK(sum64.to_host()[0] == 1.0 + 0.25 * n);
        });
    }
}
