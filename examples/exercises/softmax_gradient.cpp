// Exercise 1: the gradient of softmax. docs/course/1_softmax.md derives the formula; write it down here.
#include "exercises.h"

namespace exercises {

void softmax_gradient(const double* y, const double* dy, double* dx, int n) {
    // One sum over the row first, then each dx_j from y_j, dy_j and that sum.
    for (int j = 0; j < n; ++j) dx[j] = y[j] * dy[j];
}

}  // namespace exercises
