#include "init.h"

#include <cmath>
#include <vector>

#include "vitrine/core/grad_mode.h"
#include "vitrine/core/operand.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/random.h"

namespace vitrine::nn::init {
namespace {

thread_local bool skipping = false;

double kaiming_std(const Tensor& w, const KaimingOptions& options, Site site) {
    const Fans fans = calculate_fans(w, site);
    const std::int64_t fan = options.mode == FanMode::fan_in ? fans.in : fans.out;
    return fan == 0 ? 0 : calculate_gain(options.nonlinearity, options.a) / std::sqrt(static_cast<double>(fan));
}

double xavier_std(const Tensor& w, double gain, Site site) {
    const Fans fans = calculate_fans(w, site);
    return fans.in + fans.out == 0 ? 0 : gain * std::sqrt(2.0 / static_cast<double>(fans.in + fans.out));
}

double dot(const double* a, const double* b, std::int64_t n) {
    double sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += a[i] * b[i];
    return sum;
}

// Rows made orthonormal one after the other (Gram and Schmidt), each twice: that is enough for double's precision.
void orthonormalise(std::vector<double>& m, std::int64_t rows, std::int64_t cols) {
    for (std::int64_t r = 0; r < rows; ++r) {
        double* row = m.data() + r * cols;
        for (int pass = 0; pass < 2; ++pass) {
            for (std::int64_t k = 0; k < r; ++k) {
                const double* other = m.data() + k * cols;
                const double along = dot(row, other, cols);
                for (std::int64_t c = 0; c < cols; ++c) row[c] -= along * other[c];
            }
        }
        const double length = std::sqrt(dot(row, row, cols));
        for (std::int64_t c = 0; c < cols; ++c) row[c] /= length;
    }
}

}  // namespace

Skip::Skip() : outer_(skipping) { skipping = true; }
Skip::~Skip() { skipping = outer_; }

double calculate_gain(Nonlinearity nonlinearity, double slope) {
    switch (nonlinearity) {
        case Nonlinearity::linear:
        case Nonlinearity::sigmoid: return 1;
        case Nonlinearity::tanh: return 5.0 / 3;
        case Nonlinearity::relu: return std::sqrt(2.0);
        case Nonlinearity::leaky_relu: return std::sqrt(2 / (1 + slope * slope));
    }
    throw Error("calculate_gain: no such nonlinearity");
}

Fans calculate_fans(const Tensor& weight, Site site) {
    const Call call("calculate_fans", site);
    call.check(weight.defined() && weight.dim() >= 2, "weight is ",
               weight.defined() ? join(weight.shape()) : "undefined", "; it needs two dimensions or more");
    std::int64_t rest = 1;
    for (int i = 2; i < weight.dim(); ++i) rest *= weight.shape()[i];
    return {weight.shape()[1] * rest, weight.shape()[0] * rest};
}

Tensor& uniform_(Tensor& w, double lo, double hi, Generator& generator, Site site) {
    const NoGrad no_grad;
    return skipping ? w : vitrine::uniform_(w, lo, hi, generator, user_site(site));
}

Tensor& normal_(Tensor& w, double mean, double std, Generator& generator, Site site) {
    const NoGrad no_grad;
    return skipping ? w : vitrine::normal_(w, mean, std, generator, user_site(site));
}

Tensor& constant_(Tensor& w, double value, Site site) {
    const NoGrad no_grad;
    return w.fill_(value, site);
}

Tensor& zeros_(Tensor& w, Site site) { return constant_(w, 0, site); }
Tensor& ones_(Tensor& w, Site site) { return constant_(w, 1, site); }

Tensor& xavier_uniform_(Tensor& w, double gain, Generator& generator, Site site) {
    const double bound = std::sqrt(3.0) * xavier_std(w, gain, site);
    return init::uniform_(w, -bound, bound, generator, site);
}

Tensor& xavier_normal_(Tensor& w, double gain, Generator& generator, Site site) {
    return init::normal_(w, 0, xavier_std(w, gain, site), generator, site);
}

Tensor& kaiming_uniform_(Tensor& w, KaimingOptions options, Generator& generator, Site site) {
    const double bound = std::sqrt(3.0) * kaiming_std(w, options, site);
    return init::uniform_(w, -bound, bound, generator, site);
}

Tensor& kaiming_normal_(Tensor& w, KaimingOptions options, Generator& generator, Site site) {
    return init::normal_(w, 0, kaiming_std(w, options, site), generator, site);
}

Tensor& orthogonal_(Tensor& w, double gain, Generator& generator, Site site) {
    const Call call("orthogonal_", site);
    call.check(call.floating(w, "w").dim() >= 2, "w is ", w.shape(), "; it needs two dimensions or more");
    if (skipping || w.numel() == 0) return w;
    const std::int64_t rows = w.shape()[0], cols = w.numel() / rows;
    const bool tall = rows > cols;
    const std::int64_t few = tall ? cols : rows, many = tall ? rows : cols;

    std::vector<double> m = randn({few, many}, {.dtype = DType::f64}, generator, call.site()).to_vector<double>();
    orthonormalise(m, few, many);
    for (double& value : m) value *= gain;
    const NoGrad no_grad;
    const Tensor drawn = from_values(std::span<const double>(m), {few, many}, {.dtype = w.dtype()}, call.site());
    return w.copy_((tall ? drawn.transpose(0, 1) : drawn).reshape(w.shape()), call.site());
}

}  // namespace vitrine::nn::init
