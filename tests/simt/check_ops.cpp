// Every kernel family under the checker, in five orders of threads: nothing is reported.
#include "vitrine/config.h"

#if VITRINE_SIMT_CHECK

#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>
#include <iostream>
#include <map>

#include "device_array.h"
#include "kernel_runs.h"

#include "vitrine/kernels/base/error.h"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("simt/check_ops: no report on any kernel, in any order") {
    using kernels::simt::Order;
    std::map<std::string, double> seconds;  // of processor time
    const auto runs = kernel_runs();
    for (const kernels::simt::Options& options : std::vector<kernels::simt::Options>{
             {.order = Order::forward}, {.order = Order::reverse}, {.order = Order::random, .seed = 1},
             {.order = Order::random, .seed = 2}, {.order = Order::random, .seed = 3}}) {
        const WithOptions set(options);
        for (const KernelRun& run : runs) {
            if (options.order == Order::random && !run.in_every_order) continue;
            const std::clock_t begin = std::clock();
            try {
                run.run();
            } catch (const Error& error) {
                FAIL_CHECK(run.family, " ", run.name, ": ", std::string(error.what()));
            }
            seconds[run.family] += static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
        }
    }
    if (std::getenv("VITRINE_TEST_TIMES"))
        for (const auto& [family, s] : seconds) std::cout << family << " " << s << " s\n";
}

#endif
