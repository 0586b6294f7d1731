// How the emulator runs. None of it changes what a correct kernel computes.
#pragma once

#include <cstdint>

#include "fiber.h"

namespace vitrine::kernels::simt {

/// Which of the threads that can run goes first. A kernel that misses a barrier often gives other
/// results in another.
enum class Order { forward, reverse, random };

constexpr SwitchKind default_switch = fastest_switch;
#if VITRINE_SIMT_CHECK
constexpr double default_timeout = 10;
#else
constexpr double default_timeout = 60;
#endif

struct Options {
    Order order = Order::forward;             ///< VITRINE_SIMT_ORDER=forward, reverse, random or random:seed
    std::uint64_t seed = 1;                   ///< of order random
    int workers = 0;                          ///< VITRINE_SIMT_WORKERS; 0: as many as the kernels of device cpu use
    SwitchKind switch_kind = default_switch;  ///< VITRINE_SIMT_SWITCH=assembly, ucontext or threads
    double timeout = default_timeout;         ///< VITRINE_SIMT_TIMEOUT: seconds of CPU time a block; 0: no end
};

/// What the environment says; throws vitrine::Error naming a variable with a value that is not
/// allowed.
Options options_from_environment();

/// The options of the next launch: at first what the environment says.
Options& options();

}  // namespace vitrine::kernels::simt
