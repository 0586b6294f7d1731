#include <doctest/doctest.h>
#include <initializer_list>

#include "vitrine/kernels/base/crowd.h"
#include "vitrine/kernels/base/parallel.h"

using vitrine::kernels::Crowd;
using vitrine::kernels::Used;

namespace {

struct Load {
    double share = 1;  // of a core that each thread gets
    double rate = 0;   // how often a core is taken from a thread, for each second of its CPU time
};
constexpr Load nothing{1, 0};

// A process of two threads that looks when a look is due.
struct Process {
    Crowd crowd;
    Used used{0, 0, 0};
    double taken = 0;
    int tries = 0;
    bool was_alone = false;

    // Goes on for `ms` under the load, or the other one while it is alone. For how long was it alone?
    double run(double ms, Load load, Load when_alone) {
        double total = 0;
        for (const double end = used.now + ms; used.now < end; used.now += 1) {
            const bool alone = crowd.alone(used.now);
            const Load now = alone ? when_alone : load;
            const double cpu = (alone ? 1 : 2) * now.share;
            used.cpu += cpu;
            taken += cpu * now.rate / 1000;
            used.taken = static_cast<std::int64_t>(taken);
            if (used.now >= crowd.next_look()) crowd.look(used);
            total += crowd.alone(used.now);
            tries += was_alone && !alone;
            was_alone = alone;
        }
        return total;
    }
};

}  // namespace

TEST_CASE("kernels/crowd: on a machine of its own a process keeps its threads") {
    Process process;
    process.used = {1e6, 5000, 1234};  // what happened before does not count
    process.taken = 1234;
    CHECK(process.run(10'000, nothing, nothing) == 0);
    CHECK(process.run(10'000, {1, 15}, nothing) == 0);  // the system's own programs
    for (int burst = 0; burst < 10; ++burst) {           // they come together, too
        process.run(30, {1, 100}, nothing);
        CHECK(process.run(970, {1, 15}, nothing) == 0);
    }
}

TEST_CASE("kernels/crowd: among busy programs one thread runs most of the time, with tries between") {
    for (const double share : {0.5, 0.2, 0.1}) {
        CAPTURE(share);
        Process process;
        CHECK(process.run(20'000, {share, 120}, {share, 120}) > 18'000);
    }
}

TEST_CASE("kernels/crowd: one other program on two cores disturbs two threads and not one; tries find it, ever more rarely") {
    Process process;
    CHECK(process.run(20'000, {0.75, 80}, nothing) > 19'000);
    CHECK(process.tries > 10);
    CHECK(process.tries < 30);
}

TEST_CASE("kernels/crowd: when the others have gone the threads come back within a second or so") {
    Process process;
    process.run(20'000, {0.5, 120}, {0.5, 120});
    process.run(1'100, nothing, nothing);
    CHECK(process.run(10'000, nothing, nothing) == 0);
}

TEST_CASE("kernels/crowd: small work, one thread, and a process that asks for one, have one part") {
    CHECK(vitrine::kernels::parts_for(1000, 1) == 1);
    const int before = vitrine::kernels::num_threads();
    vitrine::kernels::set_num_threads(1);
    CHECK(vitrine::kernels::parts_for(10'000'000, 1) == 1);
    vitrine::kernels::set_num_threads(before);
    const int parts = vitrine::kernels::parts_for(10'000'000, 1);
    CHECK(parts >= 1);
    CHECK(parts <= before);
}
