#include "mistakes.h"

#include <algorithm>
#include <cstdio>

namespace vt = vitrine;

std::vector<Mistake> surest_mistakes(const vt::Tensor& logits, const vt::Tensor& classes, std::size_t most) {
    const std::vector<float> p = vt::softmax(logits, 1).to_vector<float>();
    const std::vector<std::int64_t> truth = classes.to_vector<std::int64_t>();
    const auto width = logits.size(1);
    std::vector<Mistake> mistakes;
    for (std::size_t i = 0; i < truth.size(); ++i) {
        const auto n = static_cast<std::int64_t>(i);
        const auto row = p.begin() + n * width;
        const auto taken = std::max_element(row, row + width) - row;
        if (taken != truth[i]) mistakes.push_back({n, truth[i], taken, row[taken]});
    }
    std::ranges::stable_sort(mistakes, std::greater(), &Mistake::sureness);
    mistakes.resize(std::min(most, mistakes.size()));
    return mistakes;
}

std::string describe(const Mistake& mistake, const vt::data::LabelledImages& pictures) {
    const auto name = [&](std::int64_t label) {
        return std::string(pictures.class_names()[static_cast<std::size_t>(label)]);
    };
    char percent[20];
    std::snprintf(percent, sizeof percent, ", %.1f %%", 100 * mistake.sureness);
    return name(mistake.truth) + " taken for " + name(mistake.taken) + percent;
}

vt::data::Image mistakes_grid(const std::vector<Mistake>& mistakes, const vt::data::LabelledImages& pictures) {
    std::vector<std::int64_t> indices;
    for (const Mistake& mistake : mistakes) indices.push_back(mistake.picture);
    return vt::data::image_grid(pictures.get_batch(indices).x, 8);
}
