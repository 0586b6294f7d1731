// A program of its own, because it counts: calls of operator new, and calls of the system's functions for memory.
//
//     steady            what a thousand ops on 8 floats and training steps take from heap and system once they are steady:
//                       nothing
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <new>

#include "vitrine/vitrine.h"

namespace vt = vitrine;

namespace {
std::atomic<long> news{0}, system_calls{0};
}

void* operator new(std::size_t bytes) {
    ++news;
    if (void* memory = std::malloc(bytes ? bytes : 1)) return memory;
    throw std::bad_alloc();
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
    ++news;
    const auto step = static_cast<std::size_t>(alignment);
    if (void* memory = std::aligned_alloc(step, (bytes + step - 1) / step * step)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

// The program's own stand before libc's.
extern "C" void* mmap(void* at, std::size_t bytes, int protection, int flags, int file, off_t offset) noexcept {
    ++system_calls;
    return reinterpret_cast<void*>(syscall(SYS_mmap, at, bytes, protection, flags, file, offset));
}
extern "C" int munmap(void* at, std::size_t bytes) noexcept {
    ++system_calls;
    return static_cast<int>(syscall(SYS_munmap, at, bytes));
}
extern "C" int mprotect(void* at, std::size_t bytes, int protection) noexcept {
    ++system_calls;
    return static_cast<int>(syscall(SYS_mprotect, at, bytes, protection));
}
extern "C" int madvise(void* at, std::size_t bytes, int advice) noexcept {
    ++system_calls;
    return static_cast<int>(syscall(SYS_madvise, at, bytes, advice));
}

namespace {

int failed = 0;

void expect(bool good, const char* what, long count) {
    std::cout << (good ? "ok      " : "FAILED  ") << what << ": " << count << '\n';
    failed += !good;
}

long page_faults() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

// Operator new must not be called in `ops` after the second time that they run.
template <class Ops>
void no_heap(const char* what, Ops&& ops) {
    ops(), ops();
    const long before = news;
    ops();
    expect(news == before, what, news - before);
}

void small_ops() {
    const vt::Tensor x = vt::ones({8}, {.requires_grad = true}), dy = vt::ones({8}), square = vt::ones({8, 8}, {.requires_grad = true});
    const vt::Tensor dsquare = vt::ones({8, 8});
    const auto chain = [](const vt::Tensor& from, auto&& op) {
        vt::Tensor y = from;
        for (int i = 0; i < 1000; ++i) y = op(y);
        return y;
    };
    no_heap("heap calls, 1000 times y + x forward", [&] { chain(x, [&](const vt::Tensor& y) { return y + x; }); });
    no_heap("heap calls, 1000 times y + x under no_grad", [&] {
        const vt::NoGrad no_grad;
        chain(x, [&](const vt::Tensor& y) { return y + x; });
    });
    no_heap("heap calls, 1000 times detach", [&] { chain(x, [](const vt::Tensor& y) { return y.detach(); }); });
    no_heap("heap calls, 1000 times exp forward", [&] { chain(x, [](const vt::Tensor& y) { return vt::exp(y * 1e-3); }); });
    no_heap("heap calls, 1000 times softmax forward", [&] { chain(x, [](const vt::Tensor& y) { return vt::softmax(y, 0); }); });
    no_heap("heap calls, 1000 times matmul 8x8 forward", [&] { chain(square, [&](const vt::Tensor& y) { return vt::matmul(y, dsquare * 0.1); }); });
    // A walk's own lists are four vectors, however long the walk.
    const auto few_in_walk = [&](const char* what, const vt::Tensor& gradient, auto&& forward) {
        forward().backward(gradient), forward().backward(gradient);
        const vt::Tensor y = forward();
        const long before = news;
        y.backward(gradient);
        expect(news - before <= 16, what, news - before);
    };
    few_in_walk("heap calls, backward of 1000 times y + x (at most 16)", dy, [&] { return chain(x, [&](const vt::Tensor& y) { return y + x; }); });
    few_in_walk("heap calls, backward of 1000 times y * x (at most 16)", dy, [&] { return chain(x, [&](const vt::Tensor& y) { return y * x; }); });
    few_in_walk("heap calls, backward of 1000 times exp (at most 16)", dy, [&] { return chain(x, [&](const vt::Tensor& y) { return vt::exp(y * 1e-3); }); });
    few_in_walk("heap calls, backward of 1000 times softmax (at most 16)", dy, [&] { return chain(x, [&](const vt::Tensor& y) { return vt::softmax(y, 0); }); });
}

template <class Step>
void steady(const char* name, Step&& step) {
    for (int i = 0; i < 4; ++i) step();
    const auto before = vt::memory_stats(vt::Device::cpu);
    const long calls = system_calls, faults = page_faults();
    for (int i = 0; i < 5; ++i) step();
    const auto after = vt::memory_stats(vt::Device::cpu);
    std::cout << name << '\n';
    expect(after.system_calls == before.system_calls, "  MemoryStats.system_calls in 5 steps", static_cast<long>(after.system_calls - before.system_calls));
    expect(system_calls == calls, "  calls of mmap, munmap, mprotect and madvise", system_calls - calls);
    expect(page_faults() - faults < 50, "  page faults (fewer than 50)", page_faults() - faults);
    // Memory comes in pages of 2 MB; two of them are no waste.
    const std::size_t alive = after.high_water, held = after.held_high_water, pages = std::size_t{4} << 20;
    std::cout << "          alive at their peak " << alive / 1024 << " KB\n";
    expect(held <= alive + alive / 4 + pages, "  KB held at the highest (at most 1.25 times that, and 4096)", static_cast<long>(held / 1024));
}

template <class Net>
void train(const char* name, Net&& net, std::vector<vt::Tensor> parameters) {
    vt::optim::Adam adam(std::move(parameters), {.lr = 1e-3});
    steady(name, [&] {
        adam.zero_grad();
        net().backward();
        adam.step();
    });
}

void training() {
    vt::manual_seed(1);
    {
        vt::nn::Sequential net(vt::nn::Conv2d(3, 32, 3, {.padding = 1}), vt::nn::BatchNorm2d(32), vt::nn::ReLU(), vt::nn::MaxPool2d(2),
                               vt::nn::Conv2d(32, 64, 3, {.padding = 1}), vt::nn::ReLU(), vt::nn::Flatten(), vt::nn::Linear(64 * 64, 10));
        const vt::Tensor x = vt::randn({128, 3, 16, 16}), y = vt::full({128}, 3, {.dtype = vt::int64});
        train("convolutions", [&] { return vt::cross_entropy(net(x), y); }, net.parameters());
    }
    {
        vt::nn::LSTM lstm(64, 128, {.num_layers = 2});
        const vt::Tensor x = vt::randn({32, 16, 64});
        train("LSTM", [&] { return vt::sum(vt::square(lstm(x).output)); }, lstm.parameters());
    }
    {
        vt::nn::Embedding words(65, 64);
        vt::nn::LSTM lstm(64, 128);
        const vt::Tensor ids = vt::full({32, 16}, 3, {.dtype = vt::int64});
        std::vector<vt::Tensor> parameters = lstm.parameters();
        parameters.push_back(words.weight);
        train("LSTM of ids", [&] { return vt::sum(vt::square(lstm(ids, words).output)); }, parameters);
    }
    {
        vt::nn::TransformerEncoderLayer layer(128, 4, {.dim_feedforward = 512, .batch_first = true});
        const vt::Tensor x = vt::randn({32, 64, 128});
        train("transformer", [&] { return vt::sum(vt::square(layer(x))); }, layer.parameters());
    }
}

}  // namespace

int main() {
    small_ops();
    training();
    return failed ? 1 : 0;
}
