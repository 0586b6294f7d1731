// Atomics of every scope and width against plain loops, and loops that wait for a lock.
#include <algorithm>

#include "device_array.h"
#include "language.h"

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/base/gpu.h"

namespace kernels = vitrine::kernels;
using kernels::Simt;

TEST_CASE("simt/atomics: those of a block and of the system") {
    for (const int threads : {1, 33, 97}) {
        CAPTURE(threads);
        in_every_setting([&] {
            std::vector<unsigned> start(2 * kernels::scoped_results, 0u);
            start[3] = start[4] = start[14] = start[15] = ~0u;
            DeviceArray<unsigned> out(start);
            kernels::test_scoped_atomics(Simt{}, out.data(), threads);

            std::vector<unsigned> want = start;
            for (unsigned t = 0; t < static_cast<unsigned>(threads); ++t) {
                want[0] += t;
                want[1] -= 2;
                want[2] = t;
                want[3] = 100 - t;
                want[4] &= ~(1u << t % 32);
                want[5] |= 1u << t % 31;
                want[6] ^= t;
                want[7] = want[7] >= 6 ? 0 : want[7] + 1;
                want[8] = want[8] == 0 ? 6 : want[8] - 1;
                want[9] = 17;
            }
            std::vector<unsigned> got = out.to_host();
            for (const std::size_t first : {std::size_t(0), std::size_t(kernels::scoped_results)}) {
                // A chain of compare-and-swaps gets as far as the order of threads allows.
                CHECK(got[first + 10] >= 1);
                CHECK(got[first + 10] <= static_cast<unsigned>(threads));
                got[first + 10] = 0;
                CHECK(std::equal(want.begin(), want.begin() + kernels::scoped_results,
                                 got.begin() + static_cast<std::ptrdiff_t>(first)));
            }
        });
    }
}

TEST_CASE("simt/atomics: 64 and 16 bits") {
    const int threads = 97;
    in_every_setting([&] {
        const unsigned long long high = 1ull << 32;
        std::vector<unsigned long long> want(8, 0);
        want[2] = want[4] = ~0ull;
        DeviceArray<unsigned long long> wide(want);
        DeviceArray<long long> wide_signed(std::vector<long long>{-(1ll << 62), 1});
        DeviceArray<unsigned short> narrow(std::vector<unsigned short>{0, 0});
        kernels::test_wide_atomics(Simt{}, wide.data(), wide_signed.data(), narrow.data(), threads);
        for (unsigned t = 0; t < threads; ++t) {
            want[0] += t * high;
            want[1] = t * high;
            want[2] = std::min(want[2], (100 - t) * high);
            want[3] |= high << t % 31;
            want[4] &= ~(high << t % 31);
            want[5] ^= t * high;
        }
        want[6] = 17 * high;
        want[7] = high;
        CHECK(wide.to_host() == want);
        CHECK(wide_signed.to_host() ==
              std::vector<long long>{0, -static_cast<long long>(96 * high)});
        CHECK(narrow.to_host() == std::vector<unsigned short>{49, 48});
    });
}

TEST_CASE("simt/atomics: a loop that waits for a lock lets its holder go on") {
    in_every_setting([] {
        DeviceArray<unsigned> lock(std::vector<unsigned>{0});
        DeviceArray<int> count(std::vector<int>{0});
        kernels::test_lock(Simt{}, lock.data(), count.data(), 5, 64);
        CHECK(count.to_host()[0] == 5 * 64);
    });
}

TEST_CASE("simt/atomics: outside of a kernel they are ordinary atomics") {
    int x = 5;
    CHECK(atomicAdd(&x, 3) == 5);
    CHECK(x == 8);
    for (int i = 0; i < 1000; ++i) CHECK(atomicAdd(&x, 0) == 8);
    CHECK_THROWS_AS(atomicAdd(reinterpret_cast<double*>(reinterpret_cast<char*>(&x) + 1), 1.0),
                    vitrine::Error);
}
