// Profiles: what is counted, for whom, and how it is written down.
#include "vitrine/core/profiler.h"

#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "op_case.h"
#include "vitrine/core/backward.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/conv.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/core/ops/matmul.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/softmax.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/core/ops/view.h"
#include "vitrine/nn/activation.h"
#include "vitrine/nn/linear.h"
#include "vitrine/nn/module.h"
#include "vitrine/nn/sequential.h"
#include "vitrine/optim/adam.h"

using namespace vitrine;
using nlohmann::json;
using vitrine::testing::error_of;

namespace {

ProfileRow row_of(const ProfileReport& report, ProfileKind kind, const std::string& name, const std::string& within = "") {
    for (const ProfileRow& row : report.rows)
        if (row.kind == kind && row.name == name && row.within == within) return row;
    return {};
}

ProfileRow row_of(const Profile& profile, ProfileKind kind, const std::string& name, const std::string& within = "") {
    return row_of(profile.report(false), kind, name, within);
}

ProfileRow op_row(const Profile& profile, const std::string& name) { return row_of(profile, ProfileKind::op, name); }

Tensor random_leaf(const Shape& shape) { return ones(shape, {.requires_grad = true}); }

struct Net final : nn::Module<Net> {
    nn::Sequential features{nn::Linear(5, 8), nn::Tanh()};
    nn::Linear head{8, 3};
    Tensor forward(const Tensor& x) { return head(features(x)); }
    void members(nn::Members& m) override { m("features", features), m("head", head); }
};

/// A thread's calls of a trace: start and end in whole nanoseconds.
struct Span {
    std::int64_t start, end;
};

std::int64_t nanoseconds(const json& microseconds) { return std::llround(1e3 * microseconds.get<double>()); }

std::map<int, std::vector<Span>> spans_of(const json& trace) {
    std::map<int, std::vector<Span>> spans;
    for (const json& event : trace["traceEvents"])
        if (event["ph"] == "X")
            spans[event["tid"].get<int>()].push_back({nanoseconds(event["ts"]), nanoseconds(event["ts"]) + nanoseconds(event["dur"])});
    return spans;
}

/// No two overlap unless one is inside the other.
bool nested(std::vector<Span> spans) {
    std::sort(spans.begin(), spans.end(), [](Span a, Span b) { return a.start != b.start ? a.start < b.start : a.end > b.end; });
    std::vector<Span> open;
    for (const Span& span : spans) {
        while (!open.empty() && open.back().end <= span.start) open.pop_back();
        if (!open.empty() && span.end > open.back().end) return false;
        open.push_back(span);
    }
    return true;
}

}  // namespace

TEST_CASE("core/profiler: calls, FLOP and bytes of known shapes") {
    const Tensor a = ones({5, 7}), b = ones({7, 3}), x = ones({31, 33}), row = ones({33});
    const Profile profile;
    for (int i = 0; i < 4; ++i) matmul(a, b);
    x + x * 2.0;
    x + row;
    softmax(x, 1);
    sum(x, 0);

    const ProfileRow product = op_row(profile, "matmul");
    CHECK(product.calls == 4);
    CHECK(product.flops == 4 * 2 * 5 * 7 * 3);
    CHECK(product.bytes == 4 * 4 * (35 + 21 + 15));
    CHECK(product.seconds > 0);
    CHECK(product.self_seconds <= product.seconds);
    const ProfileRow add = op_row(profile, "add");
    CHECK(add.calls == 2);
    CHECK(add.flops == 2 * 31 * 33);
    CHECK(add.bytes == 4 * (3 * 31 * 33 + 2 * 31 * 33 + 33));  // the repeated row is read once
    CHECK(op_row(profile, "mul").bytes == 4 * 2 * 31 * 33);
    CHECK(op_row(profile, "softmax").flops == 31 * 33);
    CHECK(op_row(profile, "sum").bytes == 4 * (31 * 33 + 33));
}

TEST_CASE("core/profiler: an operand given twice counts once, one changed in place twice, one overwritten once") {
    Tensor x = ones({64}, {.dtype = DType::f64}), w = ones({64}, {.dtype = DType::f64});
    const Profile profile;
    x + x;
    x.add_(w);
    x.fill_(3);
    CHECK(op_row(profile, "add").bytes == 8 * 2 * 64);
    CHECK(op_row(profile, "add_").bytes == 8 * 3 * 64);
    CHECK(op_row(profile, "fill_").bytes == 8 * 64);
    CHECK(op_row(profile, "fill_").flops == 0);
}

TEST_CASE("core/profiler: convolutions in each direction") {
    const Tensor x = random_leaf({2, 3, 9, 9}), w = random_leaf({4, 3, 3, 3});
    const Profile profile;
    const Tensor y = conv2d(x, w, {}, {.padding = 1});
    y.backward(ones_like(y.detach()));
    const double flops = 2.0 * (2 * 4 * 9 * 9) * (3 * 3 * 3);
    CHECK(op_row(profile, "conv2d").flops == flops);
    const ProfileRow both = row_of(profile, ProfileKind::backward, "conv2d");
    CHECK(both.calls == 1);
    CHECK(both.flops == 2 * flops);
    const ProfileRow weight = row_of(profile, ProfileKind::op, "conv2d_backward_weight", "conv2d");
    CHECK(weight.in_backward);
    CHECK(weight.flops == flops);
    CHECK(weight.seconds <= both.seconds);
    CHECK(both.self_seconds <= both.seconds - weight.seconds);
}

TEST_CASE("core/profiler: backward has rows of its own, with what it calls inside") {
    const Tensor x = random_leaf({6, 5}), w = random_leaf({4, 5});
    const Profile profile;
    for (int i = 0; i < 3; ++i) sum(linear(x, w, {})).backward();
    const ProfileReport report = profile.report(false);
    CHECK(row_of(report, ProfileKind::op, "linear").flops == 3 * 2 * 6 * 5 * 4);
    const ProfileRow back = row_of(report, ProfileKind::backward, "linear"), inside = row_of(report, ProfileKind::op, "matmul", "linear");
    CHECK(back.calls == 3);
    CHECK(back.flops == 2 * 3 * 2 * 6 * 5 * 4);
    CHECK(inside.calls == 6);
    CHECK(inside.flops == back.flops);
    CHECK(row_of(report, ProfileKind::op, "matmul").calls == 0);  // none outside
    const ProfileRow walk = row_of(report, ProfileKind::region, "backward");
    CHECK(walk.calls == 3);
    CHECK(walk.seconds >= back.seconds);
}

TEST_CASE("core/profiler: modules by their paths, forward and backward") {
    Net net;
    const Tensor x = ones({2, 5});
    Profile profile;
    for (int i = 0; i < 2; ++i) sum(net(x)).backward();
    const ProfileReport report = profile.report();
    const std::string table = profile.table(), numbers = profile.json(), calls = profile.chrome_trace();
    CHECK(table.find("\nNet.features.0 ") != std::string::npos);
    CHECK(json::parse(numbers)["rows"].size() == report.rows.size());
    CHECK(json::parse(calls)["traceEvents"].size() > 20);
    std::map<std::string, ProfileRow> forward, backward;
    for (const ProfileRow& row : report.rows)
        if (row.kind == ProfileKind::module) (row.in_backward ? backward : forward)[row.name] = row;
    REQUIRE(forward.size() == 5);
    const double first = 2 * 2.0 * 2 * 5 * 8, head = 2 * 2.0 * 2 * 8 * 3, tanh = 2 * 2 * 8;
    CHECK(forward.at("Net").flops == first + tanh + head);
    CHECK(forward.at("Net.features").flops == first + tanh);
    CHECK(forward.at("Net.features.0").flops == first);
    CHECK(forward.at("Net.features.1").calls == 2);
    CHECK(forward.at("Net.head").flops == head);
    CHECK(forward.at("Net").seconds >= forward.at("Net.features").seconds + forward.at("Net.head").seconds);
    CHECK(backward.at("Net.features.0").calls == 2);
    CHECK(backward.at("Net.features.0").flops >= first);  // the gradient of the weight alone, and the sum for the bias
    CHECK(backward.at("Net").seconds >= backward.at("Net.head").seconds);
}

TEST_CASE("core/profiler: only calls that compute are counted, and only while a profile lives") {
    const Tensor x = random_leaf({3});
    x + x;
    Profile profile;
    CHECK_THROWS_AS(softmax(x, 4), Error);
    exp(x);
    profile.stop();
    exp(x);
    const ProfileReport report = profile.report(false);
    REQUIRE(report.rows.size() == 1);
    CHECK(report.rows[0].name == "exp");
    CHECK(report.rows[0].calls == 1);
    CHECK_FALSE(profiling());
}

TEST_CASE("core/profiler: two at a time count for themselves") {
    const Tensor x = ones({3});
    const Profile outer;
    exp(x);
    {
        const Profile inner;
        exp(x);
        CHECK(op_row(inner, "exp").calls == 1);
    }
    exp(x);
    CHECK(op_row(outer, "exp").calls == 3);
}

TEST_CASE("core/profiler: ops of all threads") {
    const Profile profile;
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([] {
            const Tensor x = ones({8});
            for (int i = 0; i < 10; ++i) exp(x);
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(op_row(profile, "exp").calls == 30);
    for (const auto& [thread, spans] : spans_of(json::parse(profile.chrome_trace()))) CHECK(nested(spans));
}

TEST_CASE("core/profiler: scopes and optimizers are regions") {
    Tensor w = random_leaf({100});
    optim::Adam adam({w}, {.lr = 0.1});
    w.set_grad(ones({100}));
    const Profile profile;
    {
        const ProfileScope scope("evaluate");
        const ProfileScope inside("look");
        exp(w);
    }
    adam.step();
    const ProfileRow outer = row_of(profile, ProfileKind::region, "evaluate"), inner = row_of(profile, ProfileKind::region, "look", "evaluate");
    CHECK(outer.calls == 1);
    CHECK(inner.seconds <= outer.seconds);
    CHECK(outer.self_seconds == doctest::Approx(outer.seconds - inner.seconds));
    CHECK(row_of(profile, ProfileKind::region, "Adam").calls == 1);
    CHECK(op_row(profile, "adam_step").bytes == 4 * (4 + 3) * 100);  // w, g, m, v read; w, m, v written
}

TEST_CASE("core/profiler: the most memory in use at once") {
    const Tensor before = ones({1 << 20});
    const Profile profile;
    { exp(exp(before)); }
    exp(ones({8}));
    CHECK(profile.report(false).high_water >= 3 * (std::size_t{4} << 20));
    CHECK(op_row(profile, "exp").peak_bytes == profile.report(false).high_water);
}

TEST_CASE("core/profiler: a report does not count what it measures the machine with") {
    const Tensor x = ones({8});
    const Profile profile;
    exp(x);
    const std::size_t before = profile.report().high_water;
    const ProfileReport after = profile.report();
    CHECK(after.rows.size() == 1);
    CHECK(after.high_water == before);
}

TEST_CASE("core/profiler: JSON that others can read") {
    const Tensor x = ones({100, 100});
    const Profile profile;
    exp(x);
    const ProfileScope scope("quote \" and \\");
    { const ProfileScope ended("tab \t"); }
    const json read = json::parse(profile.json());
    CHECK(read["peak_flops"].get<double>() > 1e8);
    CHECK(read["threads"].get<int>() >= 1);
    CHECK(read["seconds"].get<double>() > 0);
    REQUIRE(read["rows"].size() == 2);
    CHECK(read["rows"][0]["name"] == "tab \t");
    CHECK(read["rows"][0]["within"] == "quote \" and \\");
    const json& row = read["rows"][1];
    CHECK(row["kind"] == "op");
    CHECK(row["bytes"] == 4 * 2 * 100 * 100);
    CHECK(row["bound_seconds"].get<double>() > 0);
    CHECK(row["roofline"].get<double>() > 0);
    CHECK(profile.table().find("exp ") != std::string::npos);
}

TEST_CASE("core/profiler: a trace of nested calls") {
    Net net;
    const Tensor x = ones({2, 5});
    Profile profile;
    sum(net(x)).backward();
    profile.stop();
    const json trace = json::parse(profile.chrome_trace());
    const auto spans = spans_of(trace);
    REQUIRE(spans.size() == 1);
    CHECK(spans.begin()->second.size() > 10);
    CHECK(nested(spans.begin()->second));
    for (const json& event : trace["traceEvents"]) {
        if (event["name"] != "linear") continue;
        CHECK(event["args"]["line"] == "profiler.cpp:49");  // in Net::forward
        CHECK(event["args"]["module"].get<std::string>().starts_with("Net."));
        CHECK((event["cat"] == "op" || event["cat"] == "backward"));
    }
}

TEST_CASE("core/profiler: a trace has as many calls as were asked for") {
    const Tensor x = ones({2});
    const Profile some({.most_events = 2}), none({.trace = false});
    for (int i = 0; i < 5; ++i) exp(x);
    const json trace = json::parse(some.chrome_trace());
    CHECK(spans_of(trace).begin()->second.size() == 2);
    CHECK(trace["otherData"]["left_out"] == 3);
    CHECK(op_row(some, "exp").calls == 5);
    CHECK(error_of([&] { none.chrome_trace(); }) == "profile: it kept no calls; give it {.trace = true}");
}

TEST_CASE("core/profiler: a file that cannot be written is named") {
    const Profile profile;
    CHECK(error_of([&] { profile.chrome_trace("/nowhere/out.json"); }) ==
          "profile: cannot write /nowhere/out.json: No such file or directory");
}
