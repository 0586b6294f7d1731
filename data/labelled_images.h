// Grey pictures with labels, kept as bytes: what Mnist and Digits are.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "dataset.h"
#include "file.h"

namespace vitrine::data {

/// N pictures of one size, one after the other, and their labels.
struct Pictures {
    Bytes file;
    std::size_t first = 0;  ///< where in `file` they begin
    Bytes labels;
    std::int64_t height = 0, width = 0;
};

/// A data set of pictures. Example i is x (1, height, width) f32, grey values / 255, and y () i64.
class LabelledImages {
public:
    virtual ~LabelledImages() = default;
    LabelledImages(const LabelledImages&) = delete;
    LabelledImages& operator=(const LabelledImages&) = delete;
    LabelledImages(LabelledImages&&) = default;
    LabelledImages& operator=(LabelledImages&&) = default;

    std::int64_t size() const { return static_cast<std::int64_t>(all_.labels.size()); }
    /// Throws Error unless 0 <= i < size().
    Example get(std::int64_t i, Site site = Site::here()) const;
    /// x (n, 1, height, width), y (n): the examples `indices` in fresh tensors.
    Example get_batch(std::span<const std::int64_t> indices, Site site = Site::here()) const;

protected:
    /// `name` is what errors call the data set.
    LabelledImages(const char* name, Pictures pictures) : name_(name), all_(std::move(pictures)) {}

private:
    void check_index(std::int64_t i, Site site) const;
    const std::uint8_t* picture(std::int64_t i) const {
        return all_.file.data() + all_.first + i * all_.height * all_.width;
    }

    const char* name_;
    Pictures all_;
};

}  // namespace vitrine::data
