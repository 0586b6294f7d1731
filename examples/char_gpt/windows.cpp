#include "windows.h"

#include <algorithm>
#include <vector>

#include "vitrine/kernels/random/philox.h"

namespace vt = vitrine;

namespace {

void check_length(const vt::Tensor& ids, std::int64_t length) {
    if (ids.numel() <= length)
        throw vt::Error(vt::join("a part of the text has ", ids.numel(), " characters; needed are more than ", length,
                                 ", the length of a window"));
}

}  // namespace

WindowsInOrder::WindowsInOrder(vt::Tensor ids, std::int64_t length) : ids_(std::move(ids)), length_(length) {
    check_length(ids_, length_);
}

Window WindowsInOrder::get(std::int64_t i) const {
    const std::int64_t begin = i * length_, end = begin + length_;
    return {ids_.slice(0, begin, end), ids_.slice(0, begin + 1, end + 1)};
}

RandomWindows::RandomWindows(vt::Tensor ids, Options options)
    : ids_(std::move(ids)), options_(options), state_{.seed = options.seed, .epoch = 0, .batches = 0} {
    check_length(ids_, options_.length);
}

void RandomWindows::restore(const vt::data::LoaderState& state, vt::Site site) {
    const vt::Call call("RandomWindows::restore", site);
    call.check(state.epoch >= 0 && state.batches >= 0 && state.batches <= size(), "epoch ", state.epoch, ", ", state.batches,
               " batches handed out; an epoch has ", size());
    state_ = state;
    running_ = false;
}

RandomWindows::Iterator RandomWindows::begin() {
    if (running_) state_ = {state_.seed, state_.epoch + 1, 0};
    running_ = true;
    advance();
    return Iterator(this);
}

// Where a window of the batch at hand begins.
std::int64_t RandomWindows::start(std::int64_t window) const {
    constexpr std::uint32_t mark = 0x77696e64;  // apart from the numbers that tensors of the same seed take
    const auto word = [](std::int64_t x) { return static_cast<std::uint32_t>(x); };
    const auto w = vt::kernels::philox4x32_10({word(window), word(state_.batches), word(state_.epoch), mark},
                                              word(state_.seed), word(state_.seed >> 32));
    const auto starts = static_cast<std::uint64_t>(ids_.numel() - options_.length);
    return static_cast<std::int64_t>((std::uint64_t{w.w0} << 32 | w.w1) % starts);
}

void RandomWindows::advance() {
    ended_ = state_.batches >= size();
    if (ended_) {
        state_ = {state_.seed, state_.epoch + 1, 0};
        running_ = false;
        return;
    }
    const std::int64_t* ids = ids_.data<std::int64_t>();
    std::vector<std::int64_t> x, y;
    for (std::int64_t b = 0; b < options_.batch; ++b) {
        const std::int64_t* from = ids + start(b);
        x.insert(x.end(), from, from + options_.length);
        y.insert(y.end(), from + 1, from + 1 + options_.length);
    }
    batch_ = {vt::from_vector(std::move(x), {options_.batch, options_.length}),
              vt::from_vector(std::move(y), {options_.batch, options_.length})};
    ++state_.batches;
}
