// Cases whose file somebody else has changed: a call is refused with an Error, or means something; it never overflows,
// reads beyond a shape or asks for all memory. What the sanitizers' stage finds here is a fault.
#include "vitrine/data/node_case.h"

#include <doctest/doctest.h>

#include <limits>

#include "op_case.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/ops/attention.h"
#include "vitrine/core/ops/batch_norm.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/cat.h"
#include "vitrine/core/ops/conv.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/cross_entropy.h"
#include "vitrine/core/ops/dropout.h"
#include "vitrine/core/ops/embedding.h"
#include "vitrine/core/ops/group_norm.h"
#include "vitrine/core/ops/index.h"
#include "vitrine/core/ops/layer_norm.h"
#include "vitrine/core/ops/loss.h"
#include "vitrine/core/ops/pad.h"
#include "vitrine/core/ops/pool.h"
#include "vitrine/core/ops/rearrange.h"
#include "vitrine/core/ops/recurrent.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/scan.h"
#include "vitrine/core/ops/slice_scatter.h"
#include "vitrine/core/ops/softmax.h"
#include "vitrine/core/ops/sort.h"
#include "vitrine/core/ops/split.h"
#include "vitrine/core/ops/triangle.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/core/ops/upsample.h"
#include "vitrine/core/ops/view.h"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

Tensor given(const Shape& shape) { return full(shape, 0.5, {.requires_grad = true}); }
Tensor images() { return given({2, 2, 4, 5}); }

// One call of every op whose file has arguments, and of those that read the shape of what it made.
std::vector<Tensor> calls() {
    const Tensor m = given({3, 4}), x = images(), ids = tensor({{0, 2, 1, 0}}), w = given({2, 2, 3, 3});
    const Tensor ones_of_two = given({2}), places = tensor({{2, 0}, {1, 1}});
    std::vector<Tensor> made{
        softmax(m, 1),
        log_softmax(m, 1),
        cumsum(m, 1),
        sum(m, 1),
        mean(m, 1),
        max(m, 1),
        var(m, 1),
        logsumexp(m, 1),
        sum_to(m, {4}),
        clamp(m, 0, 1),
        pow(m, 2.0),
        leaky_relu(m),
        softplus(m),
        dropout(m),
        m + 2.0,
        reshape(m, {12}),
        permute(m, {1, 0}),
        expand(given({1, 4}), {3, 4}),
        slice(m, 1, 1, 4, 2),
        slice_scatter(m, given({3, 2}), 1, 0, 4, 2),
        cat({m, m}, 0),
        split(m, {1, 3}, 1)[1],
        unbind(m, 1)[0],
        gather(m, 0, ids),
        scatter_add(m, 0, ids, given({1, 4})),
        embedding(m, ids),
        flip(m, {1}),
        roll(m, {1}, {0}),
        sort(m).values,
        topk(m, 2).values,
        tril(m, 1),
        triu(m, -1),
        pad(x, {1, 1, 0, 2}),
        upsample_nearest(x, {8, 10}),
        mse_loss(m, given({3, 4})),
        huber_loss(m, given({3, 4})),
        smooth_l1_loss(m, given({3, 4})),
        kl_div(m, given({3, 4})),
        cross_entropy(m, tensor({0, 3, 1})),
        nll_loss(m, tensor({0, 3, 1})),
        conv2d(x, w, {}, {.padding = 1}),
        conv_transpose2d(x, w),
        max_pool2d(x, 2),
        avg_pool2d(x, 2),
        adaptive_avg_pool2d(x, {2, 2}),
        batch_norm(x, ones_of_two, ones_of_two, {}, {}, {.training = true}),
        layer_norm(m, {4}, {}, {}),
        group_norm(x, 2, {}, {}),
        rnn(given({3, 2, 4}), {}, {given({5, 4}), given({5, 5})}).y,
        lstm(given({3, 2, 4}), {}, {}, {given({20, 4}), given({20, 5})}).y,
        gru(given({3, 2, 4}), {}, {given({15, 4}), given({15, 5})}).y,
        rnn(given({3, 5}), places, {}, {.w_ih = {}, .w_hh = given({5, 5})}).y,
        lstm(given({3, 20}), places, {}, {}, {.w_ih = {}, .w_hh = given({20, 5})}).y,
        gru(given({3, 15}), places, {}, {.w_ih = {}, .w_hh = given({15, 5})}).y,
        scaled_dot_product_attention(given({1, 2, 3, 4}), given({1, 2, 3, 4}), given({1, 2, 3, 4}))};
    for (const Tensor& y :
         {conv2d(x, w), max_pool2d(x, 2), avg_pool2d(x, 2), upsample_nearest(x, {8, 10}), pad(x, {1, 1})})
        made.push_back(grad({sum(square(y))}, {x}, {.create_graph = true})[0]);
    made.push_back(grad({sum(square(conv2d(x, w)))}, {w}, {.create_graph = true})[0]);
    made.push_back(grad({sum(square(embedding(m, ids)))}, {m}, {.create_graph = true})[0]);
    made.push_back(grad({sum(square(softmax(m, 1)))}, {m}, {.create_graph = true})[0]);
    return made;
}

// Whether it is called or refused in words of our own.
void call(const data::NodeCase& changed, const std::string& how) {
    INFO(changed.op, ": ", how);
    try {
        data::run_case(changed, Device::cpu);
    } catch (const Error&) {
    } catch (const std::exception& other) {
        FAIL_CHECK(other.what());
    }
}

const std::vector<std::string> numbers{"-1",
                                       "0",
                                       "1",
                                       "7",
                                       "70368744177664",
                                       "-9223372036854775808",
                                       "9223372036854775807",
                                       "4611686018427387904",
                                       "-9223372036854775807",
                                       "nan",
                                       "-inf",
                                       "",
                                       "x"};

void change_arguments(const data::NodeCase& own) {
    for (const auto& [name, text] : own.arguments) {
        for (const std::string& number : numbers) {
            for (std::size_t begin = 0; begin <= text.size();) {  // each number of a list
                const std::size_t end = std::min(text.find(',', begin), text.size());
                data::NodeCase changed = own;
                changed.arguments[name] = text.substr(0, begin) + number + text.substr(end);
                call(changed, name + " is " + changed.arguments[name]);
                begin = end + 1;
            }
            data::NodeCase longer = own;
            longer.arguments[name] = text + "," + number;
            call(longer, name + " is " + longer.arguments[name]);
        }
        data::NodeCase without = own;
        without.arguments.erase(name);
        call(without, "without " + name);
    }
}

void change_tensors(const data::NodeCase& own) {
    const std::vector<Tensor> others{Tensor(),
                                     zeros({}),
                                     zeros({0}),
                                     zeros({2, 3}),
                                     zeros({1, 1, 1}),
                                     zeros({2, 2, 0, 5}),
                                     zeros({1, 2, 1, 1, 2}),
                                     zeros({3, 4}, {.dtype = DType::i64}),
                                     zeros({3, 4}, {.dtype = DType::f64})};
    for (std::size_t k = 0; k < others.size(); ++k) {
        const auto each = [&](std::vector<Tensor> data::NodeCase::*list, const char* what) {
            for (std::size_t i = 0; i < (own.*list).size(); ++i) {
                data::NodeCase changed = own;
                (changed.*list)[i] = others[k];
                call(changed, join(what, " ", i, " is the other ", k));
            }
        };
        each(&data::NodeCase::inputs, "input"), each(&data::NodeCase::outputs, "output");
        each(&data::NodeCase::output_gradients, "output gradient");
        for (const auto& [name, tensor] : own.saved) {
            data::NodeCase changed = own;
            changed.saved[name] = others[k];
            call(changed, join("saved ", name, " is the other ", k));
        }
    }
    data::NodeCase fewer = own;
    fewer.inputs.clear(), fewer.outputs.clear(), fewer.trained.clear(), fewer.output_gradients.clear();
    call(fewer, "without tensors");
}

}  // namespace

TEST_CASE("data/node_case_doctored: arguments and tensors that no op was called with") {
    const KeepValues keep;
    for (const Tensor& y : calls()) {
        const data::NodeCase own = data::case_of(y.node());
        INFO(own.op);
        REQUIRE(data::can_call(own.op));
        CHECK_NOTHROW(data::run_case(own, Device::cpu));
        change_arguments(own);
        change_tensors(own);
    }
}

TEST_CASE("data/node_case_doctored: a slice behind the end, windows that do not fit, images of two dimensions") {
    const KeepValues keep;
    const auto error = [](const data::NodeCase& changed) {
        return error_of([&] { data::run_case(changed, Device::cpu); });
    };
    data::NodeCase part = data::case_of(slice(given({3, 4}), 1, 1, 4, 2).node());
    part.arguments["begin"] = "9223372036854775807";
    CHECK(error(part) == "run_case: the case of slice takes 2 places from 9223372036854775807 on in steps of 2 of 4");
    part.arguments["begin"] = "-1";
    CHECK(error(part) == "run_case: the case of slice takes 2 places from -1 on in steps of 2 of 4");
    part.arguments["begin"] = "1", part.arguments["step"] = "9223372036854775807";
    CHECK(error(part) == "run_case: the case of slice takes 2 places from 1 on in steps of 9223372036854775807 of 4");
    data::NodeCase pooled = data::case_of(max_pool2d(images(), 2).node());
    pooled.arguments["padding"] = "0,9223372036854775807";
    CHECK(error(pooled) == "run_case: the case of max_pool2d has windows that make no (2, 2, 2, 2) of (2, 2, 4, 5)");
    data::NodeCase larger = data::case_of(upsample_nearest(images(), {8, 10}).node());
    larger.outputs[0] = zeros({8, 10});
    CHECK(error(larger) == "run_case: the case of upsample_nearest has (8, 10) where images are expected");
}

TEST_CASE("data/node_case_doctored: a slice with the longest step, and its gradient") {
    const Tensor x = given({3, 4});
    const Tensor y = slice(x, 1, 1, 4, std::numeric_limits<std::int64_t>::max());
    CHECK(y.shape() == Shape{3, 1});
    CHECK(values_of(grad({sum(y)}, {x})[0]) == std::vector<double>{0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0});
}
