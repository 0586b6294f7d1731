// Batches made ahead by threads, handed out in order.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "vitrine/core/grad_mode.h"
#include "vitrine/core/profiling.h"
#include "vitrine/kernels/base/one_thread.h"

namespace vitrine::data {

/// Threads that call make(k) for k from `first` to `end` and keep up to `ahead` results that nobody has taken.
template <class Batch>
class Prefetch {
public:
    Prefetch(std::int64_t workers, std::int64_t ahead, std::function<Batch(std::int64_t)> make) : make_(std::move(make)), ahead_(ahead) {
        for (std::int64_t w = 0; w < workers; ++w) threads_.emplace_back([this] { work(); });
    }
    ~Prefetch() {
        {
            const std::lock_guard lock(mutex_);
            stop_ = true;
        }
        wake_.notify_all();
        for (std::thread& thread : threads_) thread.join();
    }
    Prefetch(const Prefetch&) = delete;
    Prefetch& operator=(const Prefetch&) = delete;

    /// Forgets what is waiting, and waits for what is being made.
    void cancel() {
        std::unique_lock lock(mutex_);
        next_ = end_ = 0;
        made_.wait(lock, [&] { return busy_ == 0; });
        results_.clear();
    }
    /// After cancel().
    void start(std::int64_t first, std::int64_t end) {
        {
            const std::lock_guard lock(mutex_);
            next_ = taken_ = first;
            end_ = end;
        }
        wake_.notify_all();
    }
    /// Batch k, waiting until it is made; they are taken in order. Throws what make(k) threw.
    Batch take(std::int64_t k) {
        Result result;
        {
            const ProfileScope profiled("wait for data");
            std::unique_lock lock(mutex_);
            made_.wait(lock, [&] { return results_.contains(k); });
            result = std::move(results_.extract(k).mapped());
            taken_ = k + 1;
        }
        wake_.notify_all();
        if (result.error) std::rethrow_exception(result.error);
        return std::move(result.batch);
    }

private:
    struct Result {
        Batch batch{};
        std::exception_ptr error;
    };

    void work() {
        const kernels::OneThread one_thread;
        const NoGrad no_grad;
        std::unique_lock lock(mutex_);
        for (;;) {
            wake_.wait(lock, [&] { return stop_ || (next_ < end_ && next_ < taken_ + ahead_); });
            if (stop_) return;
            const std::int64_t k = next_++;
            ++busy_;
            lock.unlock();
            Result result;
            try {
                result.batch = make_(k);
            } catch (...) {
                result.error = std::current_exception();
            }
            lock.lock();
            --busy_;
            results_.emplace(k, std::move(result));
            made_.notify_all();
        }
    }

    std::function<Batch(std::int64_t)> make_;
    std::int64_t ahead_;
    std::mutex mutex_;
    std::condition_variable wake_, made_;
    std::map<std::int64_t, Result> results_;
    std::int64_t next_ = 0, end_ = 0, taken_ = 0, busy_ = 0;
    bool stop_ = false;
    std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace vitrine::data
