#include "digit_data.h"

#include <algorithm>

namespace vt = vitrine;

void add_digit_options(CLI::App& app, DigitOptions& options, const std::string& written) {
    app.add_option("--images", options.images,
                   "how many digits to draw, and a sixth of it for the test; MNIST has 60000")
        ->check(CLI::Range(std::int64_t{64}, most_of_anything))
        ->capture_default_str();
    add_train_options(
        app, options,
        "digits: drawn by the library itself; mnist, fashion_mnist: from the cache, or downloaded into it; "
        "else a folder with MNIST's four files, gzipped or not",
        written);
}

std::unique_ptr<vt::data::LabelledImages> open_digits(const DigitOptions& options, vt::data::Split split) {
    const bool train = split == vt::data::Split::train;
    if (options.data == "digits") {
        const std::int64_t count = train ? options.images : std::max<std::int64_t>(options.images / 6, 64);
        return std::make_unique<vt::data::Digits>(vt::data::Digits(count, {.seed = train ? 1 : 2}));
    }
    const bool known = options.data == "mnist" || options.data == "fashion_mnist";
    const std::string folder = known ? located(options, options.data, "--data digits") : options.data;
    if (options.data == "fashion_mnist")
        return std::make_unique<vt::data::FashionMnist>(vt::data::FashionMnist(folder, split));
    return std::make_unique<vt::data::Mnist>(vt::data::Mnist(folder, split));
}
