#include "guesses.h"

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "shadow.h"

namespace vitrine::kernels::simt::check {

namespace {

std::vector<Guess> guesses;
std::set<std::uint32_t> places;

std::uintptr_t page_of(const void* address) {
    return reinterpret_cast<std::uintptr_t>(address) / page_bytes;
}

}  // namespace

void note_comparison(const void* address, std::uint32_t block, unsigned thread) {
    for (std::size_t back = 1; back <= noted.size(); ++back) {
        const auto& [place, record] = noted[(noted_count - back) % noted.size()];
        if (record.thread != thread || record.block != block) return;
        if (place == address && record.kind == AccessKind::read) {
            places.insert(record.place);
            return;
        }
        if (page_of(place) == page_of(address)) return;
    }
}

bool is_guess(const Record& read) {
    return read.kind == AccessKind::read && places.count(read.place) != 0;
}

void add_guess(const Guess& guess) { guesses.push_back(guess); }

Guess wrong_guess() {
    if (guesses.empty()) return {};
    for (const Guess& guess : std::exchange(guesses, {}))
        if (!is_guess(guess.read)) return guess;
    return {};
}

void forget_guesses() { guesses.clear(); }

}  // namespace vitrine::kernels::simt::check
