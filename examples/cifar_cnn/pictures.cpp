#include "pictures.h"

namespace vt = vitrine;
using vt::data::Cifar10;
using vt::data::Shapes;

void add_picture_options(CLI::App& app, PictureDataOptions& options, const std::string& written) {
    app.add_option("--images", options.images, "how many shapes to draw, and a fifth of it for the test")
        ->check(CLI::Range(std::int64_t{5}, most_of_anything))
        ->capture_default_str();
    app.add_option("--workers", options.workers,
                   "threads that make batches; 0: the one that trains. The run does not depend on it")
        ->check(CLI::Range(0, 64))
        ->capture_default_str();
    add_train_options(
        app, options,
        "shapes: drawn by the library itself; cifar10: from the cache, or downloaded into it; else a folder "
        "with CIFAR-10's binary files, gzipped or not, or their archive",
        written);
}

std::unique_ptr<vt::data::LabelledImages> open_pictures(const PictureDataOptions& options, vt::data::Split split,
                                                        bool normalise) {
    const bool train = split == vt::data::Split::train;
    if (options.data == "shapes") {
        const std::int64_t count = train ? options.images : options.images / 5;
        return std::make_unique<Shapes>(Shapes(count, {.seed = train ? 1 : 2, .normalise = normalise}));
    }
    const std::string folder = options.data == "cifar10" ? located(options, "cifar10", "--data shapes") : options.data;
    return std::make_unique<Cifar10>(Cifar10(folder, split, {.normalise = normalise}));
}

void augment(PictureLoader& loader) {
    loader.map([](vt::data::Example& batch, vt::Generator& random) {
        batch.x = vt::data::random_flip(vt::data::pad_crop(batch.x, 4, random), random);
    });
}
