// The examples of docs/data.md, run.
#include <doctest/doctest.h>

#include <cstdlib>
#include <iostream>
#include <sstream>

#include "scratch_folder.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/data/cifar.h"
#include "vitrine/data/csv.h"
#include "vitrine/data/data_loader.h"
#include "vitrine/data/image_folder.h"
#include "vitrine/data/locate.h"
#include "vitrine/data/mnist.h"
#include "vitrine/data/npy.h"
#include "vitrine/data/png.h"
#include "vitrine/data/points.h"
#include "vitrine/data/shapes.h"
#include "vitrine/data/tensor_dataset.h"

namespace vt = vitrine;

namespace {

/// VITRINE_DATA is this folder while it lives.
class Cache : public ScratchFolder {
public:
    Cache() {
        if (const char* value = std::getenv("VITRINE_DATA")) before_ = value;
        setenv("VITRINE_DATA", path().c_str(), 1);
    }
    ~Cache() { before_.empty() ? unsetenv("VITRINE_DATA") : setenv("VITRINE_DATA", before_.c_str(), 1); }
    Cache(const Cache&) = delete;
    Cache& operator=(const Cache&) = delete;

private:
    std::string before_;
};

/// What is printed while it lives.
class Captured {
public:
    explicit Captured(std::ostream& stream) : stream_(stream), before_(stream.rdbuf(text_.rdbuf())) {}
    ~Captured() { stream_.rdbuf(before_); }
    Captured(const Captured&) = delete;
    Captured& operator=(const Captured&) = delete;
    std::string text() const { return text_.str(); }

private:
    std::ostream& stream_;
    std::ostringstream text_;
    std::streambuf* before_;
};

}  // namespace

TEST_CASE("docs/data: locate") {
    const Cache cache;
    std::filesystem::create_directory(cache / "mnist");
    const std::string pixels(28 * 28, '\x80');
    for (const std::string half : {"train", "t10k"}) {
        cache.put("mnist/" + half + "-images-idx3-ubyte",
                  std::string("\0\0\x08\x03\0\0\0\x01\0\0\0\x1c\0\0\0\x1c", 16) + pixels);
        cache.put("mnist/" + half + "-labels-idx1-ubyte", std::string("\0\0\x08\x01\0\0\0\x01\x07", 9));
    }
    const std::string folder = vt::data::locate("mnist", {.built_in = "--data digits"});
    const vt::data::Mnist train(folder), test(folder, vt::data::Split::test, {.normalise = true});
    CHECK(train.get(0).y.item<std::int64_t>() == 7);
    CHECK(test.get(0).x.at<float>({0, 3, 3}) == doctest::Approx((128 / 255.0 - 0.1307) / 0.3081));
}

TEST_CASE("docs/data: progress") {
    const Cache cache;
    std::filesystem::create_directory(cache / "cifar10");
    for (const char* name : {"cifar10/train.bin", "cifar10/test.bin"}) cache.put(name, std::string(3073, '\x01'));
    const Captured captured(std::cerr);
    const auto bar = [](const vt::data::DownloadProgress& now) {
        std::cerr << '\r' << now.file << ' ' << 100 * now.bytes / now.total << " %";
        return true;  // false gives up
    };
    vt::data::locate("cifar10", {.transfer = {.stall_timeout_ms = 20'000, .progress = bar}});
    CHECK(captured.text().empty());  // the files are there
    CHECK(bar({"a", "http://b", 50, 200}));
    CHECK(captured.text() == "\ra 25 %");
}

TEST_CASE("docs/data: shapes") {
    const Captured captured(std::cout);
    const vt::data::Shapes scenes(1000, {.seed = 1});
    const vt::data::Example one = scenes.get(0);
    std::cout << one.x.shape() << ' ' << scenes.class_names()[static_cast<std::size_t>(one.y.item<std::int64_t>())];
    CHECK(captured.text() == "(3, 32, 32) hourglass");
}

TEST_CASE("docs/data: spirals") {
    const auto [x, y] = vt::data::spirals(600, {.arms = 3, .noise = 0.05});
    const vt::data::TensorDataset points(x, y);
    vt::data::DataLoader loader(points, {.batch_size = 32, .shuffle = true});
    CHECK(loader.size() == 19);
}

TEST_CASE("docs/data: pictures in folders") {
    const ScratchFolder scratch;
    const std::string folder = scratch.path();
    for (const char* name : {"cats", "dogs"}) {
        std::filesystem::create_directory(scratch / name);
        vt::data::write_png(scratch / name + "/1.png", {2, 2, 3, vt::data::Bytes(12, 9)});
    }
    const Captured captured(std::cout);
    const vt::data::ImageFolder pets(folder, {.channels = 3});
    std::cout << pets.size() << " pictures of " << pets.class_names()[0] << " and " << pets.class_names()[1];
    CHECK(captured.text() == "2 pictures of cats and dogs");
}

TEST_CASE("docs/data: tables") {
    const ScratchFolder scratch;
    const std::string path = scratch.put("flowers.csv", std::string("length,width,kind\n5,3,rose\n4,2,aster\n"));
    const vt::data::CsvTable table = vt::data::read_csv(path);
    const std::string inputs[] = {"length", "width"};
    const vt::Tensor x = table.numbers(inputs);
    const vt::data::Categories kinds = table.categories("kind");
    CHECK(x.to_vector<float>() == std::vector<float>{5, 3, 4, 2});
    CHECK(kinds.y.to_vector<std::int64_t>() == std::vector<std::int64_t>{1, 0});
}

TEST_CASE("docs/data: files of tensors") {
    const ScratchFolder scratch;
    const std::string path = scratch / "layer.npz";
    const vt::Tensor weight = vt::ones({2, 3}), bias = vt::zeros({2});
    vt::data::save_npz(path, {{"weight", weight}, {"bias", bias}});  // numpy.load(path)["weight"]
    const vt::data::NamedTensors back = vt::data::load_npz(path);
    CHECK(back.at("weight").to_vector<float>() == std::vector<float>(6, 1));
    CHECK(back.at("bias").shape() == vt::Shape{2});
}
