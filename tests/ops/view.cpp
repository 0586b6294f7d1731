// Views: values against index arithmetic, gradients, errors.
#include "vitrine/core/ops/view.h"

#include <doctest/doctest.h>

#include "op_case.h"
#include "vitrine/core/ops/creation.h"

using namespace vitrine;
using namespace vitrine::testing;
using Values = std::vector<double>;

namespace {

// The element of a row-major array at an index.
double at(const Array& x, std::initializer_list<std::int64_t> index) {
    std::int64_t offset = 0;
    int axis = 0;
    for (std::int64_t i : index) offset = offset * x.shape[axis++] + i;
    return x.values[static_cast<std::size_t>(offset)];
}

// A view launches nothing, so these cases end in a copy.
OpCase view_case(const char* name, Input x, std::function<Tensor(const Tensor&)> view, std::function<Values(const Array&)> reference) {
    return {.name = name,
            .inputs = {x},
            .op = [=](const std::vector<Tensor>& in) { return view(in[0]).clone(); },
            .reference = [=](const std::vector<Array>& in) { return reference(in[0]); },
            .covers = name};
}

Values same(const Array& x) { return x.values; }

Values transposed(const Array& x) {
    Values y;
    for (std::int64_t j = 0; j < x.shape[1]; ++j)
        for (std::int64_t i = 0; i < x.shape[0]; ++i) y.push_back(at(x, {i, j}));
    return y;
}

}  // namespace

TEST_CASE("ops/view: values and gradients on every device") {
    std::vector<OpCase> cases;
    for (Layout layout : {Layout::rows, Layout::transposed, Layout::gaps, Layout::broadcast}) {
        const Input x{{4, 6}, layout};
        cases.push_back(view_case("reshape", x, [](const Tensor& t) { return t.reshape({3, -1, 2}); }, same));
        cases.push_back(view_case("flatten", x, [](const Tensor& t) { return t.flatten(); }, same));
        cases.push_back(view_case("unsqueeze", x, [](const Tensor& t) { return t.unsqueeze(1).unsqueeze(-1).squeeze(1); }, same));
        cases.push_back(view_case("transpose", x, [](const Tensor& t) { return t.transpose(0, -1); }, transposed));
        cases.push_back(view_case("slice", x, [](const Tensor& t) { return t.slice(1, -5, 6, 2); }, [](const Array& a) {
            Values y;
            for (std::int64_t i = 0; i < 4; ++i)
                for (std::int64_t j = 1; j < 6; j += 2) y.push_back(at(a, {i, j}));
            return y;
        }));
        cases.push_back(view_case("select", x, [](const Tensor& t) { return t.select(0, -2); }, [](const Array& a) {
            Values y;
            for (std::int64_t j = 0; j < 6; ++j) y.push_back(at(a, {2, j}));
            return y;
        }));
    }
    cases.push_back(view_case("expand", {{3, 1}}, [](const Tensor& t) { return t.expand({2, 3, 4}); }, [](const Array& a) {
        Values y;
        for (int k = 0; k < 2; ++k)
            for (std::int64_t i = 0; i < 3; ++i) y.insert(y.end(), 4, at(a, {i, 0}));
        return y;
    }));
    cases.push_back(view_case("permute", {{2, 3, 5}}, [](const Tensor& t) { return t.permute({2, 0, -2}); }, [](const Array& a) {
        Values y;
        for (std::int64_t k = 0; k < 5; ++k)
            for (std::int64_t i = 0; i < 2; ++i)
                for (std::int64_t j = 0; j < 3; ++j) y.push_back(at(a, {i, j, k}));
        return y;
    }));
    cases.push_back(view_case("slice", {{4, 6}}, [](const Tensor& t) { return t.slice(0, 3, 1); }, [](const Array&) { return Values{}; }));
    check_op(cases);
}

TEST_CASE("ops/view: errors say what was given and what is allowed") {
    const Tensor x = zeros({2, 6});
    CHECK(error_of([&] { x.reshape({5, -1}); }) == join("reshape: x (2, 6) has 12 elements; they cannot fill (5, -1) (view.cpp:", __LINE__, ")"));
    CHECK(error_of([&] { x.reshape({5}); }) == join("reshape: x (2, 6) has 12 elements, (5,) has 5 (view.cpp:", __LINE__, ")"));
    CHECK(error_of([&] { x.reshape({-1, -1}); }).starts_with("reshape: shape (-1, -1); sizes are 0 or more, and one may be -1"));
    CHECK(error_of([&] { x.permute({0, 0}); }).starts_with("permute: axes (0, 0) for x (2, 6); each axis must be named once"));
    CHECK(error_of([&] { x.expand({4, 6}); }).starts_with("expand: x (2, 6) to (4, 6); only dimensions of size 1 can be repeated"));
    CHECK(error_of([&] { x.squeeze(0); }).starts_with("squeeze: axis 0 of x (2, 6) has size 2; allowed is 1"));
    CHECK(error_of([&] { x.unsqueeze(4); }).starts_with("unsqueeze: axis 4 of x (2, 6); allowed are -3 to 2"));
    CHECK(error_of([&] { x.slice(2, 0, 1); }).starts_with("slice: axis 2 of x (2, 6); allowed are -2 to 1"));
    CHECK(error_of([&] { x.slice(0, 0, 1, 0); }).starts_with("slice: step 0; allowed are 1 and more"));
    CHECK(error_of([&] { x.select(1, 6); }).starts_with("select: index 6 on axis 1 of x (2, 6); allowed are -6 to 5"));
    CHECK(error_of([&] { x.flatten(1, 0); }).starts_with("flatten: first 1 lies behind last 0 of x (2, 6)"));
}
