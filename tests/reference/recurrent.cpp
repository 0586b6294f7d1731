// The examples of docs/reference/recurrent.md.
#include <doctest/doctest.h>

#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/recurrent.h"
#include "vitrine/core/ops/reduce.h"

namespace vt = vitrine;

TEST_CASE("reference/recurrent: rows of a table") {
    vt::RecurrentWeights w{vt::tensor({{1.0}}), vt::tensor({{0.5}})};
    vt::Tensor table = vt::tensor({{0.0}, {1.0}}), ids = vt::tensor({1, 0, 1}).reshape({3, 1});
    vt::Tensor p = vt::linear(table, w.w_ih).requires_grad_();  // both rows of the table, multiplied
    vt::RnnResult r = vt::rnn(p, ids, {}, {.w_ih = {}, .w_hh = w.w_hh}, {.nonlinearity = vt::RnnNonlinearity::relu});

    CHECK(r.y.to_vector<float>() == std::vector<float>{1, 0.5, 1.25});
    r.h.backward(vt::ones({1, 1}));
    CHECK(p.grad().to_vector<float>() == std::vector<float>{0.5, 1.25});
}

TEST_CASE("reference/recurrent: rnn") {
    vt::RecurrentWeights w{.w_ih = vt::tensor({{1.0}}), .w_hh = vt::tensor({{0.5}})};
    vt::Tensor x = vt::tensor({1.0, 0.0, 0.0}).reshape({3, 1, 1});  // an impulse
    vt::RnnResult r = vt::rnn(x, {}, w, {.nonlinearity = vt::RnnNonlinearity::relu});

    CHECK(r.y.to_vector<float>() == std::vector<float>{1, 0.5, 0.25});
    CHECK(r.h.item<double>() == 0.25);
}

TEST_CASE("reference/recurrent: gru") {
    // With weights of 0 both gates are 1/2 and n is 0: the state halves at each step.
    vt::RecurrentWeights w{.w_ih = vt::zeros({3, 2}), .w_hh = vt::zeros({3, 1})};
    vt::RnnResult r = vt::gru(vt::ones({3, 1, 2}), vt::full({1, 1}, 8.0), w);

    CHECK(r.y.to_vector<float>() == std::vector<float>{4, 2, 1});
}

TEST_CASE("reference/recurrent: lstm") {
    vt::manual_seed(1);
    vt::RecurrentWeights w{vt::randn({8, 3}), vt::randn({8, 2}), vt::randn({8}), vt::randn({8})};
    w.w_ih.requires_grad_();
    vt::Tensor x = vt::randn({6, 4, 3});
    vt::LstmResult whole = vt::lstm(x, {}, {}, w);  // y (6, 4, 2), h and c (4, 2)

    vt::LstmResult first = vt::lstm(x.slice(0, 0, 2), {}, {}, w);  // the same in two pieces, with carried state
    vt::LstmResult second = vt::lstm(x.slice(0, 2, 6), first.h, first.c, w);
    CHECK(second.h.to_vector<float>() == whole.h.to_vector<float>());

    vt::sum(whole.y).backward();
    CHECK(w.w_ih.grad().shape() == vt::Shape{8, 3});
}
