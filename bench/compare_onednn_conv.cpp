// Our 3x3 convolutions beside oneDNN's, layer after layer in one run: milliseconds of forward, gradient for the data and
// gradient for the weight. Built where CMake finds version 2 of oneDNN (Debian: libdnnl-dev), whose algorithms are
//
//   nhwc      direct, images as ours lie
//   blocked   direct, images and kernels in the order that it likes best; copying them to that order is not counted
//   winograd  likewise, with the kernels' transform left out where it keeps them transformed
//
//   compare_onednn_conv [THREADS] [TURNS] [LAYER]      LAYER: only the one with that number, from 0
//
// One thread is measured in time of the thread, which other programs do not disturb, two and more by the clock. Of each
// side counts the least of many turns; the turns alternate, so that all see the same machine. The peak is 2 flops for
// every product of the formula at the rate that bench/machine.h measures: Winograd's 4 times fewer products go beyond 100 %.
#include <omp.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>
#include <vector>

#include "machine.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/place.h"
#include "vitrine/kernels/base/parallel.h"
#include "vitrine/kernels/conv/conv.h"

namespace {

using namespace vitrine::kernels;
using dnnl::memory;
using Format = memory::format_tag;

struct Layer {
    std::int64_t N, C, O, size, kernel = 3, stride = 1;
};

// Those of cifar_cnn and of resnet18 on 32 x 32 pictures.
constexpr Layer layers[] = {
    {128, 3, 32, 32},   {128, 32, 32, 32},  {128, 32, 64, 16},      {128, 64, 64, 16},        {128, 64, 128, 8},
    {128, 128, 128, 8}, {64, 3, 64, 32},    {64, 64, 64, 32},       {64, 128, 128, 16},       {64, 256, 256, 8},
    {64, 512, 512, 4},  {64, 64, 128, 32, 3, 2}, {64, 256, 512, 8, 3, 2}, {64, 64, 128, 32, 1, 2},
};

enum Pass { forward, backward_data, backward_weight };

double seconds(int threads) {
    timespec t;
    clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// Small numbers in memory from the library's allocator: both sides get its large pages.
struct Numbers {
    vitrine::Tensor tensor;
    float* data;
    explicit Numbers(std::int64_t n) : tensor(vitrine::zeros({n})), data(vitrine::raw<float>(tensor)) {
        unsigned state = 1;
        for (std::int64_t i = 0; i < n; ++i)
            data[i] = static_cast<float>((state = state * 1664525u + 1013904223u) >> 8) / 8388608.f - 1;
    }
};

using Run = std::function<void()>;

Run ours(const Layer& l, Pass pass) {
    ConvShape s;
    s.N = l.N, s.C = l.C, s.O = l.O, s.H = s.W = l.size, s.U = s.V = l.kernel;
    s.pad_h = s.pad_w = l.kernel / 2, s.stride_h = s.stride_w = l.stride, s.P = s.Q = l.size / l.stride;
    const std::size_t bytes = pass == forward         ? conv_forward_workspace_bytes<float>(Cpu{}, s)
                              : pass == backward_data ? conv_backward_data_workspace_bytes<float>(Cpu{}, s)
                                                      : conv_backward_weight_workspace_bytes<float>(Cpu{}, s);
    const Numbers x(l.N * l.size * l.size * l.C), w(l.kernel * l.kernel * l.C * l.O), y(l.N * s.P * s.Q * l.O);
    const Numbers space(static_cast<std::int64_t>(bytes / 4) + 1);
    return [=] {
        const ConvWorkspace ws{space.data, bytes};
        if (pass == forward) conv_forward<float>(Cpu{}, x.data, w.data, nullptr, y.data, s, ws);
        if (pass == backward_data) conv_backward_data<float>(Cpu{}, y.data, w.data, nullptr, x.data, s, ws);
        if (pass == backward_weight) conv_backward_weight<float>(Cpu{}, x.data, y.data, w.data, s, ws);
    };
}

// Empty where oneDNN has no such algorithm for the layer.
Run theirs(const Layer& l, Pass pass, dnnl::algorithm algorithm, Format images) {
    static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    static dnnl::stream stream(engine);
    const auto described = [](memory::dims dims, Format f) { return memory::desc(dims, memory::data_type::f32, f); };
    const std::int64_t result = l.size / l.stride, pad = l.kernel / 2;
    const auto x = described({l.N, l.C, l.size, l.size}, images), y = described({l.N, l.O, result, result}, images);
    const auto w = described({l.O, l.C, l.kernel, l.kernel}, Format::any);
    const memory::dims strides{l.stride, l.stride}, padding{pad, pad};
    using dnnl::convolution_backward_data, dnnl::convolution_backward_weights, dnnl::convolution_forward;
    std::vector<Numbers> kept;
    const auto numbers = [&](const memory::desc& d) {
        kept.emplace_back(static_cast<std::int64_t>(d.get_size() / 4));
        return memory(d, engine, kept.back().data);
    };
    const auto made = [&](auto primitive, const std::unordered_map<int, memory>& arguments) {
        return [primitive, arguments, kept] { primitive.execute(stream, arguments), stream.wait(); };
    };
    try {
        const convolution_forward::primitive_desc f(
            {dnnl::prop_kind::forward_training, algorithm, x, w, y, strides, padding, padding}, engine);
        if (pass == forward)
            return made(convolution_forward(f), {{DNNL_ARG_SRC, numbers(f.src_desc())},
                                                 {DNNL_ARG_WEIGHTS, numbers(f.weights_desc())},
                                                 {DNNL_ARG_DST, numbers(f.dst_desc())}});
        if (pass == backward_data) {
            const convolution_backward_data::primitive_desc d({algorithm, x, w, y, strides, padding, padding}, engine, f);
            return made(convolution_backward_data(d), {{DNNL_ARG_DIFF_DST, numbers(d.diff_dst_desc())},
                                                       {DNNL_ARG_WEIGHTS, numbers(d.weights_desc())},
                                                       {DNNL_ARG_DIFF_SRC, numbers(d.diff_src_desc())}});
        }
        const convolution_backward_weights::primitive_desc d({algorithm, x, w, y, strides, padding, padding}, engine, f);
        return made(convolution_backward_weights(d), {{DNNL_ARG_SRC, numbers(d.src_desc())},
                                                      {DNNL_ARG_DIFF_DST, numbers(d.diff_dst_desc())},
                                                      {DNNL_ARG_DIFF_WEIGHTS, numbers(d.diff_weights_desc())}});
    } catch (const dnnl::error&) {
        return {};
    }
}

}  // namespace

int main(int argc, char** argv) {
    const int threads = argc > 1 ? std::atoi(argv[1]) : 1, turns = argc > 2 ? std::atoi(argv[2]) : 9, only = argc > 3 ? std::atoi(argv[3]) : -1;
    set_num_threads(threads);
    omp_set_num_threads(threads);
    std::printf("milliseconds at %d threads, (%% of the peak), time of oneDNN / ours\n", threads);
    for (const Layer& l : layers) {
        if (only >= 0 && &l != layers + only) continue;
        const double flops = 2.0 * static_cast<double>(l.N * l.size * l.size / l.stride / l.stride * l.O * l.C * l.kernel * l.kernel);
        for (Pass pass : {forward, backward_data, backward_weight}) {
            const Run sides[] = {ours(l, pass), theirs(l, pass, dnnl::algorithm::convolution_direct, Format::nhwc),
                                 theirs(l, pass, dnnl::algorithm::convolution_direct, Format::any),
                                 theirs(l, pass, dnnl::algorithm::convolution_winograd, Format::any)};
            double least[] = {1e9, 1e9, 1e9, 1e9};
            for (int turn = 0; turn <= turns; ++turn) {
                for (int i = 0; i < 4; ++i) {
                    if (!sides[i]) continue;
                    const double begin = seconds(threads);
                    sides[i]();
                    if (turn > 0) least[i] = std::min(least[i], seconds(threads) - begin);
                }
            }
            static const char* const names[] = {"forward", "data", "weight"};
            std::printf("%3ld: %3ld -> %3ld, %2ldx%-2ld %ldx%ld/%ld %-7s ours %6.2f (%3.0f)", long(l.N), long(l.C), long(l.O), long(l.size),
                        long(l.size), long(l.kernel), long(l.kernel), long(l.stride), names[pass], least[0] * 1e3,
                        flops / least[0] / vitrine::bench::peak_flops() * 100);
            static const char* const algorithms[] = {"", "nhwc", "blocked", "winograd"};
            for (int i = 1; i < 4; ++i)
                if (sides[i]) std::printf("  %s %6.2f %4.2f", algorithms[i], least[i] * 1e3, least[i] / least[0]);
            std::printf("\n");
            std::fflush(stdout);
        }
    }
}
