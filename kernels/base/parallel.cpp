#include "parallel.h"

#include <algorithm>
#include <atomic>

#include "crowd.h"
#include "one_thread.h"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace vitrine::kernels {
namespace {
std::atomic<int> chosen{0};  // 0: the machine's
thread_local constinit bool alone = false;
}  // namespace

OneThread::OneThread() : before_(alone) { alone = true; }
OneThread::~OneThread() { alone = before_; }

#ifdef _OPENMP
int num_threads() {
    const int n = chosen.load(std::memory_order_relaxed);
    return n > 0 ? n : omp_get_max_threads();
}
#else
int num_threads() { return 1; }
#endif

void set_num_threads(int n) { chosen.store(std::max(1, n), std::memory_order_relaxed); }

int parts_for(std::int64_t count, double cost) {
    constexpr double worth_a_thread = 20'000;  // operations: about 5 us, several times a fork and join
    const double work = static_cast<double>(count) * cost;
    if (work < 2 * worth_a_thread || alone) return 1;
#ifdef _OPENMP
    if (omp_in_parallel()) return 1;
#endif
    const auto most = std::min<std::int64_t>(num_threads(), count);
    if (most <= 1 || crowded()) return 1;
    return static_cast<int>(std::min(static_cast<double>(most), work / worth_a_thread));
}

}  // namespace vitrine::kernels
