// Trainer against loops written out, and everything that it stops for.
#include "vitrine/models/train/trainer.h"

#include <doctest/doctest.h>
#include <cmath>

#include "models/train/problem.h"
#include "vitrine/optim/clip.h"

using vitrine::Error;
using vitrine::Tensor;
using vitrine::data::Example;
using namespace vitrine::models;

namespace {

constexpr vitrine::Site here{"user.cpp", 7};

std::string error_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& e) {
        return e.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("models/trainer: fit does what the loop does that a user would write") {
    SmallRun by_hand;
    std::vector<double> losses;
    for (int epoch = 0; epoch < 3; ++epoch) {
        double sum = 0;
        for (auto& [x, y] : by_hand.loader) {
            const Tensor loss = vitrine::cross_entropy(by_hand.net(x), y);
            by_hand.adam.zero_grad();
            loss.backward();
            by_hand.adam.step();
            sum += loss.item<double>() * static_cast<double>(x.size(0));
        }
        losses.push_back(sum / 22);
    }

    SmallRun run;
    Trainer trainer(run.net, run.adam, {.epochs = 3});
    const auto& history = trainer.fit(run.loader, run.step(), [&] { return Scores{{"loss", 0.5}}; });
    CHECK(run.weights() == by_hand.weights());
    REQUIRE(history.size() == 3);
    for (std::size_t e = 0; e < 3; ++e) {
        CHECK(history[e].epoch == static_cast<std::int64_t>(e) + 1);
        CHECK(history[e].steps == static_cast<std::int64_t>(e + 1) * 6);
        CHECK(history[e].scores.at("train_loss") == losses[e]);
        CHECK(history[e].scores.at("lr") == 0.05);
        CHECK(history[e].scores.at("val_loss") == 0.5);
        CHECK(history[e].scores.at("train_accuracy") <= 1);
    }
    CHECK(trainer.steps() == 18);
    CHECK(trainer.batches() == 6);
    trainer.fit(run.loader, run.step());  // the loader has had its three epochs
    CHECK(trainer.steps() == 18);

    SmallRun parts;
    for (const std::int64_t steps : {2, 3, 6, 1, 5, 1}) {
        Trainer part(parts.net, parts.adam, {.epochs = 3, .steps = steps});
        part.fit(parts.loader, parts.step());
    }
    CHECK(parts.weights() == by_hand.weights());
}

TEST_CASE("models/trainer: gradients of several batches make one clipped step") {
    SmallRun by_hand, run;
    by_hand.net.p = run.net.p = 0;
    vitrine::optim::SGD hand(by_hand.net.parameters(), {.lr = 0.5}), sgd(run.net.parameters(), {.lr = 0.5});
    const Example whole = by_hand.data.get_batch(std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7});
    vitrine::cross_entropy(by_hand.net(whole.x), whole.y).backward();
    hand.step(0.01 / (vitrine::optim::grad_norm(by_hand.net.parameters()) + 1e-6));

    PointLoader loader(run.data, {.batch_size = 4});
    Trainer trainer(run.net, sgd, {.steps = 1, .accumulate = 2, .clip_norm = 0.01});
    trainer.fit(loader, run.step());
    CHECK(loader.state().batches == 2);
    const auto a = run.weights(), b = by_hand.weights();
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == doctest::Approx(b[i]).epsilon(1e-5));

    SmallRun small;
    small.net.p = 0;
    const auto before = small.weights();
    vitrine::optim::SGD one(small.net.parameters(), {.lr = 1});
    Trainer by_value(small.net, one, {.steps = 1, .accumulate = 2, .clip_value = 0.001});
    by_value.fit(small.loader, small.step());
    const auto moved = small.weights();
    for (std::size_t i = 0; i < moved.size(); ++i) CHECK(std::abs(moved[i] - before[i]) <= 0.00101);
    CHECK(std::abs(moved.back() - before.back()) > 0.0009);

    std::vector<std::int64_t> after;
    SmallRun counted;
    Trainer rests(counted.net, counted.adam, {.accumulate = 4});
    rests.add(EachStep([&](Trainer& t) { after.push_back(t.batch()); }));
    rests.fit(counted.loader, counted.step());
    CHECK(after == std::vector<std::int64_t>{4, 6});  // the two that are left make a step too
}

TEST_CASE("models/trainer: a schedule moves after each step, and not in overfit_batch") {
    SmallRun run;
    vitrine::optim::Schedule schedule(run.adam, vitrine::optim::Exponential{.gamma = 0.5});
    Trainer trainer(run.net, run.adam, {.steps = 3});
    trainer.set_schedule(schedule);
    trainer.fit(run.loader, run.step());
    CHECK(schedule.steps() == 3);
    CHECK(run.adam.lr() == 0.05 / 8);
    Example batch = run.data.get_batch(std::vector<std::int64_t>{0, 1});
    trainer.overfit_batch(batch, run.step(), 2);
    CHECK(schedule.steps() == 3);
}

TEST_CASE("models/trainer: evaluate, predict, overfit_batch") {
    SmallRun run;
    run.net.p = 0.9;
    Trainer trainer(run.net, run.adam);
    PointLoader all(run.data, {.batch_size = 22});
    PointLoader few(run.data, {.batch_size = 4});
    const Scores at_once = trainer.evaluate(all, run.step()), in_parts = trainer.evaluate(few, run.step());
    CHECK(at_once.at("loss") == doctest::Approx(in_parts.at("loss")).epsilon(1e-5));
    CHECK(at_once.at("accuracy") == doctest::Approx(in_parts.at("accuracy")));
    CHECK(run.net.is_training());
    run.net.fc1.eval();  // frozen, whatever the rest does
    trainer.evaluate(few, run.step());
    CHECK(run.net.is_training());
    CHECK(!run.net.fc1.is_training());
    CHECK(run.net.fc2.is_training());

    const Tensor logits = trainer.predict(few, [&](Example& batch) { return run.net(batch.x); });
    CHECK(logits.shape() == vitrine::Shape{22, 2});
    CHECK(!logits.requires_grad());

    run.net.p = 0;
    Example batch = run.data.get_batch(std::vector<std::int64_t>{0, 1, 2, 3, 4});
    const std::vector<double> losses = trainer.overfit_batch(batch, run.step(), 150);
    CHECK(losses.size() == 150);
    CHECK(losses.back() < 0.02);
    CHECK(trainer.steps() == 0);
}

TEST_CASE("models/trainer: callbacks come in their order, stop() ends the run") {
    struct Writes final : Callback {
        std::string* text;
        explicit Writes(std::string& to) : text(&to) {}
        void on_fit_begin(Trainer&) override { *text += "begin "; }
        void on_step(Trainer& t) override { *text += "step" + std::to_string(t.batch()) + " "; }
        void on_step_done(Trainer&) override { *text += "done "; }
        void on_epoch_end(Trainer& t) override {
            *text += "epoch" + std::to_string(t.history().back().epoch) + " ";
            if (t.history().size() == 2) t.stop();
        }
        void on_epoch_done(Trainer&) override { *text += "over "; }
        void on_fit_end(Trainer&) override { *text += "end"; }
    };
    SmallRun run;
    PointLoader loader(run.data, {.batch_size = 11});
    std::string text;
    Trainer trainer(run.net, run.adam, {.epochs = 5});
    trainer.add(Writes(text));
    trainer.add(EachStep([&](Trainer&) { text += "and "; }));
    trainer.fit(loader, run.step());
    CHECK(text == "begin step1 and done step2 and done epoch1 over step1 and done step2 and done epoch2 over end");
}

TEST_CASE("models/trainer: the guard names the op that first gave a NaN") {
    SmallRun run;
    Trainer trainer(run.net, run.adam);
    const auto before = run.weights();
    std::string text;
    const auto bad = [&](Example& batch) {
        const Tensor h = run.net(batch.x);
        const Tensor y = vitrine::log(h - 100);  // the line that is named
        return vitrine::mean(vitrine::exp(y));
    };
    const int line = __LINE__ - 3;
    text = error_of([&] { trainer.fit(run.loader, bad, {}, here); });
    CHECK(text == vitrine::join("Trainer: the loss is nan in step 1: log: made nan in its result (4, 2) at element 0 ",
                                "(trainer.cpp:", line, ") (user.cpp:7)"));
    CHECK(run.weights() == before);

    // A gradient that is infinite behind a finite loss.
    const auto root = [&](Example& batch) { return vitrine::sum(vitrine::sqrt(run.net(batch.x) * 0)); };
    text = error_of([&] { trainer.fit(run.loader, root, {}, here); });
    CHECK_MESSAGE(text.starts_with("Trainer: the gradient's norm is nan in step 1: "), text);
    CHECK(text.find(": backward made nan in the gradient of input ") != std::string::npos);
    CHECK(run.weights() == before);

    run.net.fc2.bias.detach().fill_(NAN);
    text = error_of([&] { trainer.fit(run.loader, run.step(), {}, here); });
    CHECK(text == "Trainer: the loss is nan in step 1: parameter fc2.bias was not finite before it (user.cpp:7)");

    Trainer unguarded(run.net, run.adam, {.steps = 2, .guard = false});
    unguarded.fit(run.loader, run.step());
    CHECK(unguarded.steps() == 2);
}

TEST_CASE("models/trainer: bad input is refused") {
    SmallRun run;
    const auto refused = [&](TrainerOptions options, const char* text) {
        CHECK_THROWS_WITH_AS(Trainer(run.net, run.adam, options, here), text, Error);
    };
    refused({.epochs = -1}, "Trainer: epochs -1; allowed are 0 and more (user.cpp:7)");
    refused({.steps = -1}, "Trainer: steps -1; allowed are 0 and more (user.cpp:7)");
    refused({.accumulate = 0}, "Trainer: accumulate 0; allowed are 1 and more (user.cpp:7)");
    refused({.clip_value = -1}, "Trainer: clip_value -1; allowed are 0 and more (user.cpp:7)");
    refused({.clip_norm = NAN}, "Trainer: clip_norm nan; allowed are 0 and more (user.cpp:7)");
    Trainer trainer(run.net, run.adam);
    CHECK(error_of([&] {
              trainer.fit(
                  run.loader, [](Example&) { return Tensor(); }, {}, here);
          }) == "Trainer: the step returned an undefined loss (user.cpp:7)");
    CHECK(error_of([&] {
              trainer.fit(
                  run.loader, [&](Example& b) { return run.net(b.x); }, {}, here);
          }).find("user.cpp:7") != std::string::npos);
    PointLoader nothing(run.data, {.batch_size = 100, .drop_last = true});
    trainer.fit(nothing, run.step());
    CHECK(trainer.history().size() == 1);  // an epoch of no batches
}
