// Tensors as NumPy prints arrays: numbers as short as they can be told apart, columns in line, long ones abridged.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include "grad_mode.h"
#include "node.h"
#include "tensor.h"
#include "vitrine/core/ops/cat.h"

namespace vitrine {
namespace {

constexpr int digits = 8;                 // after the point, at most
constexpr std::int64_t threshold = 1000;  // more elements than this are abridged
constexpr std::int64_t edge = 3;          // elements shown at each end of an abridged axis
constexpr std::size_t line_width = 75;

// The shortest text that reads back as the same value of its type, `format` fixed or scientific.
std::string shortest(double value, bool f32, std::chars_format format) {
    char text[400];
    const auto end = f32 ? std::to_chars(text, text + sizeof text, static_cast<float>(value), format) : std::to_chars(text, text + sizeof text, value, format);
    return {text, end.ptr};
}

struct Split {
    std::string whole, fraction, exponent;  // "-12", "5", "e+10"
};

Split split(double value, bool f32, std::chars_format format) {
    std::string text = shortest(value, f32, format);
    const auto cut = [&] {
        Split parts;
        const auto e = text.find('e');
        if (e != std::string::npos) parts.exponent = text.substr(e), text.resize(e);
        const auto point = text.find('.');
        parts.whole = text.substr(0, point);
        if (point != std::string::npos) parts.fraction = text.substr(point + 1);
        return parts;
    };
    Split parts = cut();
    if (parts.fraction.size() <= digits) return parts;
    char rounded[400];
    text = {rounded, std::to_chars(rounded, rounded + sizeof rounded, value, format, digits).ptr};
    parts = cut();
    while (!parts.fraction.empty() && parts.fraction.back() == '0') parts.fraction.pop_back();
    return parts;
}

std::string special(double value) { return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf"; }

// Each value's text, all of one width.
std::vector<std::string> format_floats(const std::vector<double>& values, bool f32) {
    double largest = 0, smallest = INFINITY;
    for (double v : values) {
        if (!std::isfinite(v) || v == 0) continue;
        largest = std::max(largest, std::fabs(v));
        smallest = std::min(smallest, std::fabs(v));
    }
    const bool scientific = largest >= 1e8 || smallest < 1e-4 || (largest > 0 && largest / smallest > 1000);
    const auto format = scientific ? std::chars_format::scientific : std::chars_format::fixed;

    std::size_t whole = 0, fraction = 0, tail = 0;
    std::vector<Split> parts(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i])) continue;
        parts[i] = split(values[i], f32, format);
        whole = std::max(whole, parts[i].whole.size());
        fraction = std::max(fraction, parts[i].fraction.size());
        tail = std::max(tail, parts[i].exponent.size());
    }
    std::size_t width = whole + 1 + fraction + tail;
    for (double v : values)
        if (!std::isfinite(v)) width = std::max(width, special(v).size());

    std::vector<std::string> texts;
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::string text = special(values[i]);
        if (std::isfinite(values[i])) {
            text = std::string(whole - parts[i].whole.size(), ' ') + parts[i].whole + '.' + parts[i].fraction;
            text += std::string(fraction - parts[i].fraction.size(), scientific ? '0' : ' ') + parts[i].exponent;
        }
        texts.push_back(std::string(width - std::min(width, text.size()), ' ') + text);
    }
    return texts;
}

// The number with the fewest digits that T rounds to x.
template <class T>
double fewest_digits(double x) {
    for (int after_point = 0; after_point < digits; ++after_point) {
        char text[32];
        const auto end = std::to_chars(text, text + sizeof text, x, std::chars_format::scientific, after_point);
        double y = 0;
        std::from_chars(text, end.ptr, y);
        if (static_cast<double>(T(y)) == x) return y;
    }
    return x;
}

std::vector<std::string> format_values(const Tensor& x, std::vector<double> values) {
    if (is_half(x.dtype())) {
        for (double& v : values) v = x.dtype() == DType::bf16 ? fewest_digits<bf16>(v) : fewest_digits<f16>(v);
        return format_floats(values, false);
    }
    if (is_floating(x.dtype())) return format_floats(values, x.dtype() == DType::f32);
    std::vector<std::string> texts;
    std::size_t width = 0;
    for (double v : values) {
        texts.push_back(x.dtype() == DType::boolean ? (v != 0 ? "True" : "False") : std::to_string(static_cast<std::int64_t>(v)));
        width = std::max(width, texts.back().size());
    }
    for (std::string& text : texts) text.insert(0, width - text.size(), ' ');
    return texts;
}

// The positions along an axis that are shown; -1 stands for "...".
std::vector<std::int64_t> shown(std::int64_t size, bool abridged) {
    std::vector<std::int64_t> places;
    for (std::int64_t i = 0; i < size; ++i) {
        if (!abridged || size <= 2 * edge || i < edge || i >= size - edge) places.push_back(i);
        else if (i == edge) places.push_back(-1);
    }
    return places;
}

class Printer {
public:
    explicit Printer(const Tensor& x) : shape_(x.shape()), abridged_(x.numel() > threshold) {
        Tensor part = x.detach();
        for (int axis = 0; axis < shape_.dims() && abridged_; ++axis) part = ends(part, axis);
        texts_ = format_values(x, part.to(DType::f64).to_vector<double>());
    }

    std::string text() {
        if (shape_.empty()) return texts_[0].ends_with('.') ? texts_[0] + "0" : texts_[0];
        print(0);
        return out_;
    }

private:
    // The elements at both ends of an axis, where it is long.
    static Tensor ends(const Tensor& x, int axis) {
        const std::int64_t size = x.shape()[axis];
        if (size <= 2 * edge) return x;
        return cat({x.slice(axis, 0, edge), x.slice(axis, size - edge, size)}, axis);
    }

    void print(int axis) {
        out_ += '[';
        const bool innermost = axis + 1 == shape_.dims();
        std::size_t line = static_cast<std::size_t>(axis) + 1;
        bool first = true;
        for (std::int64_t i : shown(shape_[axis], abridged_)) {
            if (innermost) {
                const std::string item = i < 0 ? "..." : texts_[next_++];
                if (!first && line + 1 + item.size() > line_width - static_cast<std::size_t>(shape_.dims())) {  // room for brackets
                    out_ += '\n' + std::string(static_cast<std::size_t>(axis) + 1, ' ');
                    line = static_cast<std::size_t>(axis) + 1;
                } else if (!first) {
                    out_ += ' ';
                    ++line;
                }
                out_ += item;
                line += item.size();
            } else {
                if (!first) out_ += std::string(static_cast<std::size_t>(shape_.dims() - axis - 1), '\n') + std::string(static_cast<std::size_t>(axis) + 1, ' ');
                if (i < 0) out_ += "...";
                else print(axis + 1);
            }
            first = false;
        }
        out_ += ']';
    }

    Shape shape_;
    bool abridged_;
    std::vector<std::string> texts_;
    std::size_t next_ = 0;
    std::string out_;
};

}  // namespace

std::ostream& operator<<(std::ostream& out, const Tensor& x) {
    if (!x.defined()) return out << "(undefined)";
    const NoGrad no_grad;
    out << Printer(x).text();
    std::string notes;
    const auto note = [&](const std::string& text) { notes += (notes.empty() ? "" : ", ") + text; };
    if (is_floating(x.dtype()) ? x.dtype() != DType::f32 : x.dtype() != DType::i64 && x.dtype() != DType::boolean) note(name(x.dtype()));
    if (x.device() != Device::cpu) note(name(x.device()));
    if (x.node()) note(join("from ", x.node()->name()));
    else if (x.requires_grad()) note("requires grad");
    return notes.empty() ? out : out << " (" << notes << ')';
}

}  // namespace vitrine
