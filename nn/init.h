// Initialisers: they fill a tensor in place, outside the graph, and return it. Numbers go to the elements in logical
// order whatever the strides. Each throws Error for a dtype that is not floating.
#pragma once

#include <cstdint>

#include "vitrine/core/generator.h"
#include "vitrine/core/tensor.h"

namespace vitrine::nn::init {

/// What follows the layer: how much its gain must make up for.
enum class Nonlinearity { linear, sigmoid, tanh, relu, leaky_relu };
/// Whether the variance is kept forward (inputs of a unit) or backward (its outputs).
enum class FanMode { fan_in, fan_out };

/// linear and sigmoid 1, tanh 5/3, relu sqrt(2), leaky_relu sqrt(2 / (1 + slope^2)).
double calculate_gain(Nonlinearity nonlinearity, double slope = 0.01);

/// Units that feed one unit (in), and that one feeds (out), of a weight (out, in, ...): sizes of further dimensions
/// count as factors. Throws Error below two dimensions.
struct Fans {
    std::int64_t in, out;
};
Fans calculate_fans(const Tensor& weight, Site site = Site::here());

Tensor& uniform_(Tensor& w, double lo = 0, double hi = 1, Generator& generator = default_generator(),
                 Site site = Site::here());
Tensor& normal_(Tensor& w, double mean = 0, double std = 1, Generator& generator = default_generator(),
                Site site = Site::here());
Tensor& constant_(Tensor& w, double value, Site site = Site::here());
Tensor& zeros_(Tensor& w, Site site = Site::here());
Tensor& ones_(Tensor& w, Site site = Site::here());

/// Uniform in +-gain sqrt(6 / (in + out)). (Glorot and Bengio, AISTATS 2010.)
Tensor& xavier_uniform_(Tensor& w, double gain = 1, Generator& generator = default_generator(),
                        Site site = Site::here());
/// Normal with standard deviation gain sqrt(2 / (in + out)).
Tensor& xavier_normal_(Tensor& w, double gain = 1, Generator& generator = default_generator(),
                       Site site = Site::here());

struct KaimingOptions {
    double a = 0;                       ///< slope of the leaky_relu that follows
    FanMode mode = FanMode::fan_in;
    Nonlinearity nonlinearity = Nonlinearity::leaky_relu;
};
/// Uniform in +-gain sqrt(3 / fan), the gain that of the nonlinearity. (He et al., ICCV 2015.)
Tensor& kaiming_uniform_(Tensor& w, KaimingOptions options = {}, Generator& generator = default_generator(),
                         Site site = Site::here());
/// Normal with standard deviation gain / sqrt(fan).
Tensor& kaiming_normal_(Tensor& w, KaimingOptions options = {}, Generator& generator = default_generator(),
                        Site site = Site::here());

/// gain times a matrix (size(0), rest) with orthonormal rows, or columns where there are fewer of those, every such
/// matrix equally likely. (Saxe et al., ICLR 2014.) Throws Error below two dimensions.
Tensor& orthogonal_(Tensor& w, double gain = 1, Generator& generator = default_generator(), Site site = Site::here());

/// While one lives, this thread's initialisers that draw random numbers do nothing: clone() overwrites what it builds.
class Skip {
public:
    Skip();
    ~Skip();
    Skip(const Skip&) = delete;
    Skip& operator=(const Skip&) = delete;

private:
    bool outer_;
};

}  // namespace vitrine::nn::init
