// Launches as the rewriter writes them, and the same through cudaLaunchKernel:
//
//     ::vitrine_cuda::launch(VITRINE_SIMT_KERNEL(add), grid, 256)(x, n);
//
// The arguments become the types of the kernel's parameters here, once, as on a GPU. For
// VITRINE_SIMT_DEDUCED they keep their own types, and the compiler finds the kernel by them.
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "vitrine/kernels/simt/gpu_simt.h"

#include "types.h"

#define VITRINE_SIMT_KERNEL(...) #__VA_ARGS__, __VA_ARGS__
#define VITRINE_SIMT_DEDUCED(...) \
    #__VA_ARGS__, ::vitrine_cuda::Deduced { [&](auto&... arguments) { __VA_ARGS__(arguments...); } }

namespace vitrine_cuda {

namespace simt = vitrine::kernels::simt;

/// Where and how a launch was asked for.
struct Launch {
    const char* kernel;
    dim3 grid, block;
    std::size_t shared_bytes;
    bool cooperative;
    const char* file;
    int line;
};

/// Runs it. What the emulator finds is recorded (findings.h) and becomes the error of the launch.
cudaError_t run(const Launch& launch, simt::KernelCall call);

/// A function object that calls a kernel with arguments of any type.
template <class F>
struct Deduced {
    F call;
};
template <class F>
Deduced(F) -> Deduced<F>;

/// A kernel, as a function or a Deduced, with its arguments.
template <class F, class... Arguments>
struct Work {
    F kernel;
    std::tuple<Arguments...> arguments;

    template <std::size_t... I>
    VITRINE_SIMT_UNWATCHED void call(std::index_sequence<I...>) {
        if constexpr (std::is_pointer_v<F>)
            kernel(std::get<I>(arguments)...);
        else
            kernel.call(std::get<I>(arguments)...);
    }

    VITRINE_SIMT_UNWATCHED static void once(void* work) {
        static_cast<Work*>(work)->call(std::index_sequence_for<Arguments...>());
        simt::check::thread_pauses();
    }

    static const void* argument(void* work, std::size_t i) {
        return vitrine::kernels::place_of(static_cast<Work*>(work)->arguments, i);
    }

    cudaError_t run(const Launch& launch) {
        const void* code = nullptr;
        if constexpr (std::is_pointer_v<F>) code = reinterpret_cast<const void*>(kernel);
        static constexpr simt::KernelParameters for_checker{sizeof...(Arguments), &argument,
                                                            sizeof(Work)};
        return vitrine_cuda::run(launch, {launch.kernel, code, this, &once,
                                          &vitrine::kernels::each_thread<&Work::once>, &for_checker});
    }
};

/// A launch that waits for its arguments.
template <class... Parameters>
struct TypedLaunch {
    Launch how;
    void (*kernel)(Parameters...);

    cudaError_t operator()(Parameters... parameters) const {
        Work<void (*)(Parameters...), std::remove_cv_t<Parameters>...> work{
            kernel, {static_cast<Parameters&&>(parameters)...}};
        return work.run(how);
    }
};

template <class F>
struct DeducedLaunch {
    Launch how;
    Deduced<F> kernel;

    template <class... Arguments>
    cudaError_t operator()(Arguments... arguments) const {
        Work<Deduced<F>, Arguments...> work{kernel, {std::move(arguments)...}};
        return work.run(how);
    }
};

template <class... Parameters>
TypedLaunch<Parameters...> launch(const char* name, void (*kernel)(Parameters...), dim3 grid,
                                  dim3 block, std::size_t shared_bytes = 0, cudaStream_t = nullptr,
                                  const char* file = __builtin_FILE(),
                                  int line = __builtin_LINE()) {
    return {{name, grid, block, shared_bytes, false, file, line}, kernel};
}

template <class F>
DeducedLaunch<F> launch(const char* name, Deduced<F> kernel, dim3 grid, dim3 block,
                        std::size_t shared_bytes = 0, cudaStream_t = nullptr,
                        const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {{name, grid, block, shared_bytes, false, file, line}, kernel};
}

/// With the addresses of the arguments, as cudaLaunchKernel takes them.
template <class... Parameters, std::size_t... I>
cudaError_t launch_with(const Launch& how, void (*kernel)(Parameters...), void** arguments,
                        std::index_sequence<I...>) {
    return TypedLaunch<Parameters...>{how, kernel}(
        *static_cast<std::remove_reference_t<Parameters>*>(arguments[I])...);
}

/// The block's dynamic shared memory as a pointer to whatever is declared there.
struct AnyPointer {
    void* memory;
    template <class T>
    operator T*() const {
        return static_cast<T*>(memory);
    }
};
inline AnyPointer shared_memory() { return {simt::dynamic_shared()}; }

/// `extern __shared__ T name[];` outside of functions.
template <class T>
struct SharedMemory {
    operator std::remove_extent_t<T>*() const {
        return static_cast<std::remove_extent_t<T>*>(simt::dynamic_shared());
    }
};

}  // namespace vitrine_cuda

// The rewriter puts the kernel's name before it.
template <class... Parameters>
cudaError_t cudaLaunchKernel(const char* name, void (*kernel)(Parameters...), dim3 grid, dim3 block, void** arguments,
                             std::size_t shared_bytes = 0, cudaStream_t = nullptr,
                             const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return vitrine_cuda::launch_with({name, grid, block, shared_bytes, false, file, line}, kernel,
                                     arguments, std::index_sequence_for<Parameters...>());
}

template <class... Parameters>
cudaError_t cudaLaunchCooperativeKernel(const char* name, void (*kernel)(Parameters...), dim3 grid, dim3 block,
                                        void** arguments, std::size_t shared_bytes = 0,
                                        cudaStream_t = nullptr,
                                        const char* file = __builtin_FILE(),
                                        int line = __builtin_LINE()) {
    return vitrine_cuda::launch_with({name, grid, block, shared_bytes, true, file, line}, kernel,
                                     arguments, std::index_sequence_for<Parameters...>());
}
