// An op's tensor argument, and the call in progress.
#pragma once

#include <concepts>
#include <cstdint>

#include "profiling.h"
#include "site.h"
#include "tensor.h"
#include "vitrine/kernels/base/error.h"

namespace vitrine {

/// The type of an op's first tensor parameter, and of both sides of an operator: converts from a Tensor or from a
/// number, and remembers where in the user's program that happened. Lives as long as the call.
class Operand {
public:
    Operand(const Tensor& tensor, Site site = Site::here()) : tensor_(&tensor), site_(site) {}  // NOLINT: implicit
    template <class Number>
        requires std::integral<Number> || std::floating_point<Number>
    Operand(Number number, Site site = Site::here())  // NOLINT: implicit
        : number_(static_cast<double>(number)), integer_(std::integral<Number>), site_(site) {}

    bool is_number() const { return tensor_ == nullptr; }
    const Tensor& tensor() const { return *tensor_; }  ///< the tensor, unless is_number()
    double number() const { return number_; }        ///< the number, when is_number()
    bool is_integer() const { return integer_; }     ///< the number was an integer or a bool
    Site site() const { return site_; }

private:
    const Tensor* tensor_ = nullptr;
    double number_ = 0;
    bool integer_ = false;
    Site site_;
};

/// What to do about a 16-bit float that cannot be computed with, for the end of an error; "" for other dtypes.
inline const char* cast_hint(DType dtype) { return is_half(dtype) ? ": cast it with to(vt::float32)" : ""; }

/// The op being called and the user's line: first thing an op makes. Errors begin with the one and end with the other.
class Call {
public:
    Call(const char* op, Site site) : op_(op), site_(user_site(site)) {
        if (profiling()) [[unlikely]]
            profile_begin(this, op_, site_);
    }
    Call(const char* op, const Operand& x) : Call(op, x.site()) {}
    Call(const Call& other) : op_(other.op_), site_(other.site_) {
        if (profiling()) [[unlikely]]
            profile_hand_on(&other, this);
    }
    Call& operator=(const Call&) = delete;
    ~Call() {
        if (profiling()) [[unlikely]]
            profile_end(this);
    }

    const char* op() const { return op_; }
    Site site() const { return site_; }

    /// Throws Error "op: parts... (file:line)" unless `condition` holds.
    template <class... Parts>
    void check(bool condition, const Parts&... parts) const {
        if (!condition) fail(join(parts...));
    }
    [[noreturn]] void fail(const std::string& text) const;

    /// `axis` of x, counted from 0. Throws Error unless -dim <= axis < dim.
    int axis(const Tensor& x, std::int64_t axis, const char* letter = "x") const;
    /// The operand's tensor. Throws Error when it is a number or undefined.
    const Tensor& tensor(const Operand& x, const char* letter = "x") const;
    /// The operand's tensor. Throws Error unless it is f32 or f64.
    const Tensor& floating(const Operand& x, const char* letter = "x") const;
    /// Throws Error unless x and w share device and dtype.
    void check_alike(const Tensor& x, const Tensor& w, const char* x_letter = "x", const char* w_letter = "w") const;
    /// Throws Error unless x and w share device, dtype and shape.
    void check_same(const Tensor& x, const Tensor& w, const char* x_letter = "x", const char* w_letter = "w") const;

private:
    const char* op_;
    Site site_;
};

}  // namespace vitrine
