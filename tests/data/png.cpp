// PNG files and grids of pictures.
#include "vitrine/data/png.h"

#include <doctest/doctest.h>

#include "scratch_folder.h"

using vitrine::Error;
using vitrine::IoError;
using namespace vitrine::data;

namespace {

// The 32-bit big-endian number at `at`: width is at 16, height at 20 of every PNG file, bytes 24 and 25 are depth and kind.
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
    const std::string path = folder / "x.png";
    CHECK_THROWS_WITH_AS(write_png(path, {0, 3, 1, {}}), "write_png: 0 x 3 pixels; allowed sides are 1 to 65535", Error);
    CHECK_THROWS_WITH_AS(write_png(path, {1, 65536, 1, Bytes(65536)}), "write_png: 1 x 65536 pixels; allowed sides are 1 to 65535", Error);
    CHECK_THROWS_WITH_AS(write_png(path, {1, 1, 2, {0, 0}}), "write_png: 2 channels; allowed are 1 and 3", Error);
    CHECK_THROWS_WITH_AS(write_png(path, {2, 2, 1, {0, 0, 0}}), "write_png: 3 bytes for 2 x 2 x 1; needed are 4", Error);
    CHECK_THROWS_AS(write_png(folder / "no/such.png", {1, 1, 1, {0}}), IoError);
    CHECK(folder.files() == 0);
}

TEST_CASE("data/png: a grid puts tiles in rows with gaps") {
    const Image grid = image_grid({1, 2, 3, 4, 5, 6}, 1, 2, 2, 1);  // three tiles of 1 x 2, two in a row
    CHECK(grid.height == 5);
    CHECK(grid.width == 7);
    constexpr std::uint8_t g = 96;
    CHECK(grid.pixels == Bytes{g, g, g, g, g, g, g,   //
                               g, 1, 2, g, 3, 4, g,   //
                               g, g, g, g, g, g, g,   //
                               g, 5, 6, g, g, g, g,   //
                               g, g, g, g, g, g, g});
    CHECK_THROWS_WITH_AS(image_grid({1, 2, 3}, 1, 2, 2), "image_grid: 3 bytes; allowed are whole tiles of 1 x 2", Error);
    CHECK_THROWS_WITH_AS(image_grid({}, 1, 0, 2), "image_grid: tiles of 1 x 0 pixels; allowed are sides of 1 and more", Error);
    CHECK_THROWS_WITH_AS(image_grid({}, 1, 1, 0), "image_grid: 0 columns; allowed are 1 and more", Error);
    CHECK_THROWS_WITH_AS(image_grid({}, 1, 1, 1, -1), "image_grid: a gap of -1 pixels; allowed are 0 and more", Error);
}
