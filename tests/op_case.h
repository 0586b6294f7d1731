// What a test case of an op is, and the drivers that run it on every device of the build.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "vitrine/core/tensor.h"

namespace vitrine::testing {

/// How an input lies in memory.
enum class Layout {
    rows,        ///< row-major
    transposed,  ///< the last two dimensions swapped in memory
    gaps,        ///< every second element along the last dimension of a larger tensor, from an offset
    broadcast,   ///< the first dimension repeated with stride 0
};

/// One input of a case: values are drawn evenly from [low, high), or integers if `integers`.
struct Input {
    Shape shape;
    Layout layout = Layout::rows;
    double low = -2, high = 2;
    bool requires_grad = true;
    bool integers = false;  ///< an i64 tensor of whole numbers in [low, high)
};

/// An input as references see it: row-major doubles.
struct Array {
    Shape shape;
    std::vector<double> values;
};

/// One call of an op. `reference` is a plain loop in double, written from the formula.
struct OpCase {
    std::string name;
    std::vector<Input> inputs;
    std::function<Tensor(const std::vector<Tensor>&)> op;
    std::function<std::vector<double>(const std::vector<Array>&)> reference;
    bool differentiable = true;
    bool twice = true;          ///< has a second derivative
    double f32_tolerance = 1e-5;  ///< |y - reference| <= tolerance * (1 + |reference|)
    double f64_tolerance = 1e-12;
    std::string covers = {};      ///< the op's name in docs/ops.md, where the result's node does not tell it
};

/// Values: every device and both dtypes against the reference; on simt, that kernels were launched and that no cpu
/// kernel ran. Gradients: f64 by finite differences, f32 against f64. Second derivatives: by finite differences.
void check_values(const OpCase& c);
void check_gradient(const OpCase& c);
void check_second_derivative(const OpCase& c);
/// That each node behind the result, and behind its recorded gradient, makes the same again on every device.
void check_replay(const OpCase& c);
/// All four, for all cases.
///
/// With VITRINE_TEST_DERIVATIVES=once in the environment derivatives are computed, and gradients in f32 compared with those
/// in f64, but nothing with finite differences: these call an op a hundred times with the same sizes, which tells a build
/// that watches over memory nothing new, and of the formulas one build's word is enough.
void check_op(const std::vector<OpCase>& cases);

/// The case's inputs on a device, drawn from a seed that depends on the case's name.
std::vector<Tensor> make_inputs(const OpCase& c, DType dtype, Device device);
Array to_array(const Tensor& x);
/// x's values as doubles, whatever its dtype and device.
std::vector<double> values_of(const Tensor& x);

/// The text of the vitrine::Error that f throws; "" and a failed check if it throws none.
std::string error_of(const std::function<void()>& f);

}  // namespace vitrine::testing
