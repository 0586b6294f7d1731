#include "sampling.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "vitrine/core/grad_mode.h"
#include "vitrine/core/operand.h"
#include "vitrine/core/ops/random.h"

namespace vitrine::models {

std::int64_t sample_token(const Tensor& logits, SamplingOptions options, Generator& generator, Site site) {
    const Call call("sample_token", site);
    call.floating(Operand(logits, site), "logits");
    call.check(logits.dim() == 1 && logits.numel() > 0, "logits ", logits.shape(), "; allowed is (V) with at least one");
    call.check(options.temperature >= 0 && std::isfinite(options.temperature), "temperature ", options.temperature,
               "; allowed is 0 and more");
    call.check(options.top_k >= 0, "top_k ", options.top_k, "; allowed is 0, for all, and more");

    const NoGrad no_grad;
    const std::vector<double> x = logits.to(DType::f64, site).to_vector<double>();
    for (std::size_t i = 0; i < x.size(); ++i)
        call.check(x[i] < std::numeric_limits<double>::infinity(), "logit ", x[i], " of token ", i);
    std::vector<std::int64_t> order(x.size());
    std::iota(order.begin(), order.end(), 0);
    const auto logit = [&](std::int64_t token) { return x[static_cast<std::size_t>(token)]; };
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return logit(a) > logit(b); });
    call.check(std::isfinite(logit(order[0])), "no token has a logit above -inf");
    if (options.temperature == 0) return order[0];

    if (options.top_k > 0) order.resize(std::min(order.size(), static_cast<std::size_t>(options.top_k)));
    std::vector<double> up_to;  // probabilities added up, less a common factor
    double total = 0;
    for (const std::int64_t token : order)
        up_to.push_back(total += std::exp((logit(token) - logit(order[0])) / options.temperature));
    const double drawn = rand({1}, {.dtype = DType::f64}, generator).item<double>() * total;
    const auto found = std::upper_bound(up_to.begin(), up_to.end() - 1, drawn);
    return order[static_cast<std::size_t>(found - up_to.begin())];
}

}  // namespace vitrine::models
