// Where ops take random numbers from.
#pragma once

#include <cstdint>
#include <mutex>

#include "vitrine/kernels/random/philox.h"

namespace vitrine {

/// A position in the sequence of a seed: the seed and the number of the next block of four words.
struct GeneratorState {
    std::uint64_t seed = 0, offset = 0;
    friend bool operator==(const GeneratorState&, const GeneratorState&) = default;
};

/// Hands out pieces of the Philox4x32-10 sequence of a seed (docs/derivations/random.md). The numbers of a seed are the
/// same on every device and at any number of threads. Safe to share: threads that draw from one generator get
/// different numbers, in the order in which they come; for numbers that do not depend on it give each its own.
class Generator {
public:
    explicit Generator(std::uint64_t seed = 0) : state_{seed, 0} {}

    /// Starts the sequence of `seed` from its beginning.
    void manual_seed(std::uint64_t seed) { set_state({seed, 0}); }
    std::uint64_t seed() const { return get_state().seed; }

    /// All there is to save, and its restoring: what is drawn afterwards is the same again.
    GeneratorState get_state() const;
    void set_state(GeneratorState state);

    /// The next `blocks` blocks of four words, for a kernel: where they start.
    kernels::Philox take(std::uint64_t blocks);

private:
    mutable std::mutex mutex_;
    GeneratorState state_;
};

/// The generator of every op that is not given one. It starts from seed 0.
Generator& default_generator();

/// Starts the default generator's sequence of `seed` from its beginning.
void manual_seed(std::uint64_t seed);

}  // namespace vitrine
