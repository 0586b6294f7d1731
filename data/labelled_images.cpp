#include "labelled_images.h"

#include "vitrine/core/operand.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::data {
namespace {

void to_unit(const std::uint8_t* grey, float* x, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) x[i] = static_cast<float>(grey[i]) / 255.0f;
}

}  // namespace

void LabelledImages::check_index(std::int64_t i, Site site) const {
    Call(name_, site).check(i >= 0 && i < size(), "example ", i, " of ", size(), "; allowed are 0 to ", size() - 1);
}

Example LabelledImages::get(std::int64_t i, Site site) const {
    check_index(i, site);
    const Example example{empty({1, all_.height, all_.width}, {}, site), empty({}, {.dtype = DType::i64}, site)};
    to_unit(picture(i), example.x.data<float>(), all_.height * all_.width);
    *example.y.data<std::int64_t>() = all_.labels[static_cast<std::size_t>(i)];
    return example;
}

Example LabelledImages::get_batch(std::span<const std::int64_t> indices, Site site) const {
    for (const std::int64_t i : indices) check_index(i, site);
    const auto n = static_cast<std::int64_t>(indices.size());
    const Example batch{empty({n, 1, all_.height, all_.width}, {}, site), empty({n}, {.dtype = DType::i64}, site)};
    float* x = batch.x.data<float>();
    std::int64_t* y = batch.y.data<std::int64_t>();
    for (const std::int64_t i : indices) {
        to_unit(picture(i), x, all_.height * all_.width);
        x += all_.height * all_.width;
        *y++ = all_.labels[static_cast<std::size_t>(i)];
    }
    return batch;
}

}  // namespace vitrine::data
