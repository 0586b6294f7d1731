#include "batch_order.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "vitrine/core/generator.h"
#include "vitrine/core/operand.h"
#include "vitrine/kernels/random/philox.h"

namespace vitrine::data {
namespace {

std::uint32_t low(std::uint64_t x) { return static_cast<std::uint32_t>(x); }

std::int64_t drawn_seed() {
    const kernels::PhiloxWords w = kernels::philox_block(default_generator().take(1), 0);
    return static_cast<std::int64_t>((std::uint64_t{w.w0} << 32 | w.w1) >> 1);
}

// A number below `bound` from 64 random bits: the upper half of their product.
std::size_t below(std::uint64_t bits, std::size_t bound) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::size_t>(static_cast<Wide>(bits) * bound >> 64);
}

void shuffle(std::vector<std::int64_t>& order, std::uint64_t seed, std::uint64_t epoch) {
    constexpr std::uint32_t mark =
        0x6c6f6164;  // sets these numbers apart from those that tensors of the same seed take
    for (std::size_t left = order.size(); left > 1; --left) {
        const auto w = kernels::philox4x32_10({low(left), low(std::uint64_t{left} >> 32), low(epoch), mark}, low(seed),
                                              low(seed >> 32));
        std::swap(order[left - 1], order[below(std::uint64_t{w.w0} << 32 | w.w1, left)]);
    }
}

}  // namespace

BatchOrder::BatchOrder(std::int64_t size, const DataLoaderOptions& options, Site site)
    : size_(size), options_(options) {
    Call("DataLoader", site)
        .check(options.batch_size >= 1, "batch_size ", options.batch_size, "; allowed are 1 and more");
    Call("DataLoader", site).check(size >= 0, "a data set of size ", size, "; allowed are 0 and more");
    if (options.seed) state_.seed = *options.seed;
    else if (options.shuffle) state_.seed = drawn_seed();
}

std::int64_t BatchOrder::batches() const {
    const std::int64_t full = size_ / options_.batch_size;
    return full + (!options_.drop_last && size_ % options_.batch_size != 0);
}

void BatchOrder::begin() {
    if (running_) state_ = {state_.seed, state_.epoch + 1, 0};
    running_ = true;
    order_.resize(static_cast<std::size_t>(size_));
    std::iota(order_.begin(), order_.end(), std::int64_t{0});
    if (options_.shuffle)
        shuffle(order_, static_cast<std::uint64_t>(state_.seed), static_cast<std::uint64_t>(state_.epoch));
}

std::span<const std::int64_t> BatchOrder::next() {
    if (state_.batches >= batches()) {
        state_ = {state_.seed, state_.epoch + 1, 0};
        running_ = false;
        return {};
    }
    const std::int64_t first = state_.batches++ * options_.batch_size;
    return std::span<const std::int64_t>(order_).subspan(
        static_cast<std::size_t>(first), static_cast<std::size_t>(std::min(options_.batch_size, size_ - first)));
}

void BatchOrder::restore(const LoaderState& state, Site site) {
    const Call call("DataLoader::restore", site);
    call.check(state.epoch >= 0, "epoch ", state.epoch, "; allowed are 0 and more");
    call.check(state.batches >= 0 && state.batches <= batches(), state.batches,
               " batches handed out; allowed are 0 to ", batches());
    state_ = state;
    running_ = false;
}

}  // namespace vitrine::data
