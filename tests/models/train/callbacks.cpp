// The ready-made callbacks, and runs that stop anywhere and go on to the same bits.
#include "vitrine/models/train/callbacks.h"

#include <doctest/doctest.h>
#include <algorithm>
#include <cmath>

#include "data/scratch_folder.h"
#include "models/train/problem.h"

using vitrine::Error;
using vitrine::IoError;
using namespace vitrine::models;

namespace {

constexpr vitrine::Site here{"user.cpp", 7};

/// A run with every part that has a state.
struct WholeRun : SmallRun {
    vitrine::optim::Schedule schedule{adam, vitrine::optim::Cosine{.steps = 30}};
    vitrine::optim::EMA ema{net.parameters(), {.decay = 0.9}};
    Trainer trainer;

    WholeRun(const std::string& folder, TrainerOptions options) : trainer(net, adam, options) {
        trainer.set_schedule(schedule);
        trainer.add(EarlyStop({.score = "train_loss", .patience = 100}));
        trainer.add(CsvLog(folder + "/history.csv"));
        trainer.add(AverageWeights(ema));
        trainer.add(Checkpoints({.folder = folder, .every_steps = 1, .keep = 2, .best = "train_loss"}));
    }
    void fit() { trainer.fit(loader, step()); }
};

/// The epochs whose scores are given; nothing is trained.
struct Scored {
    SmallRun run;
    Trainer trainer{run.net, run.adam, {.epochs = 100}};
    std::int64_t after(std::vector<double> scores) {
        std::size_t next = 0;
        PointLoader one(run.data, {.batch_size = 22});
        trainer.fit(one, run.step(), [&] {
            if (next + 1 == scores.size()) trainer.stop();
            return Scores{{"loss", scores[next++]}};
        });
        return static_cast<std::int64_t>(trainer.history().size());
    }
};

}  // namespace

TEST_CASE("models/callbacks: a run that was stopped goes on to the same bits and files") {
    const ScratchFolder whole;
    WholeRun one(whole.path(), {.epochs = 3});
    one.fit();
    for (const std::int64_t stop : {1, 5, 6, 7, 12, 16}) {  // within an epoch, at its last step, at the first after it
        const ScratchFolder parts;
        WholeRun(parts.path(), {.epochs = 3, .steps = stop}).fit();
        vitrine::manual_seed(77);  // whatever happened in between
        WholeRun two(parts.path(), {.epochs = 3});
        two.trainer.resume(parts / "checkpoint.safetensors");
        CHECK(two.trainer.steps() == stop);
        two.fit();
        CHECK(two.weights() == one.weights());
        CHECK(two.ema.means()[0].to_vector<float>() == one.ema.means()[0].to_vector<float>());
        for (const char* file :
             {"checkpoint.safetensors", "best.safetensors", "epoch-00003.safetensors", "history.csv"})
            CHECK_MESSAGE(parts.get(file) == whole.get(file), file, " after a stop at step ", stop);
    }
}

TEST_CASE("models/callbacks: the last files and the best one are kept") {
    const ScratchFolder folder;
    SmallRun run;
    Trainer trainer(run.net, run.adam, {.epochs = 4});
    trainer.add(Checkpoints({.folder = folder / "new/run", .keep = 2, .best = "val_loss", .smaller_is_better = false}));
    double score = 3;
    trainer.fit(run.loader, run.step(), [&] { return Scores{{"loss", std::exchange(score, 6 - score)}}; });
    const ScratchFolder& f = folder;
    CHECK(f.get("new/run/epoch-00002.safetensors").empty());
    CHECK(!f.get("new/run/epoch-00003.safetensors").empty());
    CHECK(f.get("new/run/epoch-00004.safetensors") == f.get("new/run/checkpoint.safetensors"));
    const auto best = vitrine::data::load_checkpoint(folder / "new/run/best.safetensors");
    CHECK(best.notes.at("trainer.steps") == "6");  // 3 is never exceeded: the first epoch
}

TEST_CASE("models/callbacks: EarlyStop counts epochs that are no better") {
    const auto epochs = [](EarlyStopOptions options, std::vector<double> scores) {
        Scored scored;
        scored.trainer.add(EarlyStop(options));
        return scored.after(std::move(scores));
    };
    CHECK(epochs({.patience = 1}, {3, 2, 2, 1.5, 1.5, 1.5, 1.5, 1.5}) == 6);
    CHECK(epochs({.patience = 0}, {3, 2, 2, 1}) == 3);
    CHECK(epochs({.patience = 0, .min_delta = 0.5}, {3, 2.4, 2, 1}) == 3);
    CHECK(epochs({.patience = 0, .smaller_is_better = false}, {1, 2, 3, 3, 5}) == 4);
    CHECK(epochs({.patience = 1}, {NAN, NAN, 1, 1}) == 2);
    Scored none;
    none.trainer.add(EarlyStop({.score = "val_accuracy"}));
    CHECK_THROWS_WITH_AS(none.after({1, 2}),
                         "Trainer: no score \"val_accuracy\"; there are lr, train_accuracy, train_loss, val_loss",
                         Error);
    CHECK_THROWS_WITH_AS(EarlyStop({.patience = -1}, here),
                         "EarlyStop: patience -1; allowed are 0 and more (user.cpp:7)", Error);
}

TEST_CASE("models/callbacks: LowerOnPlateau lowers the rate and is in checkpoints") {
    Scored scored;
    vitrine::optim::Plateau plateau(scored.run.adam, {.factor = 0.5, .patience = 0});
    scored.trainer.add(LowerOnPlateau(plateau));
    scored.after({1, 1, 1});
    CHECK(scored.run.adam.lr() == 0.0125);
    const ScratchFolder folder;
    vitrine::data::save_checkpoint(folder / "c", scored.trainer.checkpoint());
    Scored again;
    vitrine::optim::Plateau second(again.run.adam, {.factor = 0.5, .patience = 0});
    again.trainer.add(LowerOnPlateau(second));
    again.trainer.resume(folder / "c");
    CHECK(second.best() == 1);
    CHECK(again.run.adam.lr() == 0.0125);
}

TEST_CASE("models/callbacks: CSV and TensorBoard") {
    const ScratchFolder folder;
    SmallRun run;
    Trainer trainer(run.net, run.adam, {.epochs = 2, .validation = "test"});
    trainer.add(CsvLog(folder / "h.csv"));
    const TensorBoardLog& log = trainer.add(TensorBoardLog(folder / "events", 3));
    (void)log;
    trainer.fit(run.loader, run.step(), [] { return Scores{{"loss", 0.25}}; });
    const std::string csv = folder.get("h.csv");
    CHECK(csv.starts_with("epoch,steps,lr,test_loss,train_accuracy,train_loss\n1,6,0.05,0.25,"));
    CHECK(std::ranges::count(csv, '\n') == 3);
    CHECK(std::filesystem::directory_iterator(folder / "events") != std::filesystem::directory_iterator());
    CHECK_THROWS_WITH_AS(TensorBoardLog("x", 0, here),
                         "TensorBoardLog: every_steps 0; allowed are 1 and more (user.cpp:7)", Error);
}

TEST_CASE("models/callbacks: what is no checkpoint of such a run is refused") {
    const ScratchFolder folder;
    SmallRun run;
    Trainer trainer(run.net, run.adam);
    auto checkpoint = trainer.checkpoint();
    const std::string path = folder / "c";
    const auto refused = [&](const std::string& text) {
        vitrine::data::save_checkpoint(path, checkpoint);
        CHECK_THROWS_WITH_AS(trainer.resume(path), (path + text).c_str(), IoError);
    };
    checkpoint.notes["trainer.means"] = "loss 1\n";
    refused(": a line of its notes has too few or too many words");
    checkpoint.notes["trainer.steps"] = "many";
    refused(": \"many\" in its notes; needed is a number");
    checkpoint.notes.erase("trainer.steps");
    refused(": no note \"trainer.steps\" in it; needed is a checkpoint of the same program");

    checkpoint = trainer.checkpoint();
    trainer.add(EarlyStop());
    refused(": no note \"early_stop.best\" in it; needed is a checkpoint of the same program");
    CHECK_THROWS_WITH_AS(Checkpoints({.folder = "x", .keep = -1}, here),
                         "Checkpoints: keep -1; allowed are 0 and more (user.cpp:7)", Error);
    CHECK_THROWS_WITH_AS(Checkpoints({}, here), "Checkpoints: no folder is named (user.cpp:7)", Error);
}
