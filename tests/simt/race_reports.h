// What the tests of the checker's races expect of a report.
#pragma once

#include <string>
#include <vector>

#include "device_array.h"

#include "vitrine/kernels/base/error.h"

namespace racing {

/// clang does not name the arguments of a kernel template.
inline std::string as_compiled(std::string kernel) {
#if defined(__clang__)
    if (const auto begin = kernel.find('<'); begin != std::string::npos)
        kernel.erase(begin, kernel.rfind('>') + 1 - begin);
#endif
    return kernel;
}

/// "kernel racing::plain_sum, block (0,0,0): data race on sum[0] (4 bytes):" and a line each.
inline std::string race(const std::string& kernel, const std::string& where, const std::string& now,
                 const std::string& before, const std::string& remedy) {
    return "kernel racing::" + as_compiled(kernel) + ": data race on " + where + ":\n  " + now +
           "\n  " + before + "\n  " + remedy;
}
inline std::string at(int line, const char* file = __builtin_FILE()) {
    const std::string path = file;
    return " at " + path.substr(path.rfind('/') + 1) + ":" + std::to_string(line);
}

inline const std::string no_barrier = "no __syncthreads lies between the two";
inline const std::string no_syncwarp = "no __syncwarp or __syncthreads lies between the two";
inline const std::string no_fence =
    "blocks run in any order: nothing but __threadfence and then an atomic orders them";

inline std::vector<int> ones(std::size_t count) { return std::vector<int>(count, 1); }

template <class F>
void in_every_order(F f) {
    for (const auto order : {simt::Order::forward, simt::Order::reverse, simt::Order::random})
        for (const std::uint64_t seed : {1u, 2u, 3u}) {
            if (order != simt::Order::random && seed > 1) continue;
            CAPTURE(static_cast<int>(order));
            CAPTURE(seed);
            simt::Options options = simt::options();
            options.order = order;
            options.seed = seed;
            const WithOptions set(options);
            f();
        }
}

/// In every order a race is found; `correct` says that there is none.
template <class F>
void expect(bool correct, F f) {
    in_every_order([&] {
        const std::string error = error_of(f);
        if (correct)
            CHECK(error == "no error");
        else
            CHECK(error.find(": data race on ") != std::string::npos);
    });
}

}  // namespace racing
