// Ops that bring elements to other places, called from a file.
#include "case_call.h"
#include "vitrine/core/ops/cat.h"
#include "vitrine/core/ops/copy.h"
#include "vitrine/core/ops/embedding.h"
#include "vitrine/core/ops/index.h"
#include "vitrine/core/ops/pad.h"
#include "vitrine/core/ops/rearrange.h"
#include "vitrine/core/ops/slice_scatter.h"
#include "vitrine/core/ops/sort.h"
#include "vitrine/core/ops/split.h"
#include "vitrine/core/ops/triangle.h"
#include "vitrine/core/ops/upsample.h"
#include "vitrine/core/ops/view.h"

namespace vitrine::data {
namespace {

using Made = std::vector<Tensor>;
using C = CaseCall;

Made cast(const C& c) { return {to(c.in(0), c.choice<DType>("dtype", static_cast<int>(DType::f16) + 1))}; }

Made sliced(const C& c) {
    const std::int64_t axis = c.whole("axis"), begin = c.whole("begin"), step = c.whole("step");
    const std::int64_t count = c.output_size("axis"), size = c.in(0).size(axis);
    VITRINE_CHECK(begin >= 0 && begin <= size && step >= 1 && count <= (size - begin) / step + 1,
                  "run_case: the case of slice takes ", count, " places from ", begin, " on in steps of ", step, " of ",
                  size);
    return {slice(c.in(0), axis, begin, count == 0 ? begin : begin + (count - 1) * step + 1, step)};
}

Made parts(const C& c) {
    std::vector<std::int64_t> sizes;
    for (std::size_t i = 0; i < c.outputs(); ++i) sizes.push_back(c.output_size("axis", i));
    return split(c.in(0), sizes, c.whole("axis"));
}

Made gathered(const C& c) { return {gather(c.in(0), c.whole("axis"), c.kept("index"))}; }
Made scattered(const C& c) { return {scatter_add(c.in(0), c.whole("axis"), c.kept("index"), c.in(1))}; }

Made rolled(const C& c) {
    const std::vector<std::int64_t> shifts = c.list("shifts");
    std::vector<std::int64_t> axes(shifts.size());
    for (std::size_t i = 0; i < axes.size(); ++i) axes[i] = static_cast<std::int64_t>(i);
    return {roll(c.in(0), shifts, axes)};
}

Made largest(const C& c) {
    return {topk(c.in(0), c.output_size("axis"), {c.whole("axis"), c.yes("descending")}).values};
}

EmbeddingOptions embedding_options(const C& c) {
    EmbeddingOptions options;
    if (c.whole("padding_index") >= 0) options.padding_index = c.whole("padding_index");
    return options;
}

Made padded(const C& c) { return {pad(c.in(0), c.list("amounts"), c.choice<PadMode>("mode", 3), c.number("value"))}; }
Made unpadded(const C& c) {
    return {pad_backward(c.in(0), c.output_shape(), c.list("amounts"), c.choice<PadMode>("mode", 3))};
}

Made scattered_slice(const C& c) {
    return {slice_scatter(c.in(0), c.in(1), c.whole("axis"), c.whole("begin"), c.whole("end"), c.whole("step"))};
}

Made enlarged(const C& c) {
    const Shape& y = c.images(c.output_shape(), 3);
    return {upsample_nearest(c.in(0), {y[y.dims() - 2], y.back()})};
}
Made shrunk(const C& c) {
    const Shape &dx = c.images(c.output_shape()), &dy = c.images(c.in(0).shape());
    return {upsample_nearest_backward(c.in(0), {dx[0], dx[1], {dx[2], dy[2]}, {dx[3], dy[3]}})};
}

}  // namespace

const std::vector<NamedCaseOp>& moving_case_ops() {
    static const std::vector<NamedCaseOp> ops{
        {"clone", [](const C& c) -> Made { return {clone(c.in(0))}; }},
        {"contiguous", [](const C& c) -> Made { return {contiguous(c.in(0))}; }},
        {"to", cast},
        {"reshape", [](const C& c) -> Made { return {reshape(c.in(0), c.output_shape())}; }},
        {"permute", [](const C& c) -> Made { return {permute(c.in(0), c.shape("axes"))}; }},
        {"expand", [](const C& c) -> Made { return {expand(c.in(0), c.output_shape())}; }},
        {"slice", sliced},
        {"slice_scatter", scattered_slice},
        {"cat", [](const C& c) -> Made { return {cat(c.inputs(), c.whole("axis"))}; }},
        {"split", parts},
        {"chunk", parts},
        {"unbind", [](const C& c) -> Made { return unbind(c.in(0), c.whole("axis")); }},
        {"gather", gathered},
        {"take_along_dim", gathered},
        {"index_select", gathered},
        {"scatter_add", scattered},
        {"index_add", scattered},
        {"embedding", [](const C& c) -> Made { return {embedding(c.in(0), c.kept("ids"), embedding_options(c))}; }},
        {"embedding_backward",
         [](const C& c) -> Made {
             return {embedding_backward(c.in(0), c.kept("ids"), c.output_shape()[0], embedding_options(c))};
         }},
        {"flip", [](const C& c) -> Made { return {flip(c.in(0), c.list("flipped"))}; }},
        {"roll", rolled},
        {"sort",
         [](const C& c) -> Made {
             return {sort(c.in(0), {c.whole("axis"), c.yes("descending")}).values};
         }},
        {"topk", largest},
        {"tril", [](const C& c) -> Made { return {tril(c.in(0), c.whole("diagonal"))}; }},
        {"triu", [](const C& c) -> Made { return {triu(c.in(0), c.whole("diagonal"))}; }},
        {"pad", padded},
        {"pad_backward", unpadded},
        {"upsample_nearest", enlarged},
        {"upsample_nearest_backward", shrunk},
    };
    return ops;
}

}  // namespace vitrine::data
