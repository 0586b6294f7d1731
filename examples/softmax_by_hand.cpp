// The numbers of docs/course/1_softmax.md: a softmax of three numbers and its gradient, by the formulas and by vitrine.
#include <vitrine/vitrine.h>

#include <cmath>
#include <cstdio>
#include <iostream>

namespace vt = vitrine;

int main() {
    const double x[3] = {1, 2, 3}, dy[3] = {1, 0, 0};

    double e[3], sum = 0;
    for (int j = 0; j < 3; ++j) e[j] = std::exp(x[j] - 3), sum += e[j];
    std::printf("e   %.4f %.4f %.4f   sum %.4f\n", e[0], e[1], e[2], sum);

    double y[3];
    for (int j = 0; j < 3; ++j) y[j] = e[j] / sum;
    std::printf("y   %.4f %.4f %.4f\n", y[0], y[1], y[2]);

    double dot = 0, dx[3];
    for (int k = 0; k < 3; ++k) dot += dy[k] * y[k];
    for (int j = 0; j < 3; ++j) dx[j] = y[j] * (dy[j] - dot);
    std::printf("dx  %.4f %.4f %.4f   sum %.4f\n", dx[0], dx[1], dx[2], dx[0] + dx[1] + dx[2]);

    vt::Tensor X = vt::tensor({1.0, 2.0, 3.0}, {.dtype = vt::DType::f64, .requires_grad = true});
    const vt::Tensor Y = vt::softmax(X, 0);
    Y.backward(vt::tensor({1.0, 0.0, 0.0}, {.dtype = vt::DType::f64}));
    std::cout << "vitrine\ny   " << Y.detach() << "\ndx  " << X.grad() << "\n";

    bool same = true;
    for (std::size_t j = 0; j < 3; ++j) same = same && std::fabs(X.grad().to_vector<double>()[j] - dx[j]) < 1e-12;
    return same ? 0 : 1;
}
