// The pictures that a net is surest of and wrong about.
#pragma once

#include <string>
#include <vector>

#include <vitrine/vitrine.h>

struct Mistake {
    std::int64_t picture, truth, taken;
    double sureness;  ///< the probability that the net gave to what it took the picture for
};

/// Of logits (N, C) and the classes (N) of N pictures: the surest mistakes first, `most` of them at most.
std::vector<Mistake> surest_mistakes(const vitrine::Tensor& logits, const vitrine::Tensor& classes, std::size_t most);

/// "ship taken for airplane, 99.8 %".
std::string describe(const Mistake& mistake, const vitrine::data::LabelledImages& pictures);

/// Their pictures, in rows of 8.
vitrine::data::Image mistakes_grid(const std::vector<Mistake>& mistakes, const vitrine::data::LabelledImages& pictures);
