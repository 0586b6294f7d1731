#include "batch_order.h"

#include <algorithm>
#include <numeric>

#include "vitrine/core/generator.h"
#include "vitrine/core/operand.h"
#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/random/philox.h"

namespace vitrine::data {
namespace {

std::int64_t drawn_seed() {
    const kernels::PhiloxWords w = kernels::philox_block(default_generator().take(1), 0);
    return static_cast<std::int64_t>((std::uint64_t{w.w0} << 32 | w.w1) >> 1);
}

}  // namespace

std::uint64_t batch_seed(const LoaderState& epoch, std::int64_t k) {
    const auto seed = static_cast<std::uint64_t>(epoch.seed), number = static_cast<std::uint64_t>(k);
    const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
    constexpr std::uint32_t mark = 0x62617463;  // sets them apart from the sampler's
    const auto w = kernels::philox4x32_10({low(number), low(number >> 32), low(static_cast<std::uint64_t>(epoch.epoch)), mark}, low(seed), low(seed >> 32));
    return std::uint64_t{w.w0} << 32 | w.w1;
}

BatchOrder::BatchOrder(std::int64_t size, const DataLoaderOptions& options, Site site)
    : size_(size), options_(options) {
    Call("DataLoader", site)
        .check(options.batch_size >= 1, "batch_size ", options.batch_size, "; allowed are 1 and more");
    Call("DataLoader", site).check(size >= 0, "a data set of size ", size, "; allowed are 0 and more");
    Call("DataLoader", site).check(options.workers >= 0, "workers ", options.workers, "; allowed are 0 and more");
    Call("DataLoader", site).check(options.prefetch >= 1, "prefetch ", options.prefetch, "; allowed are 1 and more");
    Call("DataLoader", site).check(!options.shuffle || !options.sampler, "shuffle and a sampler; only one can say the order");
    if (options.shuffle) options_.sampler = std::make_shared<ShuffledSampler>(size);
    if (options.seed) state_.seed = *options.seed;
    else if (options_.sampler) state_.seed = drawn_seed();
}

std::int64_t BatchOrder::batches() const {
    const std::int64_t size = epoch_size(), full = size / options_.batch_size;
    return full + (!options_.drop_last && size % options_.batch_size != 0);
}

void BatchOrder::begin() {
    if (running_) state_ = {state_.seed, state_.epoch + 1, 0};
    running_ = true;
    if (options_.sampler) {
        order_ = options_.sampler->order(static_cast<std::uint64_t>(state_.seed), static_cast<std::uint64_t>(state_.epoch));
    } else {
        order_.resize(static_cast<std::size_t>(size_));
        std::iota(order_.begin(), order_.end(), std::int64_t{0});
    }
    for (const std::int64_t i : order_) VITRINE_CHECK(i >= 0 && i < size_, "DataLoader: the sampler asks for example ", i, " of ", size_);
}

std::int64_t BatchOrder::epoch_size() const { return options_.sampler ? options_.sampler->size() : size_; }

std::span<const std::int64_t> BatchOrder::batch(std::int64_t k) const {
    const std::int64_t first = k * options_.batch_size;
    return std::span<const std::int64_t>(order_).subspan(static_cast<std::size_t>(first),
                                                         static_cast<std::size_t>(std::min(options_.batch_size, epoch_size() - first)));
}

std::optional<std::int64_t> BatchOrder::next() {
    if (!running_) return std::nullopt;  // restore() ended the loop
    if (state_.batches < batches()) return state_.batches++;
    state_ = {state_.seed, state_.epoch + 1, 0};
    running_ = false;
    return std::nullopt;
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
