#include "mnist.h"

#include <filesystem>
#include <utility>

#include "idx.h"
#include "located.h"

namespace vitrine::data {
namespace {

constexpr std::string_view garments[] = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                                         "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};

Idx read_part(const std::string& folder, const std::string& name) {
    const std::filesystem::path plain = std::filesystem::path(folder) / name;
    const std::string gzipped = plain.string() + ".gz";
    std::error_code ignored;
    if (std::filesystem::exists(plain, ignored)) return read_idx(plain.string());
    if (std::filesystem::exists(gzipped, ignored)) return read_idx(gzipped);
    throw IoError(join("neither ", name, " nor ", name, ".gz in folder ", folder));
}

Pictures read_pictures(const std::string& folder, Split split) {
    const std::string half = split == Split::train ? "train" : "t10k", images_name = half + "-images-idx3-ubyte",
                      labels_name = half + "-labels-idx1-ubyte";
    Idx images = read_part(folder, images_name);
    const Idx labels = read_part(folder, labels_name);
    if (images.sizes.size() != 3 || images.sizes[1] != 28 || images.sizes[2] != 28)
        throw IoError(join(folder, "/", images_name, ": ", text_of(images.sizes), " values; allowed are N x 28 x 28"));
    if (labels.sizes.size() != 1 || labels.sizes[0] != images.sizes[0])
        throw IoError(join(folder, "/", labels_name, ": ", text_of(labels.sizes), " labels; needed are ",
                           images.sizes[0], ", one an image"));
    for (const std::uint8_t label : labels.values())
        if (label > 9) throw IoError(join(folder, "/", labels_name, ": label ", int{label}, "; allowed are 0 to 9"));
    return {std::move(images.file), images.first, {labels.values().begin(), labels.values().end()}, 28, 28, 1};
}

}  // namespace

Mnist::Mnist(const std::string& folder, Split split, PictureOptions options, Site site)
    : LabelledImages({"Mnist", digit_names, {0.1307}, {0.3081}},
                     located("Mnist", site, [&] { return read_pictures(folder, split); }), options, site) {}

FashionMnist::FashionMnist(const std::string& folder, Split split, PictureOptions options, Site site)
    : LabelledImages({"FashionMnist", garments, {0.2860}, {0.3530}},
                     located("FashionMnist", site, [&] { return read_pictures(folder, split); }), options, site) {}

}  // namespace vitrine::data
