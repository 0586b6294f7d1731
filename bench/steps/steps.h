// What bench/steps times: each function runs one kind of training step for some seconds and says how it went.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "vitrine/core/profiler.h"

namespace vitrine::bench {

inline double now_ms() { return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

inline double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

/// Where time_steps() writes what the measured steps' time went into, as JSON; empty: nowhere.
inline std::string profile_file;

/// Runs `step` for some time, first `warm_up` times unmeasured; the duration of each.
template <class Step>
std::vector<double> time_steps(double seconds, int warm_up, Step step) {
    for (int i = 0; i < warm_up; ++i) step();
    std::optional<Profile> profile;
    if (!profile_file.empty()) profile.emplace(ProfileOptions{.trace = false});
    std::vector<double> times;
    for (const double end = now_ms() + 1e3 * seconds; times.empty() || now_ms() < end;) {
        const double start = now_ms();
        step();
        times.push_back(now_ms() - start);
    }
    if (profile) profile->stop(), std::ofstream(profile_file) << profile->json() << '\n';
    return times;
}

/// The median of the times, and what it makes of `samples` and `flops` a step.
inline nlohmann::json rates(const std::vector<double>& times, double samples, double flops) {
    const double ms = median(times);
    return {{"median_ms", ms}, {"samples_per_second", 1e3 * samples / ms}, {"gflop", flops / 1e9}, {"gflops", flops / ms / 1e6}};
}

/// How large a step is; 0: as the step's comment below says. The figures of a growth table: bench/growth.py.
struct Size {
    std::int64_t batch = 0;
    std::int64_t width = 0;   ///< hidden units, channels of the first layer, or the model's width
    std::int64_t length = 0;  ///< of the sequences; of an image's side
};

// A product of (M, K) and (K, N) is 2 M K N operations; backward has two of them for each of forward, but the first layer
// needs no dx. Everything that is no product is not counted.

/// 784-400-20 at batch 128 with Adam. width: of the hidden layer.
nlohmann::json mnist_vae(double seconds, Size size);
/// 1000 additions of 8 floats, forward with the graph, then backward. Has one size.
nlohmann::json tiny(double seconds, Size size);
/// Six 3x3 convolutions with 32, 64 and 128 channels, batch norm, max pooling; 128 pictures of 32 x 32; SGD.
nlohmann::json cifar_cnn(double seconds, Size size);
/// An 18-layer residual net on 64 pictures of 32 x 32; SGD.
nlohmann::json resnet18(double seconds, Size size);
/// An embedding and two LSTM layers of 512, 64 sequences of 64 characters, 65 of them; Adam, clipping.
/// The first layer multiplies the table's 65 rows; its GFLOP are those.
nlohmann::json char_rnn(double seconds, Size size);
/// The same, but the first layer multiplies the vectors of all 4096 places, as PyTorch does.
nlohmann::json char_rnn_products(double seconds, Size size);
/// Four transformer layers, four heads, 256 wide, 16 sequences of 128 characters; AdamW.
nlohmann::json gpt(double seconds, Size size);

}  // namespace vitrine::bench
