// Philox against cuRAND's device code, which this compiles for the host: no GPU is needed, only the header.
#include <doctest/doctest.h>

#if VITRINE_TEST_CURAND
#define QUALIFIERS inline
#include <curand_kernel.h>

#include "vitrine/kernels/random/philox.h"

using namespace vitrine::kernels;

TEST_CASE("kernels/curand: the words of Philox are cuRAND's for any seed, subsequence and offset") {
    for (unsigned long long seed : {0ull, 1ull, 0x123456789abcdefull, ~0ull}) {
        for (unsigned long long subsequence : {0ull, 7ull, 1ull << 33}) {
            for (unsigned long long block : {0ull, 1ull, 1000000001ull, 0xffffffffull, 1ull << 40}) {
                curandStatePhilox4_32_10_t state;
                curand_init(seed, subsequence, 4 * block, &state);
                for (unsigned long long k = 0; k < 3; ++k) {
                    const uint4 theirs = curand4(&state);
                    const PhiloxWords ours = philox4x32_10(
                        {static_cast<std::uint32_t>(block + k), static_cast<std::uint32_t>((block + k) >> 32),
                         static_cast<std::uint32_t>(subsequence), static_cast<std::uint32_t>(subsequence >> 32)},
                        static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
                    CHECK(theirs.x == ours.w0);
                    CHECK(theirs.y == ours.w1);
                    CHECK(theirs.z == ours.w2);
                    CHECK(theirs.w == ours.w3);
                    if (subsequence == 0) CHECK(philox_block({seed, block}, k).w0 == ours.w0);
                }
            }
        }
    }
}
#else
TEST_CASE("kernels/curand: the words of Philox are cuRAND's for any seed, subsequence and offset") {
    MESSAGE("skipped: curand_kernel.h of the CUDA toolkit was not found when this was configured");
}
#endif
