// Pictures of digits for the examples that learn them: drawn by the library, or MNIST's files.
#pragma once

#include <memory>

#include "train_options.h"

struct DigitOptions : TrainOptions {
    DigitOptions() { data = "digits"; }
    std::int64_t images = 60000;  ///< how many digits to draw
};

/// Adds --images, then what every training program has.
void add_digit_options(CLI::App& app, DigitOptions& options, const std::string& written);

/// "digits": drawn ones, a sixth of --images for the test; else the folder --data with MNIST's files.
std::unique_ptr<vitrine::data::LabelledImages> open_digits(const DigitOptions& options, vitrine::data::Split split);

/// A loader over the training pictures in the order of --seed, --batch at a time.
using DigitLoader = vitrine::data::DataLoader<vitrine::data::LabelledImages>;
