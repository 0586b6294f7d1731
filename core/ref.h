// Intrusive reference counts.
#pragma once

#include <atomic>
#include <utility>

namespace vitrine {

/// Base of everything that is counted. The count is atomic: host threads share parameters.
struct Counted {
    std::atomic<int> count{0};
    Counted() = default;
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
};

/// A counted pointer to T. The last one calls destroy(T*), found by argument-dependent lookup.
template <class T>
class Ref {
public:
    Ref() = default;
    explicit Ref(T* object) : object_(object) { acquire(); }
    /// Holds an object that was just made, before anybody else can: no atomic read-modify-write.
    static Ref first(T* made) {
        made->count.store(1, std::memory_order_relaxed);
        Ref ref;
        ref.object_ = made;
        return ref;
    }
    Ref(const Ref& other) : object_(other.object_) { acquire(); }
    Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    Ref& operator=(Ref other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    // The only holder need not count down: nobody is left who could take another hold meanwhile.
    ~Ref() {
        if (object_ && (unique() || object_->count.fetch_sub(1, std::memory_order_acq_rel) == 1)) destroy(object_);
    }

    T* get() const { return object_; }
    T* operator->() const { return object_; }
    T& operator*() const { return *object_; }
    explicit operator bool() const { return object_ != nullptr; }
    bool unique() const { return object_ && object_->count.load(std::memory_order_acquire) == 1; }

private:
    void acquire() {
        if (object_) object_->count.fetch_add(1, std::memory_order_relaxed);
    }
    T* object_ = nullptr;
};

}  // namespace vitrine
