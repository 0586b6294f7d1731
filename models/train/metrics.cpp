#include "metrics.h"

#include <algorithm>
#include <cmath>

#include "vitrine/core/grad_mode.h"
#include "vitrine/core/operand.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/loss.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"

namespace vitrine::models {
namespace {

/// Logits (N, C) and classes (N), checked and on the host.
struct Rows {
    std::vector<double> logits;
    std::vector<std::int64_t> classes;
    std::int64_t columns;

    Rows(const Call& call, const Tensor& x, const Tensor& target) {
        call.floating(x, "logits");
        call.tensor(target, "classes");
        call.check(x.dim() == 2, "logits ", x.shape(), "; allowed is (N, C)");
        call.check(target.dim() == 1 && target.size(0) == x.size(0), "classes ", target.shape(), " for logits ",
                   x.shape(), "; allowed is ", Shape{x.size(0)});
        call.check(target.dtype() == DType::i64, "classes are ", target.dtype(), "; allowed is i64");
        call.check(x.size(0) > 0, "no rows");
        logits = x.detach().to(DType::f64).to_vector<double>();
        classes = target.to_vector<std::int64_t>();
        columns = x.size(1);
        for (const std::int64_t c : classes)
            call.check(c >= 0 && c < columns, "class ", c, "; allowed are 0 to ", columns - 1);
    }
    const double* row(std::size_t n) const { return logits.data() + static_cast<std::int64_t>(n) * columns; }
    std::int64_t predicted(std::size_t n) const { return std::max_element(row(n), row(n) + columns) - row(n); }
};

// NaN counts as larger than any number: a model that makes one is right about nothing.
bool among_best(const double* row, std::int64_t columns, std::int64_t wanted, std::int64_t k) {
    std::int64_t better = 0;
    for (std::int64_t c = 0; c < columns; ++c) {
        if (c == wanted || row[c] < row[wanted]) continue;
        better += row[c] != row[wanted] || c < wanted;
    }
    return better < k;
}

double top_k(const Call& call, const Tensor& logits, const Tensor& classes, std::int64_t k) {
    const Rows rows(call, logits, classes);
    call.check(k >= 1 && k <= rows.columns, "k ", k, "; allowed are 1 to ", rows.columns);
    std::int64_t right = 0;
    for (std::size_t n = 0; n < rows.classes.size(); ++n)
        right += among_best(rows.row(n), rows.columns, rows.classes[n], k);
    return static_cast<double>(right) / static_cast<double>(rows.classes.size());
}

std::vector<std::string> numbered(std::int64_t classes, const Call& call) {
    call.check(classes >= 1, classes, " classes; allowed are 1 and more");
    std::vector<std::string> names;
    for (std::int64_t i = 0; i < classes; ++i) names.push_back(std::to_string(i));
    return names;
}

std::string padded(const std::string& text, std::size_t width) {
    return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

// "93%", or "-" of nothing.
std::string percent(double share) { return std::isnan(share) ? "-" : std::to_string(std::llround(100 * share)) + "%"; }

double share(std::int64_t part, std::int64_t whole) { return static_cast<double>(part) / static_cast<double>(whole); }

}  // namespace

double accuracy(const Tensor& logits, const Tensor& classes, Site site) {
    return top_k(Call("accuracy", site), logits, classes, 1);
}

double top_k_accuracy(const Tensor& logits, const Tensor& classes, std::int64_t k, Site site) {
    return top_k(Call("top_k_accuracy", site), logits, classes, k);
}

double perplexity(double mean_nats) { return std::exp(mean_nats); }

Elbo elbo(const VaeOutput& output, const Tensor& x, Site site) {
    const Call call("elbo", site);
    call.tensor(x);
    call.check(x.dim() == 2 && x.size(0) > 0, "x is ", x.shape(), "; allowed is (N, inputs) with N > 0");
    const SiteScope scope(call.site());
    const NoGrad no_grad;
    const auto n = static_cast<double>(x.size(0));
    const auto& [mean, log_var] = output.code;
    const Tensor bce = binary_cross_entropy_with_logits(output.logits, x, {.reduction = Reduction::sum});
    const Tensor kl = 0.5 * sum(square(mean) + exp(log_var) - 1 - log_var);
    return {bce.item<double>() / n, kl.item<double>() / n};
}

void RunningMean::add(double value, double weight, Site site) {
    Call("RunningMean::add", site)
        .check(weight >= 0 && std::isfinite(weight), "weight ", weight, "; allowed are 0 and more");
    sum_ += value * weight;
    weight_ += weight;
}

void RunningScores::add(const Scores& scores, double weight, Site site) {
    for (const auto& [name, value] : scores) means_[name].add(value, weight, site);
}

Scores RunningScores::means() const {
    Scores scores;
    for (const auto& [name, mean] : means_) scores[name] = mean.value();
    return scores;
}

ConfusionMatrix::ConfusionMatrix(std::int64_t classes, Site site)
    : ConfusionMatrix(numbered(classes, Call("ConfusionMatrix", site)), site) {}

ConfusionMatrix::ConfusionMatrix(std::vector<std::string> names, Site site)
    : names_(std::move(names)), counts_(names_.size() * names_.size()) {
    Call("ConfusionMatrix", site).check(!names_.empty(), "no names; needed is one a class");
}

void ConfusionMatrix::add(const Tensor& logits, const Tensor& classes, Site site) {
    const Call call("ConfusionMatrix::add", site);
    const Rows rows(call, logits, classes);
    call.check(rows.columns == this->classes(), "logits ", logits.shape(), "; allowed is (N, ", this->classes(), ")");
    for (std::size_t n = 0; n < rows.classes.size(); ++n)
        ++counts_[static_cast<std::size_t>(rows.classes[n] * rows.columns + rows.predicted(n))];
}

std::int64_t ConfusionMatrix::at(std::int64_t truth, std::int64_t predicted, Site site) const {
    for (const std::int64_t c : {truth, predicted})
        Call("ConfusionMatrix::at", site)
            .check(c >= 0 && c < classes(), "class ", c, "; allowed are 0 to ", classes() - 1);
    return counts_[static_cast<std::size_t>(truth * classes() + predicted)];
}

std::int64_t ConfusionMatrix::row_sum(std::int64_t truth) const {
    std::int64_t sum = 0;
    for (std::int64_t j = 0; j < classes(); ++j) sum += at(truth, j);
    return sum;
}

std::int64_t ConfusionMatrix::column_sum(std::int64_t predicted) const {
    std::int64_t sum = 0;
    for (std::int64_t i = 0; i < classes(); ++i) sum += at(i, predicted);
    return sum;
}

double ConfusionMatrix::accuracy() const {
    std::int64_t right = 0, all = 0;
    for (std::int64_t i = 0; i < classes(); ++i) right += at(i, i), all += row_sum(i);
    return share(right, all);
}

double ConfusionMatrix::recall(std::int64_t truth) const { return share(at(truth, truth), row_sum(truth)); }

double ConfusionMatrix::precision(std::int64_t predicted) const {
    return share(at(predicted, predicted), column_sum(predicted));
}

std::string ConfusionMatrix::table() const {
    std::size_t width = 4;
    for (const std::string& name : names_) width = std::max(width, name.size());
    for (const std::int64_t count : counts_) width = std::max(width, std::to_string(count).size());

    std::string text = padded("", width);
    for (const std::string& name : names_) text += "  " + padded(name, width);
    text += "  recall\n";
    for (std::int64_t i = 0; i < classes(); ++i) {
        text += padded(names_[static_cast<std::size_t>(i)], width);
        for (std::int64_t j = 0; j < classes(); ++j) text += "  " + padded(std::to_string(at(i, j)), width);
        text += "  " + padded(percent(recall(i)), 6) + "\n";
    }
    text += padded("", width);
    for (std::int64_t j = 0; j < classes(); ++j) text += "  " + padded(percent(precision(j)), width);
    return text + "  precision\n";
}

}  // namespace vitrine::models
