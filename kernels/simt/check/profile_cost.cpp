#include "profile_cost.h"

#include <algorithm>
#include <array>

namespace vitrine::kernels::simt {

namespace {

/// Of at most 32 lanes of at most 16 bytes: no sector, word or byte more often than that.
class Places {
public:
    bool insert(std::uintptr_t place) {
        if (std::find(places_.begin(), places_.begin() + size_, place) != places_.begin() + size_)
            return false;
        places_[size_++] = place;
        return true;
    }
    unsigned size() const { return static_cast<unsigned>(size_); }

private:
    std::array<std::uintptr_t, 32 * 17> places_;
    std::ptrdiff_t size_ = 0;
};

bool has(unsigned lanes, unsigned lane) { return lanes >> lane & 1; }

/// How many lanes before this one have its address.
unsigned pass_of(const Request& r, unsigned lane) {
    unsigned pass = 0;
    for (unsigned other = 0; other < lane; ++other)
        pass += has(r.lanes, other) && r.address[other] == r.address[lane];
    return pass;
}

unsigned sectors_of_bytes(const Request& r) {
    Places starts;
    unsigned bytes = 0;  // that some lane touches; lanes with one address touch the same
    for (unsigned lane = 0; lane < 32; ++lane)
        if (has(r.lanes, lane) && starts.insert(r.address[lane])) bytes += r.bytes;
    return (bytes + 31) / 32;
}

/// Of lanes [begin, end): the passes that the fullest bank needs.
unsigned passes_of(const Request& r, unsigned begin, unsigned end, bool is_atomic) {
    std::array<unsigned, 32> in_bank{};
    Places words;
    for (unsigned lane = begin; lane < end; ++lane) {
        if (!has(r.lanes, lane)) continue;
        const std::uintptr_t last = (r.address[lane] + r.bytes - 1) / 4;
        for (std::uintptr_t word = r.address[lane] / 4; word <= last; ++word)
            if (words.insert(word) || is_atomic) ++in_bank[word % 32];
    }
    return *std::max_element(in_bank.begin(), in_bank.end());
}

}  // namespace

RequestCost global_cost(const Request& r, bool is_atomic) {
    Places sectors;  // of each pass its own: numbers with the pass in front
    for (unsigned lane = 0; lane < 32; ++lane) {
        if (!has(r.lanes, lane)) continue;
        const std::uintptr_t pass = is_atomic ? pass_of(r, lane) : 0;
        const std::uintptr_t last = (r.address[lane] + r.bytes - 1) / 32;
        for (std::uintptr_t sector = r.address[lane] / 32; sector <= last; ++sector)
            sectors.insert(sector | pass << 59);  // addresses have 59 - 5 bits at most
    }
    return {sectors.size(), sectors_of_bytes(r)};
}

RequestCost shared_cost(const Request& r, bool is_atomic) {
    const unsigned width = r.bytes > 8 ? 8 : r.bytes > 4 ? 16 : 32;
    RequestCost cost;
    for (unsigned begin = 0; begin < 32; begin += width) {
        const unsigned passes = passes_of(r, begin, begin + width, is_atomic);
        cost.paid += passes;
        cost.ideal += passes > 0;
    }
    return cost;
}

}  // namespace vitrine::kernels::simt
