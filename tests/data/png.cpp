// PNG files and grids of pictures.
#include "vitrine/data/png.h"

#include <cmath>
#include <doctest/doctest.h>

#include "scratch_folder.h"
#include "vitrine/core/ops/creation.h"

using vitrine::Error;
using vitrine::from_vector;
using vitrine::IoError;
using vitrine::zeros;
using namespace vitrine::data;

namespace {

constexpr vitrine::Site here{"user.cpp", 7};

// The 32-bit big-endian number at `at`: width is at 16, height at 20 of every PNG file, bytes 24 and 25 are depth and
// kind.
std::uint32_t number(const std::string& file, std::size_t at) {
    std::uint32_t n = 0;
    for (std::size_t i = 0; i < 4; ++i) n = n << 8 | static_cast<std::uint8_t>(file[at + i]);
    return n;
}

}  // namespace

TEST_CASE("data/png: grey and colour files say what they hold") {
    const ScratchFolder folder;
    write_png(folder / "grey.png", {2, 3, 1, {0, 50, 100, 150, 200, 255}});
    write_png(folder / "colour.png", {1, 2, 3, {255, 0, 0, 0, 0, 255}});
    const std::string grey = folder.get("grey.png"), colour = folder.get("colour.png");
    CHECK(grey.substr(0, 8) == "\x89PNG\r\n\x1a\n");
    CHECK(number(grey, 16) == 3);
    CHECK(number(grey, 20) == 2);
    CHECK(grey.substr(24, 2) == std::string("\x08\x00", 2));
    CHECK(number(colour, 16) == 2);
    CHECK(number(colour, 20) == 1);
    CHECK(colour.substr(24, 2) == "\x08\x02");
    CHECK(folder.files() == 2);
}

TEST_CASE("data/png: pictures that are none are refused") {
    const ScratchFolder folder;
    const std::string path = folder / "x.png", nowhere = folder / "no/such.png";
    const auto refused = [&](const Image& image, const char* text) {
        CHECK_THROWS_WITH_AS(write_png(path, image, here), text, Error);
    };
    refused({0, 3, 1, {}}, "write_png: 0 x 3 pixels; allowed sides are 1 to 65535 (user.cpp:7)");
    refused({1, 65536, 1, Bytes(65536)}, "write_png: 1 x 65536 pixels; allowed sides are 1 to 65535 (user.cpp:7)");
    refused({1, 1, 2, {0, 0}}, "write_png: 2 channels; allowed are 1 and 3 (user.cpp:7)");
    refused({2, 2, 1, {0, 0, 0}}, "write_png: 3 bytes for 2 x 2 x 1; needed are 4 (user.cpp:7)");
    const std::string text = "write_png: " + nowhere + ": cannot be written: No such file or directory (user.cpp:7)";
    CHECK_THROWS_WITH_AS(write_png(nowhere, {1, 1, 1, {0}}, here), text.c_str(), IoError);
    CHECK(folder.files() == 0);
}

TEST_CASE("data/png: a tensor becomes a picture") {
    const Image grey = to_image(from_vector(std::vector<float>{0, 0.5, 1, -3, 7, std::nanf("")}, {2, 3}));
    CHECK(grey.height == 2);
    CHECK(grey.width == 3);
    CHECK(grey.channels == 1);
    CHECK(grey.pixels == Bytes{0, 128, 255, 0, 255, 0});
    const Image colour = to_image(from_vector(std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6}, {3, 1, 2}));
    CHECK(colour.channels == 3);
    CHECK(colour.pixels == Bytes{1, 3, 5, 2, 4, 6});

    CHECK_THROWS_WITH_AS(
        to_image(zeros({2, 2, 2}), here),
        "to_image: x is (2, 2, 2); allowed are (height, width), (1, height, width) and (3, height, width) (user.cpp:7)",
        Error);
    CHECK_THROWS_WITH_AS(to_image(zeros({2, 2}, {.dtype = vitrine::int64}), here),
                         "to_image: x is i64; allowed are f32, f64 and u8 (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(to_image({}, here), "to_image: x is undefined (user.cpp:7)", Error);
}

TEST_CASE("data/png: a grid puts pictures in rows with gaps") {
    const Image grid = image_grid(from_vector(std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6}, {3, 1, 1, 2}), 2, 1);
    CHECK(grid.height == 5);
    CHECK(grid.width == 7);
    constexpr std::uint8_t g = 96;
    CHECK(grid.pixels == Bytes{g, g, g, g, g, g, g,   //
                               g, 1, 2, g, 3, 4, g,   //
                               g, g, g, g, g, g, g,   //
                               g, 5, 6, g, g, g, g,   //
                               g, g, g, g, g, g, g});
    CHECK(image_grid(zeros({0, 4, 4}), 3, 1).pixels == Bytes(16, g));
    const Image coloured = image_grid(from_vector(std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6}, {1, 3, 1, 2}), 1, 1);
    CHECK(coloured.channels == 3);
    CHECK(coloured.pixels == Bytes{g, g, g, g, g, g, g, g, g, g, g, g,  //
                                   g, g, g, 1, 3, 5, 2, 4, 6, g, g, g,  //
                                   g, g, g, g, g, g, g, g, g, g, g, g});
    const vitrine::Tensor x = zeros({2, 3, 4});
    CHECK_THROWS_WITH_AS(
        image_grid(zeros({2, 2, 4, 4}), 1, 1, here),
        "image_grid: x is (2, 2, 4, 4); allowed are (N, height, width), (N, 1, height, width) and (N, 3, height, width) "
        "(user.cpp:7)",
        Error);
    CHECK_THROWS_WITH_AS(image_grid(x, 0, 1, here), "image_grid: 0 columns; allowed are 1 and more (user.cpp:7)",
                         Error);
    CHECK_THROWS_WITH_AS(image_grid(x, 1, -1, here),
                         "image_grid: a gap of -1 pixels; allowed are 0 and more (user.cpp:7)", Error);
}
