// Windows of a text: what goes in, and the same one character later.
#pragma once

#include <cstdint>
#include <iterator>

#include <vitrine/vitrine.h>

/// ids (B, T), or (T) of one window, i64.
struct Window {
    vitrine::Tensor x, y;
};

/// A text cut into windows that follow on each other, as a data set; less than a window at its end is left out.
class WindowsInOrder {
public:
    /// ids (L) i64. Throws Error when they are not more than a window.
    WindowsInOrder(vitrine::Tensor ids, std::int64_t length);

    std::int64_t size() const { return (ids_.numel() - 1) / length_; }
    Window get(std::int64_t i) const;

private:
    vitrine::Tensor ids_;
    std::int64_t length_;
};

/// Batches of windows from anywhere in a text, as a Trainer wants a loader: each loop over it is an epoch of `size`
/// batches. Where the windows begin depends on seed, epoch and batch alone.
class RandomWindows {
public:
    struct Options {
        std::int64_t length = 64, batch = 32, batches = 500, seed = 1;
    };

    /// ids (L) i64, on the cpu. Throws Error when they are not more than a window.
    RandomWindows(vitrine::Tensor ids, Options options);

    std::int64_t size() const { return options_.batches; }
    const vitrine::data::LoaderState& state() const { return state_; }
    void restore(const vitrine::data::LoaderState& state, vitrine::Site site = vitrine::Site::here());

    class Iterator {
    public:
        explicit Iterator(RandomWindows* windows) : windows_(windows) {}
        Window& operator*() const { return windows_->batch_; }
        Iterator& operator++() {
            windows_->advance();
            return *this;
        }
        bool operator==(std::default_sentinel_t) const { return windows_->ended_; }

    private:
        RandomWindows* windows_;
    };
    Iterator begin();
    std::default_sentinel_t end() const { return {}; }

private:
    void advance();
    std::int64_t start(std::int64_t window) const;

    vitrine::Tensor ids_;
    Options options_;
    vitrine::data::LoaderState state_;
    Window batch_;
    bool running_ = false, ended_ = true;
};
