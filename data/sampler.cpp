#include "sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "vitrine/core/operand.h"
#include "vitrine/kernels/random/philox.h"

namespace vitrine::data {
namespace {

std::uint32_t low(std::uint64_t x) { return static_cast<std::uint32_t>(x); }

// 64 random bits for draw `i` of an epoch. The mark sets them apart from the numbers that tensors of the same seed take.
std::uint64_t random_bits(std::uint64_t seed, std::uint64_t epoch, std::uint64_t i) {
    constexpr std::uint32_t mark = 0x6c6f6164;
    const auto w = kernels::philox4x32_10({low(i), low(i >> 32), low(epoch), mark}, low(seed), low(seed >> 32));
    return std::uint64_t{w.w0} << 32 | w.w1;
}

// A number below `bound` from 64 random bits: the upper half of their product.
std::size_t below(std::uint64_t bits, std::size_t bound) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::size_t>(static_cast<Wide>(bits) * bound >> 64);
}

}  // namespace

std::vector<std::int64_t> SequentialSampler::order(std::uint64_t, std::uint64_t) const {
    std::vector<std::int64_t> order(static_cast<std::size_t>(size_));
    std::iota(order.begin(), order.end(), std::int64_t{0});
    return order;
}

std::vector<std::int64_t> ShuffledSampler::order(std::uint64_t seed, std::uint64_t epoch) const {
    std::vector<std::int64_t> order = SequentialSampler(size_).order(seed, epoch);
    for (std::size_t left = order.size(); left > 1; --left) std::swap(order[left - 1], order[below(random_bits(seed, epoch, left), left)]);
    return order;
}

WeightedSampler::WeightedSampler(const std::vector<double>& weights, std::int64_t count, Site site) : count_(count) {
    const Call call("WeightedSampler", site);
    call.check(count >= 0, "count ", count, "; allowed are 0 and more");
    double sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        call.check(weights[i] >= 0 && std::isfinite(weights[i]), "weight ", weights[i], " of example ", i, "; allowed are numbers from 0");
        sums_.push_back(sum += weights[i]);
    }
    call.check(count == 0 || sum > 0, "weights that are all 0; at least one must be positive");
}

std::vector<std::int64_t> WeightedSampler::order(std::uint64_t seed, std::uint64_t epoch) const {
    std::vector<std::int64_t> order;
    for (std::int64_t i = 0; i < count_; ++i) {
        const double unit = static_cast<double>(random_bits(seed, epoch, static_cast<std::uint64_t>(i)) >> 11) * 0x1p-53;  // below 1
        const auto found = std::upper_bound(sums_.begin(), sums_.end(), unit * sums_.back());
        order.push_back(std::min(found - sums_.begin(), std::ssize(sums_) - 1));
    }
    return order;
}

}  // namespace vitrine::data
