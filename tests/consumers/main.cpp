// Both tensors in one program, and a gradient.
#include <vitrine/vitrine.h>

#include <iostream>

#include "core/tensor.h"
#include "data/digits.h"

namespace vt = vitrine;

int main() {
    const vt::Tensor x = vt::tensor({{1.0, 2.0, 3.0}, {1.0, 1.0, 1.0}}, {.dtype = vt::DType::f64, .requires_grad = true});
    const vt::Tensor y = vt::softmax(x, 1);
    y.backward(vt::tensor({{1.0, 0.0, 0.0}, {0.0, 1.0, 0.0}}, {.dtype = vt::DType::f64}));
    std::cout << "softmax\n" << y << "\ngradient\n" << x.grad() << "\n";

    const bool rows_sum_to_one = std::abs(y.at<double>({0, 0}) + y.at<double>({0, 1}) + y.at<double>({0, 2}) - 1) < 1e-15;
    const bool gradient = std::abs(x.grad().at<double>({1, 1}) - 2.0 / 9) < 1e-15;
    const bool own = consumer::rank_of({2}) + consumer::digits == 12;
    std::cout << "vitrine " << VITRINE_VERSION << (rows_sum_to_one && gradient && own ? ": as expected\n" : ": wrong\n");
    return rows_sum_to_one && gradient && own ? 0 : 1;
}
