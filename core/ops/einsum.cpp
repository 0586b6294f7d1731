#include "einsum.h"

#include <algorithm>
#include <map>
#include <string>

#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/view.h"
#include "vitrine/core/ops/where.h"

namespace vitrine {
namespace {

// A dimension's name: a letter, or first_of_ellipsis + k for the k-th dimension, from the last, that "..." stands for.
using Label = int;
using Labels = std::vector<Label>;
constexpr Label ellipsis = 256, first_of_ellipsis = 257;

struct Named {
    Tensor x;
    Labels labels;  // of x's dimensions
};

struct Equation {
    std::vector<Labels> inputs;  // with `ellipsis` still closed
    Labels output;
    bool has_output = false;
};

bool has(const Labels& labels, Label label) { return std::find(labels.begin(), labels.end(), label) != labels.end(); }
std::int64_t place_of(const Labels& labels, Label label) { return std::find(labels.begin(), labels.end(), label) - labels.begin(); }

Labels parse_term(const Call& call, std::string_view equation, std::string_view term) {
    Labels labels;
    for (std::size_t i = 0; i < term.size(); ++i) {
        const char c = term[i];
        if (c == ' ') continue;
        if (term.substr(i, 3) == "...") {
            call.check(!has(labels, ellipsis), "equation \"", equation, "\": \"...\" twice in one operand");
            labels.push_back(ellipsis), i += 2;
            continue;
        }
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        call.check(letter, "equation \"", equation, "\": '", c, "'; allowed are letters, \"...\", ',' and one \"->\"");
        labels.push_back(c);
    }
    return labels;
}

Equation parse(const Call& call, std::string_view equation) {
    Equation parsed;
    const auto arrow = equation.find("->");
    std::string_view left = equation.substr(0, arrow);
    for (;;) {
        const auto comma = left.find(',');
        parsed.inputs.push_back(parse_term(call, equation, left.substr(0, comma)));
        if (comma == std::string_view::npos) break;
        left.remove_prefix(comma + 1);
    }
    parsed.has_output = arrow != std::string_view::npos;
    if (parsed.has_output) parsed.output = parse_term(call, equation, equation.substr(arrow + 2));
    return parsed;
}

// "..." becomes one label for each of `count` dimensions.
Labels opened(const Labels& closed, int count) {
    Labels labels;
    for (Label label : closed) {
        if (label != ellipsis) labels.push_back(label);
        else
            for (int k = count - 1; k >= 0; --k) labels.push_back(first_of_ellipsis + k);
    }
    return labels;
}

// x with its dimension b, equal to dimension a, taken on the diagonal: what is off it is replaced, not multiplied, by 0.
Tensor diagonal(const Tensor& x, std::int64_t a, std::int64_t b) {
    const std::int64_t n = x.shape()[static_cast<int>(a)];
    const Tensor places = arange(0, static_cast<double>(n), 1, {.dtype = DType::i64, .device = x.device()});
    Shape along_a = Shape::filled(x.dim(), 1), along_b = along_a;
    along_a[static_cast<int>(a)] = n, along_b[static_cast<int>(b)] = n;
    return sum(where(eq(places.reshape(along_a), places.reshape(along_b)), x, 0), b);
}

// Each label once.
Named without_repeats(Named operand) {
    for (std::size_t b = 0; b < operand.labels.size();) {
        const std::int64_t a = place_of(operand.labels, operand.labels[b]);
        if (a == static_cast<std::int64_t>(b)) {
            ++b;
            continue;
        }
        operand.x = diagonal(operand.x, a, static_cast<std::int64_t>(b));
        operand.labels.erase(operand.labels.begin() + static_cast<std::ptrdiff_t>(b));
    }
    return operand;
}

Named sum_away(Named operand, const Labels& kept) {
    for (std::size_t i = operand.labels.size(); i-- > 0;) {
        if (has(kept, operand.labels[i])) continue;
        operand.x = sum(operand.x, static_cast<std::int64_t>(i));
        operand.labels.erase(operand.labels.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return operand;
}

Tensor in_order(const Named& operand, const Labels& order) {
    Shape axes;
    for (Label label : order) axes.push_back(place_of(operand.labels, label));
    return permute(operand.x, axes);
}

std::int64_t sizes_of(const Named& operand, const Labels& labels, Shape& shape) {
    std::int64_t product = 1;
    for (Label label : labels) {
        const std::int64_t size = operand.x.shape()[static_cast<int>(place_of(operand.labels, label))];
        shape.push_back(size), product *= size;
    }
    return product;
}

// One matmul: batch letters are in both and kept, summed letters in both and not kept.
Named contract(const Named& a, const Named& b, const Labels& kept) {
    Labels batch, summed, rows, columns;
    for (Label label : a.labels) (!has(b.labels, label) ? rows : has(kept, label) ? batch : summed).push_back(label);
    for (Label label : b.labels)
        if (!has(a.labels, label)) columns.push_back(label);

    Shape shape, unused;
    const std::int64_t batches = sizes_of(a, batch, shape), M = sizes_of(a, rows, shape), N = sizes_of(b, columns, shape), K = sizes_of(a, summed, unused);
    const auto joined = [](const Labels& x, const Labels& y, const Labels& z) {
        Labels all = x;
        all.insert(all.end(), y.begin(), y.end());
        all.insert(all.end(), z.begin(), z.end());
        return all;
    };
    const Tensor left = in_order(a, joined(batch, rows, summed)).reshape({batches, M, K});
    const Tensor right = in_order(b, joined(batch, summed, columns)).reshape({batches, K, N});
    return {matmul(left, right).reshape(shape), joined(batch, rows, columns)};
}

// The operands with their labels, "..." opened, sizes of 1 repeated where others are larger.
std::vector<Named> name_dimensions(const Call& call, std::string_view equation, Equation& parsed, const std::vector<Tensor>& operands) {
    int dots = 0;
    for (std::size_t i = 0; i < operands.size(); ++i) {
        const Labels& labels = parsed.inputs[i];
        const int named = static_cast<int>(labels.size()) - (has(labels, ellipsis) ? 1 : 0), dims = operands[i].dim();
        call.check(has(labels, ellipsis) ? dims >= named : dims == named, "equation \"", equation, "\" names ", named, " dimensions of operand ", i,
                   ", which is ", operands[i].shape());
        if (has(labels, ellipsis)) dots = std::max(dots, dims - named);
    }

    std::vector<Named> all;
    std::map<Label, std::int64_t> sizes;
    for (std::size_t i = 0; i < operands.size(); ++i) {
        const Labels& closed = parsed.inputs[i];
        const int own = has(closed, ellipsis) ? operands[i].dim() - static_cast<int>(closed.size()) + 1 : 0;
        all.push_back({operands[i], opened(closed, own)});
        for (std::size_t d = 0; d < all[i].labels.size(); ++d) {
            std::int64_t& size = sizes.emplace(all[i].labels[d], 1).first->second;
            const std::int64_t given = operands[i].shape()[static_cast<int>(d)];
            const std::string label = all[i].labels[d] < ellipsis ? std::string(1, static_cast<char>(all[i].labels[d])) : "...";
            call.check(size == 1 || given == 1 || given == size, "equation \"", equation, "\": ", label, " is ", size, " and, in operand ", i, ", ", given);
            if (size == 1) size = given;
        }
    }
    for (Named& operand : all) {
        Shape shape;
        for (Label label : operand.labels) shape.push_back(sizes[label]);
        operand.x = expand(operand.x, shape);
    }

    if (!parsed.has_output) {
        for (int k = dots - 1; k >= 0; --k) parsed.output.push_back(first_of_ellipsis + k);
        for (const auto& [label, size] : sizes) {
            std::ptrdiff_t count = 0;
            for (const Named& operand : all) count += std::count(operand.labels.begin(), operand.labels.end(), label);
            if (label < ellipsis && count == 1) parsed.output.push_back(label);
        }
    } else {
        parsed.output = opened(parsed.output, dots);
    }
    for (Label label : parsed.output) {
        call.check(sizes.contains(label), "equation \"", equation, "\": the output has ", static_cast<char>(label), ", which no operand has");
        call.check(std::count(parsed.output.begin(), parsed.output.end(), label) == 1, "equation \"", equation, "\": the output has ",
                   static_cast<char>(label), " twice");
    }
    return all;
}

}  // namespace

Tensor einsum(std::string_view equation, const std::vector<Tensor>& operands, Site site) {
    const Call call("einsum", site);
    Equation parsed = parse(call, equation);
    call.check(parsed.inputs.size() == operands.size(), "equation \"", equation, "\" has ", parsed.inputs.size(), " operands; ", operands.size(), " were given");
    for (std::size_t i = 0; i < operands.size(); ++i) {
        call.floating({operands[i], call.site()}, join("operand ", i).c_str());
        call.check_alike(operands[0], operands[i], "operand 0", join("operand ", i).c_str());
    }
    std::vector<Named> all = name_dimensions(call, equation, parsed, operands);
    const SiteScope scope(call.site());  // the ops below report the user's line

    Named result = without_repeats(all[0]);
    for (std::size_t i = 1; i < all.size(); ++i) {
        const Named next = without_repeats(all[i]);
        Labels later = parsed.output, both = parsed.output;
        for (std::size_t k = i + 1; k < all.size(); ++k) later.insert(later.end(), all[k].labels.begin(), all[k].labels.end());
        Labels kept_a = later, kept_b = later;
        kept_a.insert(kept_a.end(), next.labels.begin(), next.labels.end());
        kept_b.insert(kept_b.end(), result.labels.begin(), result.labels.end());
        result = contract(sum_away(result, kept_a), sum_away(next, kept_b), later);
    }
    return in_order(sum_away(result, parsed.output), parsed.output);
}

}  // namespace vitrine
