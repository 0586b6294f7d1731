// Checkpoints: all of a run comes back; other files are refused.
#include "vitrine/data/checkpoint.h"

#include <doctest/doctest.h>

#include "scratch_folder.h"
#include "vitrine/core/ops/creation.h"

using vitrine::IoError;
using vitrine::Tensor;
using namespace vitrine::data;

namespace {

constexpr vitrine::Site here{"user.cpp", 7};

Checkpoint sample() {
    return {{{"fc1.weight", vitrine::tensor({1.0, 2.0})}, {"model.bias", vitrine::tensor({3.0})}},
            {{"step", vitrine::scalar(4, {.dtype = vitrine::int64})}},
            {0xffffffffffffffffu, 12345},
            {-7, 3, 11},
            {{"epoch", "3"}, {"best", "0.25"}},
            {{"steps", vitrine::scalar(9, {.dtype = vitrine::int64})}},
            {{"h.0", vitrine::tensor({5})}}};
}

}  // namespace

TEST_CASE("data/checkpoint: a run comes back whole") {
    const ScratchFolder folder;
    save_checkpoint(folder / "run", sample());
    const Checkpoint read = load_checkpoint(folder / "run");
    CHECK(read.generator == sample().generator);
    CHECK(read.loader == sample().loader);
    CHECK(read.notes == sample().notes);
    REQUIRE(read.model.size() == 2);
    CHECK(read.model.at("fc1.weight").to_vector<float>() == std::vector<float>{1, 2});
    CHECK(read.model.at("model.bias").to_vector<float>() == std::vector<float>{3});
    REQUIRE(read.extra.size() == 1);
    CHECK(read.extra.at("h.0").to_vector<std::int64_t>() == std::vector<std::int64_t>{5});
    REQUIRE(read.optimizer.size() == 1);
    CHECK(read.optimizer.at("step").item<std::int64_t>() == 4);
    REQUIRE(read.schedule.size() == 1);
    CHECK(read.schedule.at("steps").item<std::int64_t>() == 9);
}

TEST_CASE("data/checkpoint: what is no checkpoint is refused") {
    const ScratchFolder folder;
    const std::string path = folder / "f";
    const auto refused = [&](const std::string& text) {
        CHECK_THROWS_WITH_AS(load_checkpoint(path, here), ("load_checkpoint: " + path + text + " (user.cpp:7)").c_str(),
                             IoError);
    };
    Metadata metadata = {{"generator.seed", "1"},
                         {"generator.offset", "0"},
                         {"loader.seed", "1"},
                         {"loader.epoch", "0"},
                         {"loader.batches", "0"}};
    const Tensor w = vitrine::ones({1});
    save_safetensors(path, {{"w", w}});
    refused(": no \"generator.seed\" in its metadata; needed is a checkpoint");
    save_safetensors(path, {{"w", w}}, metadata);
    refused(": tensor \"w\"; names in a checkpoint begin with model., optimizer., schedule. or extra.");
    metadata["loader.epoch"] = "2x";
    save_safetensors(path, {}, metadata);
    refused(": \"loader.epoch\" is \"2x\"; needed is a number");
    metadata["loader.epoch"] = "99999999999999999999";
    save_safetensors(path, {}, metadata);
    refused(": \"loader.epoch\" is \"99999999999999999999\"; needed is a number");
    folder.put("f", std::string("short"));
    CHECK_THROWS_WITH_AS(
        load_checkpoint(path, here),
        ("load_safetensors: " + path + ": 5 bytes; a safetensors file begins with 8 (user.cpp:7)").c_str(), IoError);
}
