// The snippets of docs/training.md, run and checked.
#include <doctest/doctest.h>
#include <cmath>
#include <iostream>
#include <sstream>

#include <vitrine/vitrine.h>

#include "data/scratch_folder.h"

namespace vt = vitrine;
namespace nn = vitrine::nn;
namespace models = vitrine::models;
using vt::Tensor;
using vt::data::Example;

namespace {

// Two moons, and a net that tells them apart.
struct Task {
    vt::data::TensorDataset train_set = moons(400, 1), test_set = moons(100, 2);
    nn::Sequential net{nn::Linear(2, 32), nn::ReLU(), nn::Linear(32, 2)};

    static vt::data::TensorDataset moons(std::int64_t count, std::int64_t seed) {
        const Example all = vt::data::moons(count, {.seed = seed});
        return {all.x, all.y};
    }
    Task() { vt::manual_seed(1); }
};

}  // namespace

TEST_CASE("models/page: a trainer around a step") {
    Task task;
    auto& train_set = task.train_set;
    auto& test_set = task.test_set;
    auto& net = task.net;

    vt::data::DataLoader train(train_set, {.batch_size = 20, .shuffle = true, .seed = 1});
    vt::data::DataLoader test(test_set, {.batch_size = 100});
    vt::optim::Adam adam(net.parameters(), {.lr = 1e-2});

    models::Trainer trainer(net, adam, {.epochs = 10});
    auto step = [&](Example& batch) -> models::StepResult {
        const Tensor logits = net(batch.x);
        return {vt::cross_entropy(logits, batch.y), {{"accuracy", models::accuracy(logits, batch.y)}}};
    };
    trainer.fit(train, step, [&] { return trainer.evaluate(test, step); });

    const models::Scores& last = trainer.history().back().scores;
    std::cout << last.at("train_loss") << ' ' << last.at("val_accuracy") << '\n';
    CHECK(last.at("val_accuracy") > 0.9);
}

TEST_CASE("models/page: loops that the trainer replaces") {
    Task task;
    auto& train_set = task.train_set;
    auto& test_set = task.test_set;
    auto& net = task.net;
    vt::data::DataLoader test(test_set, {.batch_size = 30});
    vt::optim::SGD sgd(net.parameters(), {.lr = 0.5});
    models::Trainer trainer(net, sgd);
    auto step = [&](Example& batch) { return vt::cross_entropy(net(batch.x), batch.y); };

    Tensor logits = trainer.predict(test, [&](Example& batch) { return net(batch.x); });  // (100, 2)

    Example batch = train_set.get_batch(std::vector<std::int64_t>{0, 1, 2, 3});
    std::vector<double> losses = trainer.overfit_batch(batch, step, 200);
    CHECK(losses.back() < 0.01);  // a net that cannot learn four examples by heart has a mistake in it
    CHECK(logits.shape() == vt::Shape{100, 2});
}

TEST_CASE("models/page: callbacks, schedule, means of weights, and going on") {
    const ScratchFolder scratch;
    const std::string folder = scratch.path();
    std::ostringstream out;
    Task task;
    auto& train_set = task.train_set;
    auto& test_set = task.test_set;
    auto& net = task.net;
    vt::data::DataLoader train(train_set, {.batch_size = 20, .shuffle = true, .seed = 1});
    vt::data::DataLoader test(test_set, {.batch_size = 100});
    auto step = [&](Example& batch) { return vt::cross_entropy(net(batch.x), batch.y); };

    vt::optim::AdamW adam(net.parameters(), {.lr = 1e-2});
    vt::optim::Schedule schedule(adam, vt::optim::OneCycle{.steps = 6 * train.size() / 2});
    vt::optim::EMA ema(net.parameters(), {.decay = 0.99});

    models::Trainer trainer(net, adam, {.epochs = 6, .accumulate = 2, .clip_norm = 1});
    trainer.set_schedule(schedule);
    trainer.add(models::AverageWeights(ema));
    trainer.add(models::EarlyStop({.patience = 3}));
    trainer.add(models::CsvLog(folder + "/history.csv"));
    trainer.add(models::TensorBoardLog(folder));
    trainer.add(models::EachEpoch([&](models::Trainer& t) {
        out << t.steps() << " steps, loss " << t.history().back().scores.at("val_loss") << '\n';
    }));
    const auto& files = trainer.add(models::Checkpoints({.folder = folder, .keep = 2, .best = "val_loss"}));
    if (std::filesystem::exists(files.latest())) trainer.resume(files.latest());
    trainer.fit(train, step, [&] {
        vt::optim::UseMeans means(ema);
        return trainer.evaluate(test, step);
    });
    CHECK(trainer.steps() == 60);
    CHECK(!out.str().empty());
    CHECK(!scratch.get("history.csv").empty());
    CHECK(!scratch.get("best.safetensors").empty());
}

// A callback of one's own, with a state that a resumed run takes back.
struct LongestEpoch final : models::Callback {
    double most = 0;
    void on_epoch_end(models::Trainer& trainer) override {
        most = std::max(most, trainer.history().back().scores.at("train_loss"));
    }
    void save(vt::data::Checkpoint& to) const override { to.extra["most"] = vt::scalar(most, {.dtype = vt::float64}); }
    void load(const vt::data::Checkpoint& from, const std::string&) override {
        most = from.extra.at("most").item<double>();
    }
};

TEST_CASE("models/page: a callback of one's own") {
    Task task;
    auto& train_set = task.train_set;
    auto& net = task.net;
    vt::data::DataLoader train(train_set, {.batch_size = 20});
    vt::optim::Adam adam(net.parameters());
    models::Trainer trainer(net, adam);
    const LongestEpoch& mine = trainer.add(LongestEpoch());
    trainer.fit(train, [&](Example& batch) { return vt::cross_entropy(net(batch.x), batch.y); });
    CHECK(mine.most > 0);
    LongestEpoch again;
    again.load(trainer.checkpoint(), "");
    CHECK(again.most == mine.most);
}

TEST_CASE("models/page: metrics") {
    const Tensor logits = vt::tensor({{3.0, 1.0, 2.0}, {0.0, 1.0, 5.0}, {1.0, 2.0, 0.0}});
    const Tensor classes = vt::tensor({0, 1, 1});
    CHECK(models::accuracy(logits, classes) == 2.0 / 3);
    CHECK(models::top_k_accuracy(logits, classes, 2) == 1);
    CHECK(models::perplexity(std::log(65.0)) == doctest::Approx(65));

    models::ConfusionMatrix matrix({"cat", "dog", "fish"});
    matrix.add(logits, classes);
    std::cout << matrix.table();
    CHECK(matrix.at(1, 2) == 1);
}

TEST_CASE("models/page: an event file written by hand") {
    const ScratchFolder scratch;
    const std::string folder = scratch.path();
    const Tensor pictures = vt::rand({16, 28, 28}), weights = vt::randn({100});

    vt::data::TensorBoardWriter board(folder);
    board.scalar("loss", 0.25, 100);
    board.image("pictures", vt::data::image_grid(pictures, 4), 100);
    board.histogram("weights", weights, 100);
    board.text("note", "learning rate **halved**", 100);
    CHECK(std::filesystem::file_size(board.path()) > 1000);
}

TEST_CASE("models/page: weights of others") {
    const ScratchFolder scratch;
    const std::string path = scratch / "weights.safetensors";
    Task task;
    auto& net = task.net;
    auto others = nn::Sequential(nn::Linear(2, 32), nn::ReLU(), nn::Linear(32, 3)).state_dict();
    others.erase("2.bias");
    others.erase("2.weight");
    vt::data::save_safetensors(path, others);

    const auto weights = vt::data::load_safetensors(path).tensors;  // of PyTorch's file: load_torch_file("weights.pt")
    const nn::LoadReport report = net.load_state_dict(weights, false);
    for (const std::string& name : report.missing) std::cout << "kept as it was: " << name << '\n';
    CHECK(report.missing == std::vector<std::string>{"2.weight", "2.bias"});
    CHECK(report.unexpected.empty());
}
