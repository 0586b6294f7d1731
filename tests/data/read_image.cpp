// Pictures read back, JPEGs of others, damage and bombs; folders of pictures.
#include "vitrine/data/read_image.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include "grey_jpeg.h"
#include "scratch_folder.h"
#include "vitrine/data/image_folder.h"

using vitrine::DType;
using vitrine::Error;
using vitrine::IoError;
using vitrine::Shape;
using vitrine::Tensor;
using namespace vitrine::data;

namespace {

constexpr vitrine::Site here{"user.cpp", 7};

void append_number(std::string& file, std::uint32_t n) {
    for (const int shift : {24, 16, 8, 0}) file += static_cast<char>(n >> shift & 255);
}

void append_chunk(std::string& file, const std::string& letters, const std::string& contents) {
    append_number(file, static_cast<std::uint32_t>(contents.size()));
    const std::string both = letters + contents;
    file += both;
    append_number(file, static_cast<std::uint32_t>(
                            crc32(0, reinterpret_cast<const Bytef*>(both.data()), static_cast<uInt>(both.size()))));
}

/// A PNG file of grey bytes which says that it is width x height, with these unpacked rows.
std::string png(std::uint32_t width, std::uint32_t height, const std::string& rows) {
    std::string file = "\x89PNG\r\n\x1a\n", header;
    append_number(header, width);
    append_number(header, height);
    append_chunk(file, "IHDR", header + std::string("\x08\0\0\0\0", 5));
    uLongf size = compressBound(rows.size());
    std::string packed(size, ' ');
    compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(rows.data()), rows.size());
    append_chunk(file, "IDAT", packed.substr(0, size));
    append_chunk(file, "IEND", "");
    return file;
}

std::string refusal(const std::string& file, const ReadImageOptions& options = {}) {
    try {
        decode_image(Bytes(file.begin(), file.end()), "x", options);
    } catch (const IoError& e) {
        return e.what();
    }
    return "read";
}

}  // namespace

TEST_CASE("data/read_image: what write_png wrote comes back, in grey and in colour") {
    const ScratchFolder folder;
    const Image grey{2, 3, 1, {0, 50, 100, 150, 200, 255}}, colour{1, 2, 3, {255, 0, 0, 10, 20, 30}};
    write_png(folder / "grey.png", grey);
    write_png(folder / "colour.png", colour);
    const Image one = read_image(folder / "grey.png"), two = read_image(folder / "colour.png");
    CHECK(one.height == 2);
    CHECK(one.width == 3);
    CHECK(one.channels == 1);
    CHECK(one.pixels == grey.pixels);
    CHECK(two.channels == 3);
    CHECK(two.pixels == colour.pixels);
    CHECK(read_image(folder / "grey.png", {.channels = 3}).pixels[5] == 50);
    CHECK(read_image(folder / "colour.png", {.channels = 1}).pixels[0] == 76);  // 0.30 of red

    const Tensor x = to_tensor(two), bytes = to_tensor(two, DType::u8);
    CHECK(x.shape() == Shape{3, 1, 2});
    CHECK(x.at<float>({0, 0, 1}) == 10 / 255.0f);
    CHECK(bytes.at<std::uint8_t>({2, 0, 1}) == 30);
}

TEST_CASE("data/read_image: a JPEG file") {
    const Image image = decode_image(grey_jpeg, "x");
    CHECK(image.height == 8);
    CHECK(image.width == 8);
    CHECK(image.channels == 1);
    CHECK(image.pixels == Bytes(64, 128));
}

TEST_CASE("data/read_image: damage is seen") {
    CHECK(refusal(png(2, 1, std::string("\0ab", 3))) == "read");
    CHECK(refusal("") == "x: is neither a PNG nor a JPEG file");
    CHECK(refusal("GIF89a, or so") == "x: is neither a PNG nor a JPEG file");
    const std::string whole = png(64, 64, std::string(65 * 64, '\0')), jpeg(grey_jpeg.begin(), grey_jpeg.end());
    for (std::size_t size = 8; size < whole.size(); ++size) {
        const std::string said = refusal(whole.substr(0, size));
        CHECK_MESSAGE(said.starts_with("x: ends early, "), size, ": ", said);
    }
    for (std::size_t size = 3; size < jpeg.size(); ++size)
        CHECK(refusal(jpeg.substr(0, size)) == vitrine::join("x: ends early, after ", size, " bytes of JPEG"));
    for (std::size_t at = 12; at < whole.size() - 12; ++at) {
        std::string flipped = whole;
        flipped[at] ^= 4;
        CHECK_MESSAGE(refusal(flipped) != "read", at);
    }
    CHECK(refusal(png(4, 4, std::string(7, '\0'))).starts_with("x: cannot be read as PNG or JPEG: "));
}

TEST_CASE("data/read_image: Huffman tables that stb_image has no room for are refused, wherever they are") {
    const std::string jpeg(grey_jpeg.begin(), grey_jpeg.end());
    std::string table("\xff\xc4\x02\x1f\x10", 5);  // a length, a table, 524 values
    table += "\xff\xff" + std::string(14, '\1') + std::string(524, '\7');
    const std::string expected = "x: a Huffman table of 524 values; allowed are at most 256";
    CHECK(refusal(jpeg.substr(0, 2) + table + jpeg.substr(2)) == expected);
    CHECK(refusal(jpeg.substr(0, 20) + "padding" + table + jpeg.substr(20)) == expected);
    CHECK(refusal(jpeg.substr(0, jpeg.size() - 2) + table + jpeg.substr(jpeg.size() - 2)) == expected);
    // In a comment it is none.
    CHECK(refusal(jpeg.substr(0, 2) + std::string("\xff\xfe\x02\x23", 4) + table + jpeg.substr(2)) == "read");
}

TEST_CASE("data/read_image: a Huffman table of more short codes than stb_image can tell apart is refused") {
    const std::string jpeg(grey_jpeg.begin(), grey_jpeg.end());
    const auto with_nine_bit_codes = [&](char count, std::size_t values) {
        std::string table = std::string("\xff\xc4\0\0\0", 5) + std::string(16, '\0') + std::string(values, '\7');
        table[2] = static_cast<char>((table.size() - 2) >> 8);
        table[3] = static_cast<char>(table.size() - 2);
        table[5 + 7] = '\1';  // and one of 8 bits
        table[5 + 8] = count;
        return jpeg.substr(0, 2) + table + jpeg.substr(2);
    };
    CHECK(refusal(with_nine_bit_codes('\xff', 256)) == "x: a Huffman table of 256 codes of at most 9 bits; allowed are at most 255");
    CHECK(refusal(with_nine_bit_codes('\xfe', 255)) == "read");
}

TEST_CASE("data/read_image: a JPEG file whose scan names Huffman tables that it does not hold is the same picture each time") {
    std::string jpeg(grey_jpeg.begin(), grey_jpeg.end());
    const std::size_t scan = jpeg.find("\xff\xda");
    REQUIRE(scan != std::string::npos);
    jpeg[scan + 6] = '\x33';  // the tables of its only component
    const std::string said = refusal(jpeg);
    for (int again = 0; again < 5; ++again) CHECK(refusal(jpeg) == said);
}

TEST_CASE("data/read_image: bombs are refused before they unpack") {
    CHECK(refusal(png(60000, 60000, "")) == "x: its header is damaged, or promises more than 2^30 bytes");
    CHECK(refusal(png(20000, 20000, "")) == "x: 20000 x 20000 pixels; allowed are at most 50000000");
    CHECK(refusal(png(10, 11, std::string(121, '\0')), {.max_pixels = 109}) ==
          "x: 11 x 10 pixels; allowed are at most 109");
    CHECK(refusal(png(0xffffffff, 1, "")) == "x: its header is damaged, or promises more than 2^30 bytes");
    // 1 x 1 pixel that unpacks to 64 MB: stb_image would go along.
    CHECK(refusal(png(1, 1, std::string(64 << 20, '\0'))).starts_with("x: cannot be read as PNG or JPEG: "));
}

TEST_CASE("data/read_image: options and paths that make no sense") {
    CHECK_THROWS_WITH_AS(read_image("x", {.channels = 2}, here),
                         "read_image: channels 2; allowed are 0, 1 and 3 (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(read_image("x", {.max_pixels = 0}, here),
                         "read_image: max_pixels 0; allowed are 1 to 268435456 (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(read_image("/no/such.png", {}, here),
                         "read_image: /no/such.png: cannot be opened: No such file or directory (user.cpp:7)", IoError);
    CHECK_THROWS_WITH_AS(to_tensor(Image{1, 1, 1, {0}}, DType::f64, here),
                         "to_tensor: dtype f64; allowed are f32 and u8 (user.cpp:7)", Error);
}

TEST_CASE("data/image_folder: a class for each folder, in the order of names") {
    const ScratchFolder folder;
    for (const char* name : {"dogs", "cats", "birds", ".hidden"}) std::filesystem::create_directory(folder / name);
    write_png(folder / "dogs/b.png", {1, 2, 1, {7, 8}});
    write_png(folder / "dogs/a.PNG", {1, 2, 3, {1, 2, 3, 4, 5, 6}});
    folder.put("cats/c.jpeg", grey_jpeg);
    folder.put("cats/notes.txt", std::string("not a picture"));
    folder.put("cats/.d.png", std::string("nor this"));
    const ImageFolder images(folder.path());
    CHECK(images.class_names() == std::vector<std::string>{"birds", "cats", "dogs"});
    REQUIRE(images.size() == 3);
    CHECK(images.path(0) == folder / "cats/c.jpeg");
    CHECK(images.path(1) == folder / "dogs/a.PNG");
    const Example one = images.get(1), two = images.get(2);
    CHECK(one.x.shape() == Shape{3, 1, 2});
    CHECK(one.x.at<float>({2, 0, 1}) == 6 / 255.0f);
    CHECK(one.y.item<std::int64_t>() == 2);
    CHECK(two.x.shape() == Shape{3, 1, 2});
    const ImageFolder grey(folder.path(), {.channels = 1, .dtype = DType::u8});
    CHECK(grey.get(2).x.to_vector<std::uint8_t>() == std::vector<std::uint8_t>{7, 8});
    CHECK(grey.get(0).x.shape() == Shape{1, 8, 8});
}

TEST_CASE("data/image_folder: what is missing or no picture") {
    const ScratchFolder folder;
    CHECK_THROWS_WITH_AS(ImageFolder(folder.path(), {}, here),
                         ("ImageFolder: " + folder.path() +
                          ": no pictures; needed are FOLDER/CLASS/PICTURE.png, .jpg or .jpeg (user.cpp:7)")
                             .c_str(),
                         IoError);
    CHECK_THROWS_WITH_AS(
        ImageFolder(folder / "x", {}, here),
        ("ImageFolder: " + (folder / "x") + ": cannot be read: No such file or directory (user.cpp:7)").c_str(),
        IoError);
    CHECK_THROWS_WITH_AS(ImageFolder(folder.path(), {.channels = 0}, here),
                         "ImageFolder: channels 0; allowed are 1 and 3 (user.cpp:7)", Error);
    std::filesystem::create_directory(folder / "a");
    folder.put("a/x.png", png(9, 9, ""));
    const ImageFolder small(folder.path(), {.max_pixels = 80});
    CHECK_THROWS_WITH_AS(
        small.get(0, here),
        ("ImageFolder: " + (folder / "a/x.png") + ": 9 x 9 pixels; allowed are at most 80 (user.cpp:7)").c_str(),
        IoError);
    CHECK_THROWS_WITH_AS(small.get(1, here), "ImageFolder: picture 1 of 1; allowed are 0 to 0 (user.cpp:7)", Error);
}
