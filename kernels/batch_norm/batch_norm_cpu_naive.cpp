#include <cmath>

#include "batch_norm_naive.h"

namespace vitrine::kernels {

template <class T>
void batch_norm_forward_naive(const T* x, const T* w, const T* b, T* y, T* mean, T* rstd, BatchNormRunning<T> running, double eps, BatchNormShape n,
                              BatchNormRelu<T> relu) {
    const auto m = double(n.rows);
    for (std::int64_t c = 0; c < n.channels; ++c) {
        double sum = 0, squares = 0;
        for (std::int64_t r = 0; r < n.rows; ++r) sum += double(x[r * n.channels + c]);
        const double mu = sum / m;
        for (std::int64_t r = 0; r < n.rows; ++r) {
            const double difference = double(x[r * n.channels + c]) - mu;
            squares += difference * difference;
        }
        mean[c] = static_cast<T>(mu);
        rstd[c] = static_cast<T>(1 / std::sqrt(squares / m + eps));
        if (!running.mean) continue;
        running.mean[c] = static_cast<T>((1 - running.momentum) * double(running.mean[c]) + running.momentum * mu);
        running.var[c] = static_cast<T>((1 - running.momentum) * double(running.var[c]) + running.momentum * squares / (m - 1));
    }
    batch_norm_inference_naive(x, w, b, mean, rstd, y, n, relu);
}

template <class T>
void batch_norm_inference_naive(const T* x, const T* w, const T* b, const T* mean, const T* rstd, T* y, BatchNormShape n, BatchNormRelu<T> relu) {
    for (std::int64_t r = 0; r < n.rows; ++r) {
        for (std::int64_t c = 0; c < n.channels; ++c) {
            const std::int64_t i = r * n.channels + c;
            const T xhat = (x[i] - mean[c]) * rstd[c];
            y[i] = (w ? w[c] : T(1)) * xhat + (b ? b[c] : T(0));
            if (relu.r) y[i] += relu.r[i];
            if (relu.on) y[i] = y[i] < 0 ? T(0) : y[i];  // a NaN stays one
        }
    }
}

template <class T>
void batch_norm_backward_naive(const T* x, const T* w, const T* mean, const T* rstd, const T* dy, T* dx, T* dw, T* db, bool training, BatchNormShape n,
                               BatchNormReluGrad<T> relu) {
    const auto m = double(n.rows);
    for (std::int64_t c = 0; c < n.channels; ++c) {
        const auto g = [&](std::int64_t i) { return relu.y && !(relu.y[i] > 0) ? 0.0 : double(dy[i]); };
        const auto xhat = [&](std::int64_t i) { return (double(x[i]) - double(mean[c])) * double(rstd[c]); };
        double sum = 0, sum_x = 0;
        for (std::int64_t i = c; i < n.rows * n.channels; i += n.channels) sum += g(i), sum_x += g(i) * xhat(i);
        db[c] = static_cast<T>(sum), dw[c] = static_cast<T>(sum_x);

        const double scale = (w ? double(w[c]) : 1.0) * double(rstd[c]);
        for (std::int64_t i = c; i < n.rows * n.channels; i += n.channels) {
            const double centred = training ? g(i) - sum / m - xhat(i) * sum_x / m : g(i);
            if (relu.dr) relu.dr[i] = static_cast<T>(g(i));
            dx[i] = static_cast<T>(scale * centred);
        }
    }
}

template void batch_norm_forward_naive(const float*, const float*, const float*, float*, float*, float*, BatchNormRunning<float>, double, BatchNormShape,
                                       BatchNormRelu<float>);
template void batch_norm_forward_naive(const double*, const double*, const double*, double*, double*, double*, BatchNormRunning<double>, double,
                                       BatchNormShape, BatchNormRelu<double>);
template void batch_norm_inference_naive(const float*, const float*, const float*, const float*, const float*, float*, BatchNormShape, BatchNormRelu<float>);
template void batch_norm_inference_naive(const double*, const double*, const double*, const double*, const double*, double*, BatchNormShape,
                                         BatchNormRelu<double>);
template void batch_norm_backward_naive(const float*, const float*, const float*, const float*, const float*, float*, float*, float*, bool, BatchNormShape,
                                        BatchNormReluGrad<float>);
template void batch_norm_backward_naive(const double*, const double*, const double*, const double*, const double*, double*, double*, double*, bool,
                                        BatchNormShape, BatchNormReluGrad<double>);

}  // namespace vitrine::kernels
