// CIFAR's files: small ones made here, good and bad, and the real ones where VITRINE_DATA says where they are.
#include "vitrine/data/cifar.h"

#include <doctest/doctest.h>
#include <zlib.h>
#include <cstdlib>

#include "pack_archive.h"
#include "scratch_folder.h"

using vitrine::DType;
using vitrine::Error;
using vitrine::IoError;
using vitrine::Shape;
using namespace vitrine::data;

namespace {

constexpr vitrine::Site here{"user.cpp", 7};

/// The byte at pixel p of plane c in record r.
std::uint8_t pixel(std::size_t r, std::size_t c, std::size_t p) {
    return static_cast<std::uint8_t>((31 * r + 7 * c + p) % 251);
}

/// A record for each list of labels.
Bytes records(const std::vector<Bytes>& labels) {
    Bytes file;
    for (std::size_t r = 0; r < labels.size(); ++r) {
        file.insert(file.end(), labels[r].begin(), labels[r].end());
        for (std::size_t i = 0; i < 3072; ++i) file.push_back(pixel(r, i / 1024, i % 1024));
    }
    return file;
}

void put_gzipped(const std::string& path, const Bytes& contents) {
    const gzFile file = gzopen(path.c_str(), "wb1");
    gzwrite(file, contents.data(), static_cast<unsigned>(contents.size()));
    gzclose(file);
}

/// A folder with this test file is refused with this text.
void refused(const Bytes& file, const std::string& text) {
    const ScratchFolder folder;
    folder.put("test_batch.bin", file);
    CHECK_THROWS_WITH_AS(Cifar10(folder.path(), Split::test, {}, here),
                         ("Cifar10: " + folder.path() + "/test_batch.bin: " + text + " (user.cpp:7)").c_str(), IoError);
}

}  // namespace

TEST_CASE("data/cifar: pictures are (3, 32, 32), stored channels-last, f32 or u8, as they are or normalised") {
    const ScratchFolder folder;
    folder.put("test_batch.bin", records({{7}, {0}, {9}}));
    const Cifar10 test(folder.path(), Split::test);
    CHECK(test.size() == 3);
    CHECK(test.class_names()[7] == "horse");
    const Example one = test.get(1);
    CHECK(one.x.shape() == Shape{3, 32, 32});
    CHECK(one.x.strides() == Shape{1, 96, 3});
    CHECK(one.y.item<std::int64_t>() == 0);

    const std::int64_t indices[] = {2, 1};
    const Example batch = test.get_batch(indices);
    CHECK(batch.x.shape() == Shape{2, 3, 32, 32});
    CHECK(batch.x.strides() == Shape{3072, 1, 96, 3});
    CHECK(batch.y.to_vector<std::int64_t>() == std::vector<std::int64_t>{9, 0});
    const Cifar10 bytes(folder.path(), Split::test, {.dtype = DType::u8});
    const Cifar10 normalised(folder.path(), Split::test, {.normalise = true});
    const Example raw = bytes.get(1), scaled = normalised.get(1);
    CHECK(raw.x.strides() == Shape{1, 96, 3});
    constexpr double mean[] = {0.4914, 0.4822, 0.4465}, std[] = {0.2470, 0.2435, 0.2616};
    for (std::int64_t c = 0; c < 3; ++c)
        for (std::int64_t h = 0; h < 32; ++h)
            for (std::int64_t w = 0; w < 32; ++w) {
                const std::uint8_t byte = pixel(1, static_cast<std::size_t>(c), static_cast<std::size_t>(32 * h + w));
                const auto channel = static_cast<std::size_t>(c);
                REQUIRE(one.x.at<float>({c, h, w}) == static_cast<float>(byte) / 255.0f);
                REQUIRE(batch.x.at<float>({1, c, h, w}) == static_cast<float>(byte) / 255.0f);
                REQUIRE(raw.x.at<std::uint8_t>({c, h, w}) == byte);
                REQUIRE(scaled.x.at<float>({c, h, w}) ==
                        doctest::Approx((byte / 255.0 - mean[channel]) / std[channel]).epsilon(1e-5));
            }
    CHECK_THROWS_WITH_AS(test.get(3, here), "Cifar10: example 3 of 3; allowed are 0 to 2 (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(Cifar10(folder.path(), Split::test, {.dtype = DType::f64}, here),
                         "Cifar10: dtype f64; allowed are f32 and u8 (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(Cifar10(folder.path(), Split::test, {.dtype = DType::u8, .normalise = true}, here),
                         "Cifar10: normalise with dtype u8; it needs f32 (user.cpp:7)", Error);
}

TEST_CASE("data/cifar: the five training files follow each other, gzipped or not, here or in the archive's folder") {
    const ScratchFolder folder;
    std::filesystem::create_directory(folder / "cifar-10-batches-bin");
    for (std::uint8_t i = 1; i <= 5; ++i) {
        const std::string name = "cifar-10-batches-bin/data_batch_" + std::to_string(i) + ".bin";
        if (i % 2)
            folder.put(name, records({{i}}));
        else
            put_gzipped(folder / (name + ".gz"), records({{i}, {0}}));
    }
    const Cifar10 train(folder.path());
    REQUIRE(train.size() == 7);
    const std::int64_t labels[] = {1, 2, 0, 3, 4, 0, 5};
    for (std::int64_t i = 0; i < 7; ++i) CHECK(train.get(i).y.item<std::int64_t>() == labels[i]);
    CHECK(train.get(2).x.at<float>({0, 0, 0}) == 31 / 255.0f);

    std::filesystem::remove(folder / "cifar-10-batches-bin/data_batch_3.bin");
    const std::string text = "Cifar10: neither data_batch_3.bin nor data_batch_3.bin.gz in folder " + folder.path() +
                             "/cifar-10-batches-bin, where " + folder.path() +
                             "/cifar-10-batches-bin/data_batch_1.bin is (user.cpp:7)";
    CHECK_THROWS_WITH_AS(Cifar10(folder.path(), Split::train, {}, here), text.c_str(), IoError);
}

TEST_CASE("data/cifar: one file of another name with fewer records") {
    const ScratchFolder folder;
    std::string text = "Cifar10: folder " + folder.path() +
                       " has neither data_batch_1.bin, also in cifar-10-batches-bin/, " +
                       "nor cifar-10-binary.tar.gz nor train*.bin, plain or with .gz behind (user.cpp:7)";
    CHECK_THROWS_WITH_AS(Cifar10(folder.path(), Split::train, {}, here), text.c_str(), IoError);
    put_gzipped(folder / "train_2.bin.gz", records({{3}, {4}}));
    CHECK(Cifar10(folder.path()).size() == 2);
    folder.put("train_1.bin", records({{3}}));
    text = "Cifar10: several files in folder " + folder.path() + " could be meant: " + (folder / "train_1.bin") + ", " +
           (folder / "train_2.bin.gz") + " (user.cpp:7)";
    CHECK_THROWS_WITH_AS(Cifar10(folder.path(), Split::train, {}, here), text.c_str(), IoError);
}

TEST_CASE("data/cifar: the archive is read as it is, and refused when it is hostile or lacks a file") {
    const ScratchFolder folder;
    const auto put = [&](const std::vector<vitrine::testing::Entry>& entries) {
        folder.put("cifar-100-binary.tar.gz", vitrine::testing::pack(entries));
    };
    const auto contents = [](const std::vector<Bytes>& labels) {
        const Bytes file = records(labels);
        return std::string(file.begin(), file.end());
    };
    const std::string archive = folder / "cifar-100-binary.tar.gz";
    put({{"cifar-100-binary/readme", "x"}, {"cifar-100-binary/train.bin", contents({{1, 2}, {3, 4}})}});
    CHECK(Cifar100(folder.path()).get(1).y.item<std::int64_t>() == 4);
    CHECK_THROWS_WITH_AS(Cifar100(folder.path(), Split::test, {}, here),
                         ("Cifar100: " + archive + ": holds no cifar-100-binary/test.bin (user.cpp:7)").c_str(),
                         IoError);
    put({{"cifar-100-binary/train.bin", contents({{1, 200}})}});
    CHECK_THROWS_WITH_AS(Cifar100(folder.path(), Split::train, {}, here),
                         ("Cifar100: " + archive +
                          ": cifar-100-binary/train.bin: label 200 of record 0; allowed are 0 " + "to 99 (user.cpp:7)")
                             .c_str(),
                         IoError);
    put({{"cifar-100-binary/train.bin", contents({{1, 2}})}, {"cifar-100-binary/../../x", "x"}});
    CHECK_THROWS_AS(Cifar100(folder.path(), Split::train, {}, here), IoError);
}

TEST_CASE("data/cifar: CIFAR-100 has fine and coarse labels") {
    const ScratchFolder folder;
    folder.put("train.bin", records({{19, 99}, {4, 0}}));
    folder.put("test.bin", records({{4, 100}}));
    const Cifar100 fine(folder.path()), coarse(folder.path(), Split::train, {.coarse = true});
    CHECK(fine.get(0).y.item<std::int64_t>() == 99);
    CHECK(coarse.get(0).y.item<std::int64_t>() == 19);
    CHECK(fine.class_names()[99] == "worm");
    CHECK(coarse.class_names()[19] == "vehicles_2");
    CHECK(fine.get(1).x.at<float>({2, 0, 1}) == static_cast<float>(pixel(1, 2, 1)) / 255.0f);
    const std::string text =
        "Cifar100: " + (folder / "test.bin") + ": label 100 of record 0; allowed are 0 to 99 (user.cpp:7)";
    CHECK_THROWS_WITH_AS(Cifar100(folder.path(), Split::test, {}, here), text.c_str(), IoError);
}

TEST_CASE("data/cifar: files that do not fit are refused") {
    refused({}, "0 bytes; needed are whole records of 3073");
    refused(Bytes(3072), "3072 bytes; needed are whole records of 3073");
    refused(Bytes(2 * 3073 + 1), "6147 bytes; needed are whole records of 3073");
    refused(records({{1}, {10}}), "label 10 of record 1; allowed are 0 to 9");
    refused({0x1f, 0x8b, 8}, "gzip data ends early, after 3 bytes");
}

TEST_CASE("data/cifar_files: CIFAR-10 as it lies in VITRINE_DATA") {
    const char* data = std::getenv("VITRINE_DATA");
    if (!data || !std::filesystem::exists(std::string(data) + "/cifar10")) {
        MESSAGE("SKIPPED: VITRINE_DATA is not set, or its folder has no cifar10/ inside");
        return;
    }
    const Cifar10 test(std::string(data) + "/cifar10", Split::test, {.normalise = true});
    std::vector<std::int64_t> all(static_cast<std::size_t>(test.size()));
    std::array<std::int64_t, 10> count{};
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int64_t>(i);
    const Example batch = test.get_batch(all);
    for (const std::int64_t label : batch.y.to_vector<std::int64_t>()) ++count[static_cast<std::size_t>(label)];
    for (const std::int64_t n : count) CHECK(n == test.size() / 10);
    double sum = 0, squares = 0;
    const std::vector<float> x = batch.x.to_vector<float>();
    for (const float value : x) sum += value, squares += double{value} * value;
    CHECK(std::abs(sum / static_cast<double>(x.size())) < 0.05);
    CHECK(std::abs(squares / static_cast<double>(x.size()) - 1) < 0.05);
}
