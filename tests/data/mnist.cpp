// MNIST's files: small ones made here, good and bad, and the real ones where VITRINE_DATA says where they are.
#include "vitrine/data/mnist.h"

#include <doctest/doctest.h>
#include <algorithm>
#include <cstdlib>

#include "scratch_folder.h"

using vitrine::Error;
using vitrine::IoError;
using vitrine::Shape;
using namespace vitrine::data;

namespace {

constexpr vitrine::Site here{"user.cpp", 7};

Bytes images(std::uint8_t count, std::uint8_t side = 28) {
    Bytes file = {0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, side, 0, 0, 0, side};
    for (int i = 0; i < count * side * side; ++i) file.push_back(static_cast<std::uint8_t>(i % 256));
    return file;
}

Bytes labels(const Bytes& values) {
    Bytes file(8 + values.size());
    file[2] = 8, file[3] = 1, file[7] = static_cast<std::uint8_t>(values.size());
    std::copy(values.begin(), values.end(), file.begin() + 8);
    return file;
}

// A folder with these two training files is refused with this text.
void refused(const Bytes& images_file, const Bytes& labels_file, const std::string& text) {
    const ScratchFolder folder;
    folder.put("train-images-idx3-ubyte", images_file);
    folder.put("train-labels-idx1-ubyte", labels_file);
    CHECK_THROWS_WITH_AS(Mnist(folder.path(), Split::train, {}, here),
                         ("Mnist: " + folder.path() + text + " (user.cpp:7)").c_str(), IoError);
}

}  // namespace

TEST_CASE("data/mnist: examples are grey values / 255 and labels") {
    const ScratchFolder folder;
    folder.put("t10k-images-idx3-ubyte", images(3));
    folder.put("t10k-labels-idx1-ubyte", labels({7, 0, 9}));
    const Mnist test(folder.path(), Split::test);
    CHECK(test.size() == 3);
    const Example one = test.get(1);
    CHECK(one.x.shape() == Shape{1, 28, 28});
    CHECK(one.x.dtype() == vitrine::float32);
    CHECK(one.x.at<float>({0, 0, 5}) == static_cast<float>((784 + 5) % 256) / 255.0f);
    CHECK(one.y.shape() == Shape{});
    CHECK(one.y.item<std::int64_t>() == 0);

    const std::int64_t indices[] = {2, 1, 2};
    const Example batch = test.get_batch(indices);
    CHECK(batch.x.shape() == Shape{3, 1, 28, 28});
    CHECK(batch.y.to_vector<std::int64_t>() == std::vector<std::int64_t>{9, 0, 9});
    CHECK(batch.x.at<float>({1, 0, 0, 5}) == one.x.at<float>({0, 0, 5}));
    CHECK_THROWS_WITH_AS(test.get(3, here), "Mnist: example 3 of 3; allowed are 0 to 2 (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(test.get(-1, here), "Mnist: example -1 of 3; allowed are 0 to 2 (user.cpp:7)", Error);
}

TEST_CASE("data/mnist: files that are missing or do not fit are refused") {
    const ScratchFolder empty;
    const std::string text = "Mnist: neither train-images-idx3-ubyte nor train-images-idx3-ubyte.gz in folder " +
                             empty.path() + " (user.cpp:7)";
    CHECK_THROWS_WITH_AS(Mnist(empty.path(), Split::train, {}, here), text.c_str(), IoError);
    refused({}, labels({}), "/train-images-idx3-ubyte: 0 bytes; an IDX file begins with 4");
    refused(images(2, 27), labels({1, 2}), "/train-images-idx3-ubyte: 2 x 27 x 27 values; allowed are N x 28 x 28");
    refused(labels({1}), labels({1}), "/train-images-idx3-ubyte: 1 values; allowed are N x 28 x 28");
    refused(images(2), labels({1, 2, 3}), "/train-labels-idx1-ubyte: 3 labels; needed are 2, one an image");
    refused(images(2), labels({1, 10}), "/train-labels-idx1-ubyte: label 10; allowed are 0 to 9");
}

TEST_CASE("data/mnist_files: the real MNIST") {
    const char* data = std::getenv("VITRINE_DATA");
    if (!data) {
        MESSAGE("SKIPPED: VITRINE_DATA is not set; it names a folder with mnist/ inside");
        return;
    }
    const Mnist train(std::string(data) + "/mnist"), test(std::string(data) + "/mnist", Split::test);
    CHECK(train.size() == 60000);
    CHECK(test.size() == 10000);
    CHECK(train.get(0).y.item<std::int64_t>() == 5);
    CHECK(test.get(0).y.item<std::int64_t>() == 7);
    double sum = 0;
    std::int64_t ones = 0;
    for (std::int64_t i = 0; i < train.size(); ++i) {
        const Example example = train.get(i);
        for (const float grey : example.x.to_vector<float>()) sum += grey;
        ones += example.y.item<std::int64_t>() == 1;
    }
    CHECK(sum / (60000.0 * 784) == doctest::Approx(0.1306604762738429).epsilon(1e-6));
    CHECK(ones == 6742);
}

TEST_CASE("data/mnist: Fashion-MNIST is read alike and names clothes") {
    const ScratchFolder folder;
    folder.put("t10k-images-idx3-ubyte", images(2));
    folder.put("t10k-labels-idx1-ubyte", labels({9, 1}));
    const FashionMnist test(folder.path(), Split::test, {.normalise = true});
    CHECK(test.class_names()[9] == "Ankle boot");
    CHECK(test.get(0).x.at<float>({0, 0, 3}) == doctest::Approx((3 / 255.0 - 0.2860) / 0.3530));
    CHECK_THROWS_WITH_AS(test.get(2, here), "FashionMnist: example 2 of 2; allowed are 0 to 1 (user.cpp:7)", Error);
}
