// Pictures read back, JPEGs of others, damage and bombs; folders of pictures.
#include "vitrine/data/read_image.h"

#include <doctest/doctest.h>
#include <zlib.h>

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

// 8 x 8 pixels of grey 128, as Pillow writes them.
const Bytes grey_jpeg = {
    0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x4a, 0x46, 0x49, 0x46, 0x00, 0x01, 0x01, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00,
    0x00, 0xff, 0xdb, 0x00, 0x43, 0x00, 0x10, 0x0b, 0x0c, 0x0e, 0x0c, 0x0a, 0x10, 0x0e, 0x0d, 0x0e, 0x12, 0x11, 0x10,
    0x13, 0x18, 0x28, 0x1a, 0x18, 0x16, 0x16, 0x18, 0x31, 0x23, 0x25, 0x1d, 0x28, 0x3a, 0x33, 0x3d, 0x3c, 0x39, 0x33,
    0x38, 0x37, 0x40, 0x48, 0x5c, 0x4e, 0x40, 0x44, 0x57, 0x45, 0x37, 0x38, 0x50, 0x6d, 0x51, 0x57, 0x5f, 0x62, 0x67,
    0x68, 0x67, 0x3e, 0x4d, 0x71, 0x79, 0x70, 0x64, 0x78, 0x5c, 0x65, 0x67, 0x63, 0xff, 0xc0, 0x00, 0x0b, 0x08, 0x00,
    0x08, 0x00, 0x08, 0x01, 0x01, 0x11, 0x00, 0xff, 0xc4, 0x00, 0x1f, 0x00, 0x00, 0x01, 0x05, 0x01, 0x01, 0x01, 0x01,
    0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09,
    0x0a, 0x0b, 0xff, 0xc4, 0x00, 0xb5, 0x10, 0x00, 0x02, 0x01, 0x03, 0x03, 0x02, 0x04, 0x03, 0x05, 0x05, 0x04, 0x04,
    0x00, 0x00, 0x01, 0x7d, 0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61,
    0x07, 0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xa1, 0x08, 0x23, 0x42, 0xb1, 0xc1, 0x15, 0x52, 0xd1, 0xf0, 0x24, 0x33,
    0x62, 0x72, 0x82, 0x09, 0x0a, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x34, 0x35, 0x36,
    0x37, 0x38, 0x39, 0x3a, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59,
    0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x83, 0x84,
    0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0xa2, 0xa3, 0xa4, 0xa5,
    0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6,
    0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6,
    0xe7, 0xe8, 0xe9, 0xea, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xff, 0xda, 0x00, 0x08, 0x01,
    0x01, 0x00, 0x00, 0x3f, 0x00, 0x2b, 0xff, 0xd9};

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
