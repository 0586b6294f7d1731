#include "random.h"

#include <cmath>
#include <vector>

#include "vitrine/core/dispatch.h"
#include "vitrine/core/elementwise.h"
#include "vitrine/core/node.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/kernels/random/random.h"

namespace vitrine {
namespace {

// A row-major tensor to draw into: x itself, or where its elements lie otherwise a new one that is copied into x
// afterwards.
Tensor work_rows(const Tensor& x) {
    return x.is_contiguous() ? x : make_tensor(x.shape(), contiguous_strides(x.shape()), x.dtype(), x.device());
}

void check_fillable(const Call& call, const Tensor& x) {
    call.floating(x);
    call.check(!is_grad_enabled() || !x.requires_grad(),
               "x requires grad and cannot be changed in place while recording; initialise it under NoGrad");
}

// The parameters as T are what the kernels compute with: f32 overflows earlier.
Tensor check_uniform(const Call& call, const Tensor& x, double lo, double hi) {
    check_fillable(call, x);
    const double most = x.dtype() == DType::f32 ? static_cast<double>(std::numeric_limits<float>::max())
                                                : std::numeric_limits<double>::max();
    call.check(lo <= hi && std::abs(lo) <= most && std::abs(hi) <= most && hi - lo <= most, "lo ", lo, ", hi ", hi,
               "; allowed is lo <= hi, both and their difference finite");
    return work_rows(x);
}
Tensor check_normal(const Call& call, const Tensor& x, double mean, double std) {
    check_fillable(call, x);
    call.check(std::isfinite(mean) && std::isfinite(std) && std >= 0, "mean ", mean, ", std ", std,
               "; allowed are finite ones, std >= 0");
    return work_rows(x);
}
void check_probability(const Call& call, double p) { call.check(p >= 0 && p <= 1, "p ", p, "; allowed is 0 to 1"); }

Tensor check_and_make(const Call& call, const Shape& shape, const TensorOptions& options) {
    for (std::int64_t size : shape) call.check(size >= 0, "shape ", shape, "; sizes cannot be negative");
    const DType dtype = options.dtype.value_or(DType::f32);
    call.check(is_floating(dtype), "dtype ", dtype, "; allowed are f32 and f64", is_half(dtype) ? ": draw f32 and cast it with to()" : "");
    return empty(shape, {.dtype = dtype, .device = options.device}, call.site());
}

Tensor& finish(Tensor& x, const Tensor& rows) {
    if (rows.impl() != x.impl()) {
        const NoGrad no_grad;
        x.copy_(rows);
    } else {
        changed_in_place(x);
    }
    return x;
}

// Draws into a row-major tensor: dispatched, each takes its Philox blocks and runs the kernel.
struct Draw {
    Tensor rows;
    Generator& generator;
};

struct Uniform : Draw {
    double lo, hi;
    template <class T>
    void operator()(auto on) const {
        kernels::random_uniform(on, raw<T>(rows), rows.numel(), T(lo), T(hi), generator.take(kernels::random_blocks<T>(rows.numel())));
    }
};

struct Normal : Draw {
    double mean, std;
    template <class T>
    void operator()(auto on) const {
        kernels::random_normal(on, raw<T>(rows), rows.numel(), T(mean), T(std), generator.take(kernels::random_blocks<T>(rows.numel())));
    }
};

struct Bernoulli : Draw {
    double p;
    template <class T>
    void operator()(auto on) const {
        kernels::random_bernoulli(on, raw<T>(rows), rows.numel(), p, generator.take(kernels::random_blocks<float>(rows.numel())));  // one word an element, in f64 too
    }
};

}  // namespace

Tensor rand(const Shape& shape, TensorOptions options, Generator& generator, Site site) {
    Tensor x = check_and_make({"rand", site}, shape, options);
    dispatch_floats({"rand", site}, x, Uniform{{x, generator}, 0, 1});
    return options.requires_grad ? x.requires_grad_() : x;
}

Tensor randn(const Shape& shape, TensorOptions options, Generator& generator, Site site) {
    Tensor x = check_and_make({"randn", site}, shape, options);
    dispatch_floats({"randn", site}, x, Normal{{x, generator}, 0, 1});
    return options.requires_grad ? x.requires_grad_() : x;
}

Tensor bernoulli(const Shape& shape, double p, TensorOptions options, Generator& generator, Site site) {
    const Call call("bernoulli", site);
    check_probability(call, p);
    Tensor x = check_and_make(call, shape, options);
    dispatch_floats(call, x, Bernoulli{{x, generator}, p});
    return options.requires_grad ? x.requires_grad_() : x;
}

Tensor rand_like(const Tensor& x, Generator& generator, Site site) {
    const Call call("rand_like", site);
    Tensor y = empty_like(call.floating(x)), rows = work_rows(y);
    dispatch_floats(call, rows, Uniform{{rows, generator}, 0, 1});
    return finish(y, rows);
}

Tensor randn_like(const Tensor& x, Generator& generator, Site site) {
    const Call call("randn_like", site);
    Tensor y = empty_like(call.floating(x)), rows = work_rows(y);
    dispatch_floats(call, rows, Normal{{rows, generator}, 0, 1});
    return finish(y, rows);
}

Tensor& uniform_(Tensor& x, double lo, double hi, Generator& generator, Site site) {
    const Tensor rows = check_uniform({"uniform_", site}, x, lo, hi);
    dispatch_floats({"uniform_", site}, rows, Uniform{{rows, generator}, lo, hi});
    return finish(x, rows);
}

Tensor& normal_(Tensor& x, double mean, double std, Generator& generator, Site site) {
    const Tensor rows = check_normal({"normal_", site}, x, mean, std);
    dispatch_floats({"normal_", site}, rows, Normal{{rows, generator}, mean, std});
    return finish(x, rows);
}

Tensor& bernoulli_(Tensor& x, double p, Generator& generator, Site site) {
    check_fillable({"bernoulli_", site}, x), check_probability({"bernoulli_", site}, p);
    const Tensor rows = work_rows(x);
    dispatch_floats({"bernoulli_", site}, rows, Bernoulli{{rows, generator}, p});
    return finish(x, rows);
}

// Fisher and Yates' shuffle (Durstenfeld 1964): place i takes one of the i + 1 values that are left, by a 64-bit number
// r as floor(r (i + 1) / 2^64). No order is favoured by more than one part in 2^64 / n.
Tensor randperm(std::int64_t n, TensorOptions options, Generator& generator, Site site) {
    const Call call("randperm", site);
    call.check(n >= 0, "n ", n, "; it cannot be negative");
    const DType dtype = options.dtype.value_or(DType::i64);
    const double largest = dtype == DType::i64   ? 0x1p63
                           : dtype == DType::f64 ? 0x1p53
                           : dtype == DType::i32 ? 0x1p31
                           : dtype == DType::f32 ? 0x1p24
                           : dtype == DType::u8  ? 0x1p8
                           : dtype == DType::bf16 ? 0x1p8
                           : dtype == DType::f16 ? 0x1p11
                                                 : 2;
    call.check(static_cast<double>(n) <= largest, "n ", n, "; ", dtype, " holds numbers below ",
               static_cast<std::int64_t>(largest));

    std::vector<std::int64_t> order(static_cast<std::size_t>(n));
    const kernels::Philox from = generator.take(kernels::random_blocks<double>(n));
    for (std::int64_t i = 0; i < n; ++i) order[static_cast<std::size_t>(i)] = i;
    for (std::int64_t i = n - 1; i > 0; --i) {
        const kernels::PhiloxWords w = kernels::philox_block(from, static_cast<std::uint64_t>(i / 2));
        const std::uint64_t r = i % 2 == 0 ? std::uint64_t{w.w1} << 32 | w.w0 : std::uint64_t{w.w3} << 32 | w.w2;
        const auto j =
            static_cast<std::size_t>(static_cast<unsigned __int128>(r) * static_cast<std::uint64_t>(i + 1) >> 64);
        std::swap(order[static_cast<std::size_t>(i)], order[j]);
    }
    options.dtype = dtype;
    return from_values(std::span<const std::int64_t>(order), {n}, options, call.site());
}

}  // namespace vitrine
