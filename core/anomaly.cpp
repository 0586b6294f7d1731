#include "anomaly.h"

#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "node.h"

namespace vitrine {

thread_local constinit int anomaly_mode = -1;

namespace {

constexpr int off = 0, nans = 1, nans_and_infs = 2;

int mode_of_environment() {
    const char* value = std::getenv("VITRINE_ANOMALY");
    const std::string_view text = value ? value : "";
    if (text.empty() || text == "0") return off;
    if (text == "1") return nans;
    VITRINE_CHECK(text == "inf", "VITRINE_ANOMALY is \"", text, "\"; allowed are 0, 1 and inf");
    return nans_and_infs;
}

/// "nan" at element 4, the first of its kind.
struct Found {
    double value;
    std::size_t element;
};

template <class T>
std::optional<Found> find_in(const std::vector<T>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        const bool bad = anomaly_mode == nans_and_infs ? !std::isfinite(values[i]) : std::isnan(values[i]);
        if (bad) return Found{std::fabs(static_cast<double>(values[i])), i};
    }
    return std::nullopt;
}

std::optional<Found> find(const Tensor& x) {
    if (!x.defined() || !is_floating(x.dtype())) return std::nullopt;
    const NoGrad no_grad;
    const Tensor values = x.detach();
    return x.dtype() == DType::f64 ? find_in(values.to_vector<double>()) : find_in(values.to_vector<float>());
}

bool is_on() {
    if (anomaly_mode < 0) anomaly_mode = mode_of_environment();
    return anomaly_mode != off;
}

}  // namespace

DetectAnomaly::DetectAnomaly(AnomalyOptions options) : before_(anomaly_mode) {
    anomaly_mode = options.inf ? nans_and_infs : nans;
}
DetectAnomaly::~DetectAnomaly() { anomaly_mode = before_; }

void check_made(const Call& call, const Tensor& y, std::initializer_list<const Tensor*> inputs) {
    if (!is_on()) return;
    const auto made = find(y);
    if (!made) return;
    int i = 0;
    for (const Tensor* x : inputs) {
        if (const auto given = find(*x)) {
            const Node* from = x->node();
            const std::string origin = from ? join(from->name(), " (", from->site(), ")") : "outside the graph";
            call.fail(join("input ", i, " ", x->shape(), " holds ", given->value, " at element ", given->element,
                           " already, from ", origin));
        }
        ++i;
    }
    call.fail(join("made ", made->value, " in its result ", y.shape(), " at element ", made->element));
}

void check_made(const Call& call, const Node& node, std::span<const Tensor> dy, std::span<const Tensor> dx) {
    if (!is_on()) return;
    for (std::size_t i = 0; i < dx.size(); ++i) {
        const auto made = find(dx[i]);
        if (!made) continue;
        for (std::size_t k = 0; k < dy.size(); ++k)
            if (const auto given = find(dy[k]))
                call.fail(join("the gradient of its output ", k, " ", dy[k].shape(), " holds ", given->value,
                               " at element ", given->element, " already"));
        const Edge& edge = node.inputs()[i];
        const std::string whose = edge.node ? join("computed by ", edge.node->name(), " (", edge.node->site(), ")") : "a leaf";
        call.fail(join("backward made ", made->value, " in the gradient of input ", i, " ", dx[i].shape(), ", ", whose,
                       ", at element ", made->element));
    }
}

}  // namespace vitrine
