// einsum against a loop over every letter of the equation.
#include "vitrine/core/ops/einsum.h"

#include <doctest/doctest.h>

#include <map>

#include "op_case.h"
#include "vitrine/core/ops/creation.h"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

/// y of the output's letters += the product of the operands' elements, for every value of every letter. Equations with
/// "->" and without "..."; where an operand has size 1 its only element is meant.
std::vector<double> einsum_reference(const std::string& equation, const std::vector<Array>& in) {
    std::vector<std::string> terms(1);
    const auto arrow = equation.find("->");
    for (char c : equation.substr(0, arrow)) {
        if (c == ',') terms.emplace_back();
        else terms.back() += c;
    }
    const std::string output = equation.substr(arrow + 2);
    std::map<char, std::int64_t> size, at;
    for (std::size_t i = 0; i < terms.size(); ++i)
        for (std::size_t d = 0; d < terms[i].size(); ++d) size[terms[i][d]] = std::max(size[terms[i][d]], in[i].shape[static_cast<int>(d)]);
    std::int64_t all = 1, results = 1;
    for (const auto& [letter, n] : size) all *= n;
    for (char letter : output) results *= size[letter];

    std::vector<double> y(static_cast<std::size_t>(results));
    for (std::int64_t step = 0; step < all; ++step) {
        std::int64_t rest = step, to = 0;
        for (const auto& [letter, n] : size) at[letter] = rest % n, rest /= n;
        for (char letter : output) to = to * size[letter] + at[letter];
        double product = 1;
        for (std::size_t i = 0; i < terms.size(); ++i) {
            std::int64_t from = 0;
            for (std::size_t d = 0; d < terms[i].size(); ++d) {
                const std::int64_t n = in[i].shape[static_cast<int>(d)];
                from = from * n + (n == 1 ? 0 : at[terms[i][d]]);
            }
            product *= in[i].values[static_cast<std::size_t>(from)];
        }
        y[static_cast<std::size_t>(to)] += product;
    }
    return y;
}

OpCase einsum_case(const char* equation, std::vector<Input> inputs) {
    return {.name = equation,
            .inputs = inputs,
            .op = [=](const std::vector<Tensor>& in) { return einsum(equation, in).clone(); },
            .reference = [=](const std::vector<Array>& in) { return einsum_reference(equation, in); },
            .f32_tolerance = 3e-5,
            .covers = "einsum"};
}

}  // namespace

TEST_CASE("ops/einsum: values, gradients and second derivatives on every device") {
    check_op({
        einsum_case("ij,jk->ik", {{{3, 4}}, {{4, 5}}}),
        einsum_case("bij,bjk->bik", {{{2, 3, 4}}, {{2, 4, 5}}}),
        einsum_case("ij->ji", {{{3, 4}}}),
        einsum_case("ij->", {{{3, 4}}}),
        einsum_case("ii->i", {{{5, 5}}}),
        einsum_case("ii->", {{{5, 5}, Layout::transposed}}),
        einsum_case("i,j->ij", {{{3}}, {{4}}}),
        einsum_case("i,i->", {{{7}}, {{7}, Layout::gaps}}),
        einsum_case("bhqd,bhkd->bhqk", {{{2, 2, 3, 4}}, {{2, 2, 5, 4}}}),
        einsum_case("ij,jk,kl->il", {{{2, 3}}, {{3, 4}}, {{4, 2}}}),
        einsum_case("ij,ij,ij->i", {{{2, 3}}, {{2, 3}}, {{2, 3}}}),
        einsum_case("ik,jk,k->kij", {{{2, 3}}, {{4, 3}}, {{3}}}),
        einsum_case("ij,kl->i", {{{2, 3}}, {{4, 2}}}),
        einsum_case("ij,jk->ik", {{{3, 1}}, {{4, 5}}}),
        einsum_case("ij,jk->ik", {{{0, 4}}, {{4, 5}}}),
    });
}

TEST_CASE("ops/einsum: without an arrow, with dots, with spaces") {
    const Tensor a = arange(0, 12, 1, {.dtype = DType::f32}).reshape({2, 2, 3}), b = arange(0, 6, 1, {.dtype = DType::f32}).reshape({3, 2});
    const auto product = values_of(einsum("bij,jk->bik", {a, b}));
    CHECK(values_of(einsum("...ij,jk", {a, b})) == product);
    CHECK(values_of(einsum(" ...i j , j k -> ... i k ", {a, b})) == product);
    CHECK(einsum("ba", {b}).shape() == Shape{2, 3});  // alphabetical
    CHECK(values_of(einsum("...,...", {b, b}))[5] == 25);
    const Tensor with_inf = tensor({{1.0, 1e300}, {0.0, 2.0}}, {.dtype = DType::f32});  // 1e300 is inf as f32
    CHECK(einsum("ii", {with_inf}).item<double>() == 3);
}

TEST_CASE("ops/einsum: errors name the op, what was given, what is allowed and the line") {
    const Tensor x = zeros({2, 3});
    const auto line = [](int at) { return join(" (einsum.cpp:", at, ")"); };
    std::string text = error_of([&] { einsum("ij,jk->ik", {x}); });
    CHECK(text == "einsum: equation \"ij,jk->ik\" has 2 operands; 1 were given" + line(__LINE__ - 1));
    text = error_of([&] { einsum("ijk->i", {x}); });
    CHECK(text == "einsum: equation \"ijk->i\" names 3 dimensions of operand 0, which is (2, 3)" + line(__LINE__ - 1));
    text = error_of([&] { einsum("ij,ij->i", {x, zeros({2, 4})}); });
    CHECK(text == "einsum: equation \"ij,ij->i\": j is 3 and, in operand 1, 4" + line(__LINE__ - 1));
    text = error_of([&] { einsum("i?->i", {x}); });
    CHECK(text == "einsum: equation \"i?->i\": '?'; allowed are letters, \"...\", ',' and one \"->\"" + line(__LINE__ - 1));
    text = error_of([&] { einsum("ij->ik", {x}); });
    CHECK(text == "einsum: equation \"ij->ik\": the output has k, which no operand has" + line(__LINE__ - 1));
    text = error_of([&] { einsum("ij->ii", {x}); });
    CHECK(text == "einsum: equation \"ij->ii\": the output has i twice" + line(__LINE__ - 1));
    text = error_of([&] { einsum("ij->i", {tensor({{1, 2}})}); });
    CHECK(text == "einsum: operand 0 is i64; allowed are f32 and f64" + line(__LINE__ - 1));
}
