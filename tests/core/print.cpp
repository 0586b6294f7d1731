// Expected texts are what NumPy prints for the same arrays.
#include <doctest/doctest.h>

#include <cmath>

#include "op_case.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/view.h"

using namespace vitrine;

TEST_CASE("core/print: floats, columns in line") {
    CHECK(join(tensor({1.0, 2.5, -3.25})) == "[ 1.    2.5  -3.25]");
    CHECK(join(tensor({{1.0, 2.0}, {3.0, 40.0}})) == "[[ 1.  2.]\n [ 3. 40.]]");
    CHECK(join(tensor({0.1, 0.2})) == "[0.1 0.2]");
    CHECK(join(tensor({1.0 / 3, 2.0 / 3})) == "[0.33333334 0.6666667 ]");
    CHECK(join(tensor({1.0 / 3, 1.0}, {.dtype = DType::f64})) == "[0.33333333 1.        ] (f64)");
    CHECK(join(tensor({double(NAN), double(INFINITY), 1.0})) == "[nan inf  1.]");
    CHECK(join(tensor({1e10, 1.5})) == "[1.0e+10 1.5e+00]");
    CHECK(join(tensor({1e-5, 1.0})) == "[1.e-05 1.e+00]");
    CHECK(join(scalar(3)) == "3.0");
    CHECK(join(zeros({0})) == "[]");
    CHECK(join(Tensor()) == "(undefined)");
}

TEST_CASE("core/print: whole numbers, bools, higher dimensions, devices") {
    CHECK(join(tensor({1, -20, 300})) == "[  1 -20 300]");
    CHECK(join(tensor({true, false})) == "[ True False]");
    CHECK(join(arange(0, 8).reshape({2, 2, 2})) == "[[[0 1]\n  [2 3]]\n\n [[4 5]\n  [6 7]]]");
    CHECK(join(zeros({2}, {.requires_grad = true})) == "[0. 0.] (requires grad)");
#if VITRINE_HAS_SIMT
    CHECK(join(ones({2}, {.dtype = DType::f64, .device = Device::simt})) == "[1. 1.] (f64, simt)");
#endif
}

TEST_CASE("core/print: long tensors are abridged, long lines broken") {
    CHECK(join(arange(0, 2000)) == "[   0    1    2 ... 1997 1998 1999]");
    CHECK(join(arange(0, 30)) == "[ 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23\n 24 25 26 27 28 29]");
    CHECK(join(zeros({100, 100})) ==
          "[[0. 0. 0. ... 0. 0. 0.]\n [0. 0. 0. ... 0. 0. 0.]\n [0. 0. 0. ... 0. 0. 0.]\n ...\n [0. 0. 0. ... 0. 0. 0.]\n"
          " [0. 0. 0. ... 0. 0. 0.]\n [0. 0. 0. ... 0. 0. 0.]]");
}
