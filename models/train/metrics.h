// How good a model is, in numbers that people read. All of them are computed on the cpu from copies, outside the graph.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "vitrine/core/tensor.h"
#include "vitrine/models/vae.h"

namespace vitrine::models {

/// Named numbers: {"loss", 0.31}, {"accuracy", 0.97}.
using Scores = std::map<std::string, double>;

/// The share of rows of logits (N, C) whose largest value stands at the row's class; classes (N) i64, 0 to C-1.
/// Of equal largest values the first counts. Throws Error for other shapes or dtypes, a class out of range, no rows.
double accuracy(const Tensor& logits, const Tensor& classes, Site site = Site::here());

/// The share of rows in which fewer than k values are larger than that of the row's class, or as large and further
/// left: the class is among the k best. Throws Error as accuracy does, and unless 1 <= k <= C.
double top_k_accuracy(const Tensor& logits, const Tensor& classes, std::int64_t k, Site site = Site::here());

/// e to the mean cross entropy in nats: of how many equally likely symbols the model is in doubt.
double perplexity(double mean_nats);

/// The evidence lower bound of a variational autoencoder, the mean over the images, in nats:
/// ELBO = -(BCE + KL), see models/vae.h. It lies below log p(x), the higher the better.
struct Elbo {
    double reconstruction = 0;  ///< BCE
    double kl = 0;
    double value() const { return -(reconstruction + kl); }
};
/// Of the pictures x (N, inputs) and what the model made of them. Throws Error for other shapes, or no pictures.
Elbo elbo(const VaeOutput& output, const Tensor& x, Site site = Site::here());

/// A mean of numbers that come one after the other, each with a weight (the examples that it is the mean of).
class RunningMean {
public:
    RunningMean() = default;
    /// One that has come so far.
    RunningMean(double sum, double weight) : sum_(sum), weight_(weight) {}
    /// Throws Error for a weight that is negative or not finite.
    void add(double value, double weight = 1, Site site = Site::here());
    double value() const { return sum_ / weight_; }  ///< NaN of nothing
    double sum() const { return sum_; }
    double weight() const { return weight_; }

private:
    double sum_ = 0, weight_ = 0;
};

/// A running mean for each name.
class RunningScores {
public:
    void add(const Scores& scores, double weight, Site site = Site::here());
    Scores means() const;
    std::map<std::string, RunningMean>& parts() { return means_; }
    const std::map<std::string, RunningMean>& parts() const { return means_; }

private:
    std::map<std::string, RunningMean> means_;
};

/// How often class i was taken for class j.
class ConfusionMatrix {
public:
    /// Throws Error unless classes >= 1.
    explicit ConfusionMatrix(std::int64_t classes, Site site = Site::here());
    /// Classes with names, for the table.
    explicit ConfusionMatrix(std::vector<std::string> names, Site site = Site::here());

    /// Counts rows as accuracy() does; logits (N, classes).
    void add(const Tensor& logits, const Tensor& classes, Site site = Site::here());

    std::int64_t classes() const { return static_cast<std::int64_t>(names_.size()); }
    /// How often an example of class `truth` was taken for `predicted`. Throws Error for a class out of range.
    std::int64_t at(std::int64_t truth, std::int64_t predicted, Site site = Site::here()) const;
    double accuracy() const;                         ///< NaN of nothing
    double recall(std::int64_t truth) const;         ///< of the examples of a class, the share that was found
    double precision(std::int64_t predicted) const;  ///< of what was taken for a class, the share that was it

    /// The table: a row for each true class, a column for each prediction, recall at the right, precision below.
    std::string table() const;

private:
    std::int64_t row_sum(std::int64_t truth) const;
    std::int64_t column_sum(std::int64_t predicted) const;

    std::vector<std::string> names_;
    std::vector<std::int64_t> counts_;  // classes x classes, row = truth
};

}  // namespace vitrine::models
