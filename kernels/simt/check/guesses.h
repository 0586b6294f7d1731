// Plain reads that race with an atomic and are forgiven: the first read of a loop of atomicCAS,
// which tries again when the read value was wrong. Part of the checker.
//
//     int old = *sum, seen;
//     do {
//         seen = old;
//         old = atomicCAS(sum, seen, seen + value[i]);
//     } while (old != seen);
//
// That a read is one shows when its thread comes to the atomicCAS, with no access to the same array
// between the two. Its line then is one of guesses, for the threads that do without the atomicCAS
// too.
#pragma once

#include <array>
#include <cstddef>

#include "record.h"

namespace vitrine::kernels::simt::check {

/// The last accesses of the running thread, a ring.
struct Noted {
    const void* address = nullptr;
    Record record;
};
inline std::array<Noted, 4> noted;
inline std::size_t noted_count = 0;

inline void note_access(const void* address, const Record& record) {
    noted[noted_count++ % noted.size()] = {address, record};
}

/// The running thread comes to an atomicCAS of `address`.
void note_comparison(const void* address, std::uint32_t block, unsigned thread);

/// Whether it is known by now that such a read is a guess.
bool is_guess(const Record& read);

struct Guess {
    const void* address = nullptr;  ///< nullptr: there is none
    std::size_t bytes = 0;
    Record before, read;
};
/// A read of the running thread that races with `guess.before` unless it is a guess.
void add_guess(const Guess& guess);
/// The first of the running thread's that turned out to be none; forgets all.
Guess wrong_guess();
void forget_guesses();

}  // namespace vitrine::kernels::simt::check
