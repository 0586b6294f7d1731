// The emulator's half of base/gpu.h: CUDA's language and library for any compiler, and the launch.
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "vitrine/kernels/base/device.h"
#include "vitrine/kernels/base/kernel_name.h"

#include "atomics.h"
#include "vitrine/kernels/simt/check/events.h"
#include "collectives.h"
#include "device_functions.h"
#include "language.h"
#include "math_functions.h"
#include "runtime.h"

#define VITRINE_GPU_NAMESPACE on_simt

/// Declares `name`, a T* to the block's dynamic shared memory (Launch::shared_bytes).
#define VITRINE_DYNAMIC_SHARED(T, name) \
    T* const name = static_cast<T*>(::vitrine::kernels::simt::dynamic_shared())

namespace vitrine::kernels {
inline namespace on_simt {

using Gpu = Simt;

/// Where a kernel runs: blocks in the grid, threads and bytes of dynamic shared memory in a block.
/// The blocks of a cooperative launch may wait for each other, in grid_group::sync().
struct Launch {
    dim3 grid, block;
    std::size_t shared_bytes = 0;
    bool cooperative = false;
};

/// Calls once(arguments) as each thread of a block, one after the other, until one has to wait.
template <void (*once)(void*)>
VITRINE_SIMT_UNWATCHED void each_thread(void* arguments, dim3 block) {
    simt::thread_loop.thread = 0;
    for (unsigned z = 0; z < block.z; ++z)
        for (unsigned y = 0; y < block.y; ++y)
            for (unsigned x = 0; x < block.x; ++x) {
                threadIdx = {x, y, z};
                simt::check::thread_runs(simt::thread_loop.thread);
                once(arguments);
                if (!simt::thread_loop.on) [[unlikely]]
                    return;
                ++simt::thread_loop.thread;
            }
}

/// Where element i of a tuple lies, for the checker.
template <class... Values>
const void* place_of(const std::tuple<Values...>& arguments, std::size_t i) {
    return std::apply(
        [i](const auto&... values) {
            const void* const places[] = {&values..., nullptr};
            return places[i];
        },
        arguments);
}

/// A kernel's arguments, and how to call it with them.
template <auto kernel>
struct Call;

template <class... Parameters, void (*kernel)(Parameters...)>
struct Call<kernel> {
    using Arguments = std::tuple<std::remove_cv_t<Parameters>...>;

    static Arguments pack(Parameters... parameters) { return Arguments(parameters...); }

    template <std::size_t... I>
    VITRINE_SIMT_UNWATCHED static void with(Arguments& arguments, std::index_sequence<I...>) {
        kernel(std::get<I>(arguments)...);
    }

    VITRINE_SIMT_UNWATCHED static void once(void* arguments) {
        with(*static_cast<Arguments*>(arguments), std::index_sequence_for<Parameters...>());
        simt::check::thread_pauses();
    }

    static const void* argument(void* arguments, std::size_t i) {
        return place_of(*static_cast<const Arguments*>(arguments), i);
    }

    static constexpr simt::KernelParameters for_checker{sizeof...(Parameters), &argument, sizeof(Arguments)};
};

/// For the checker.
template <auto kernel>
constexpr const simt::KernelParameters* parameters_of() {
#if VITRINE_SIMT_CHECK
    return &Call<kernel>::for_checker;
#else
    return nullptr;
#endif
}

/// Runs kernel(arguments...) on the CPU and returns when it is done. Throws vitrine::Error naming
/// kernel, block and threads for what has no meaning on a GPU. An empty grid returns at once.
template <auto kernel, class... Arguments>
void launch(Gpu, const Launch& size, Arguments&&... arguments) {
    if (size.grid.x == 0 || size.grid.y == 0 || size.grid.z == 0) return;
    auto packed = Call<kernel>::pack(std::forward<Arguments>(arguments)...);
    const simt::KernelCall call{kernel_signature<kernel>(), reinterpret_cast<const void*>(kernel), &packed,
                                &Call<kernel>::once, &each_thread<&Call<kernel>::once>, parameters_of<kernel>()};
    simt::run_grid(size.grid, size.block, size.shared_bytes, call, size.cooperative);
}

}  // namespace on_simt
}  // namespace vitrine::kernels
