// Pictures with labels, kept as bytes: what Mnist, Cifar10, Digits and their like are.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "dataset.h"
#include "file.h"

namespace vitrine::data {

enum class Split { train, test };

/// N pictures of one size and their labels. A picture is height x width pixels, row-major, of `channels` bytes each.
struct Pictures {
    Bytes file;
    std::size_t first = 0;  ///< where in `file` they begin
    Bytes labels;
    std::int64_t height = 0, width = 0, channels = 1;

    std::int64_t bytes() const { return height * width * channels; }  ///< of one picture
};

/// What is known of a data set beside its files. The arrays that the spans show must outlive it (constants do).
struct ImageSet {
    const char* name;                                   ///< what errors call it
    std::span<const std::string_view> classes;          ///< the name of each label
    std::array<double, 3> mean{0, 0, 0}, std{1, 1, 1};  ///< of the training images' values / 255, for each channel
};

/// "0" to "9".
inline constexpr std::string_view digit_names[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};

struct PictureOptions {
    /// u8: the bytes as they are. f32: bytes / 255, in [0, 1].
    DType dtype = DType::f32;
    /// f32 alone: (byte / 255 - mean) / std with the data set's own mean and standard deviation of each channel.
    bool normalise = false;
};

/// A data set of pictures. Example i is x (channels, height, width) f32 or u8, and y () i64. Pictures are stored
/// channels-last, as the vision kernels read them.
class LabelledImages {
public:
    virtual ~LabelledImages() = default;
    LabelledImages(const LabelledImages&) = delete;
    LabelledImages& operator=(const LabelledImages&) = delete;
    LabelledImages(LabelledImages&&) = default;
    LabelledImages& operator=(LabelledImages&&) = default;

    std::int64_t size() const { return static_cast<std::int64_t>(all_.labels.size()); }
    /// The name of each label, 0 first.
    std::span<const std::string_view> class_names() const { return set_.classes; }
    /// Throws Error unless 0 <= i < size().
    Example get(std::int64_t i, Site site = Site::here()) const;
    /// x (n, channels, height, width), y (n): the examples `indices` in fresh tensors.
    Example get_batch(std::span<const std::int64_t> indices, Site site = Site::here()) const;

protected:
    /// Throws Error for a dtype that is neither f32 nor u8, and for u8 with normalise.
    LabelledImages(const ImageSet& set, Pictures pictures, PictureOptions options = {}, Site site = Site::here());

private:
    void check_index(std::int64_t i, Site site) const;
    const std::uint8_t* picture(std::int64_t i) const { return all_.file.data() + all_.first + i * all_.bytes(); }
    void convert(const std::uint8_t* from, float* to) const;
    void fill(std::span<const std::int64_t> indices, const Tensor& x, const Tensor& y) const;

    ImageSet set_;
    Pictures all_;
    DType dtype_;
    std::array<std::array<float, 256>, 3> value_;  ///< of a byte of each channel
};

}  // namespace vitrine::data
