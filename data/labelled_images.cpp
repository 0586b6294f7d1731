#include "labelled_images.h"

#include <algorithm>

#include "vitrine/core/layout.h"
#include "vitrine/core/operand.h"
#include "vitrine/core/ops/creation.h"

namespace vitrine::data {

LabelledImages::LabelledImages(const ImageSet& set, Pictures pictures, PictureOptions options, Site site)
    : set_(set), all_(std::move(pictures)), dtype_(options.dtype) {
    const Call call(set.name, site);
    call.check(dtype_ == DType::f32 || dtype_ == DType::u8, "dtype ", dtype_, "; allowed are f32 and u8");
    call.check(dtype_ == DType::f32 || !options.normalise, "normalise with dtype u8; it needs f32");
    for (std::size_t c = 0; c < 3; ++c)
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const float unit = static_cast<float>(byte) / 255.0f;
            value_[c][byte] = options.normalise ? static_cast<float>((unit - set.mean[c]) / set.std[c]) : unit;
        }
}

void LabelledImages::check_index(std::int64_t i, Site site) const {
    Call(set_.name, site).check(i >= 0 && i < size(), "example ", i, " of ", size(), "; allowed are 0 to ", size() - 1);
}

void LabelledImages::convert(const std::uint8_t* from, float* to) const {
    const std::int64_t n = all_.bytes();
    if (all_.channels == 1)
        for (std::int64_t i = 0; i < n; ++i) to[i] = value_[0][from[i]];
    else
        for (std::int64_t i = 0; i < n; i += 3)
            for (std::int64_t c = 0; c < 3; ++c) to[i + c] = value_[static_cast<std::size_t>(c)][from[i + c]];
}

void LabelledImages::fill(std::span<const std::int64_t> indices, const Tensor& x, const Tensor& y) const {
    std::int64_t* label = y.data<std::int64_t>();
    std::int64_t at = 0;
    for (const std::int64_t i : indices) {
        if (dtype_ == DType::f32)
            convert(picture(i), x.data<float>() + at);
        else
            std::copy_n(picture(i), all_.bytes(), x.data<std::uint8_t>() + at);
        at += all_.bytes();
        *label++ = all_.labels[static_cast<std::size_t>(i)];
    }
}

Example LabelledImages::get(std::int64_t i, Site site) const {
    const Example batch = get_batch(std::span(&i, 1), site);
    return {batch.x.select(0, 0, site), batch.y.select(0, 0, site)};
}

Example LabelledImages::get_batch(std::span<const std::int64_t> indices, Site site) const {
    for (const std::int64_t i : indices) check_index(i, site);
    const auto n = static_cast<std::int64_t>(indices.size());
    const Example batch{make_channels_last({n, all_.channels, all_.height, all_.width}, dtype_, Device::cpu),
                        empty({n}, {.dtype = DType::i64}, site)};
    fill(indices, batch.x, batch.y);
    return batch;
}

}  // namespace vitrine::data
