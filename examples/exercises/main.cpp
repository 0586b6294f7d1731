// exercises NAME, or exercise_solutions NAME: checks one exercise of docs/course and says whether it is solved.
#include <cmath>
#include <functional>
#include <iostream>
#include <map>
#include <vector>

#include "exercises.h"
#include "vitrine/core/dispatch.h"

namespace vt = vitrine;
using vt::Tensor;

namespace {

/// "" if `got` is `wanted`, else the first element that is not.
std::string difference(const std::vector<double>& got, const std::vector<double>& wanted) {
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (!(std::fabs(got[i] - wanted[i]) <= 1e-5 * (1 + std::fabs(wanted[i]))))
            return vt::join("element ", i, " is ", got[i], ", not ", wanted[i]);
    return "";
}

std::vector<double> softmax(const std::vector<double>& x) {
    double sum = 0;
    std::vector<double> y;
    for (const double v : x) y.push_back(std::exp(v)), sum += y.back();
    for (double& v : y) v /= sum;
    return y;
}

// L = sum_j dy_j softmax(x)_j, whose gradient is measured.
std::string check_softmax_gradient() {
    const std::vector<double> x{1, 2, -0.5, 0.25}, dy{1, -2, 0.5, 3}, y = softmax(x);
    std::vector<double> got(4), wanted;
    for (std::size_t j = 0; j < 4; ++j) {
        const auto loss = [&](double step) {
            std::vector<double> moved = x;
            moved[j] += step;
            const std::vector<double> there = softmax(moved);
            double sum = 0;
            for (std::size_t k = 0; k < 4; ++k) sum += dy[k] * there[k];
            return sum;
        };
        wanted.push_back((loss(1e-5) - loss(-1e-5)) / 2e-5);
    }
    exercises::softmax_gradient(y.data(), dy.data(), got.data(), 4);
    return difference(got, wanted);
}

std::string check_swish() {
    const Tensor x = vt::tensor({-2.0, 0.5, 3.0}, {.dtype = vt::DType::f64, .requires_grad = true});
    const Tensor weights = vt::tensor({1.0, 2.0, -1.0}, {.dtype = vt::DType::f64});
    const Tensor y = exercises::swish(x), loss = vt::sum(y * weights);
    const Tensor got = vt::grad({loss}, {x})[0];
    const Tensor wanted = vt::grad({vt::sum(x * vt::sigmoid(x) * weights)}, {x})[0];
    return difference(got.to_vector<double>(), wanted.to_vector<double>());
}

std::vector<double> counted(int n) {
    std::vector<double> values;
    for (int i = 0; i < n; ++i) values.push_back(i * 7 % 11 - 4);
    return values;
}
Tensor on_simt(const std::vector<double>& values) {
    return vt::from_values(std::span<const double>(values), {std::int64_t(values.size())},
                           {.dtype = vt::DType::f32, .device = vt::Device::simt});
}
std::vector<double> values_of(const Tensor& x) { return x.to(vt::DType::f64).to_vector<double>(); }

std::string check_smooth() {
    const std::vector<double> x = counted(75);
    std::vector<double> wanted;
    for (std::size_t i = 0; i < x.size(); ++i)
        wanted.push_back(((i > 0 ? x[i - 1] : 0) + x[i] + (i + 1 < x.size() ? x[i + 1] : 0)) / 3);
    const Tensor X = on_simt(x), Y = vt::empty_like(X);
    exercises::smooth({}, vt::raw<float>(X), vt::raw<float>(Y), int(x.size()));
    return difference(values_of(Y), wanted);
}

std::string check_running_sum() {
    const std::vector<double> x = counted(200);
    std::vector<double> wanted;
    double sum = 0;
    for (const double v : x) wanted.push_back(sum += v);
    const Tensor X = on_simt(x), Y = vt::empty_like(X);
    exercises::running_sum({}, vt::raw<float>(X), vt::raw<float>(Y), int(x.size()));
    return difference(values_of(Y), wanted);
}

// The largest number of different words that 32 lanes ask of one bank.
int worst_bank(const std::function<int(int)>& word_of_lane) {
    std::map<int, std::map<int, bool>> words;
    std::size_t most = 0;
    for (int lane = 0; lane < 32; ++lane) {
        const int word = word_of_lane(lane);
        words[word % 32][word] = true;
        most = std::max(most, words[word % 32].size());
    }
    return int(most);
}

std::string check_matmul_transposed() {
    constexpr int blocks = 2, n = 32 * blocks;
    const std::vector<double> a = counted(n * n);
    const Tensor A = on_simt(a), C = vt::empty_like(A);
    exercises::matmul_transposed({}, vt::raw<float>(A), vt::raw<float>(A), vt::raw<float>(C), blocks);
    std::vector<double> wanted;
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j) {
            double sum = 0;
            for (int k = 0; k < n; ++k) sum += a[std::size_t(i * n + k)] * a[std::size_t(j * n + k)];
            wanted.push_back(sum);
        }
    const std::string wrong = difference(values_of(C), wanted);
    if (!wrong.empty()) return wrong;
    for (int i = 0; i < 32; ++i) {
        const int row = worst_bank([&](int lane) { return exercises::tile_place(i, lane); });
        const int column = worst_bank([&](int lane) { return exercises::tile_place(lane, i); });
        if (row > 1) return vt::join("row ", i, " of the tile asks one bank for ", row, " words");
        if (column > 1) return vt::join("column ", i, " of the tile asks one bank for ", column, " words");
    }
    return "";
}

const std::map<std::string, std::function<std::string()>> checks = {
    {"softmax_gradient", check_softmax_gradient},
    {"swish", check_swish},
    {"smooth", check_smooth},
    {"running_sum", check_running_sum},
    {"matmul_transposed", check_matmul_transposed},
};

}  // namespace

int main(int argc, char** argv) {
    const auto check = argc == 2 ? checks.find(argv[1]) : checks.end();
    if (check == checks.end()) {
        std::cerr << "usage: " << argv[0] << " NAME, one of\n";
        for (const auto& [name, function] : checks) std::cerr << "  " << name << "\n";
        return 2;
    }
    std::string wrong;
    try {
        wrong = check->second();
    } catch (const vt::Error& error) {
        wrong = error.what();
    }
    std::cout << check->first << ": " << (wrong.empty() ? "solved" : "not solved yet: " + wrong) << "\n";
    return wrong.empty() ? 0 : 1;
}
