// Pictures of 32 x 32 pixels in ten classes: shapes drawn by the library, or CIFAR-10.
#pragma once

#include <memory>

#include "support/train_options.h"

struct PictureDataOptions : TrainOptions {
    PictureDataOptions() { data = "shapes"; }
    std::int64_t images = 10'000;  ///< how many shapes to draw
    std::int64_t workers = 2;      ///< threads that make batches
};

/// Adds --images and --workers, then what every training program has.
void add_picture_options(CLI::App& app, PictureDataOptions& options, const std::string& written);

/// "shapes": drawn ones, a fifth of --images for the test; "cifar10": from the cache, or downloaded into it; else the
/// folder --data with CIFAR-10's files. Values are normalised, or bytes / 255.
std::unique_ptr<vitrine::data::LabelledImages> open_pictures(const PictureDataOptions& options,
                                                             vitrine::data::Split split, bool normalise);

using PictureLoader = vitrine::data::DataLoader<vitrine::data::LabelledImages>;

/// Moves each picture of every batch by up to 4 pixels and mirrors every other one, in the loader's threads.
void augment(PictureLoader& loader);
