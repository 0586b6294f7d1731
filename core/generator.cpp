#include "generator.h"

namespace vitrine {

GeneratorState Generator::get_state() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

void Generator::set_state(GeneratorState state) {
    const std::lock_guard lock(mutex_);
    state_ = state;
}

kernels::Philox Generator::take(std::uint64_t blocks) {
    const std::lock_guard lock(mutex_);
    const kernels::Philox start{state_.seed, state_.offset};
    state_.offset += blocks;
    return start;
}

Generator& default_generator() {
    static Generator generator;
    return generator;
}

void manual_seed(std::uint64_t seed) { default_generator().manual_seed(seed); }

}  // namespace vitrine
