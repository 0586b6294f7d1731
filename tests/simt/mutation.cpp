// Takes away every barrier of our kernels in turn: __syncthreads, __syncwarp and the waits for
// asynchronous copies. The checker must notice, or redundant_barriers.txt says why it need not.
#include "vitrine/config.h"

#if VITRINE_SIMT_CHECK

#include <doctest/doctest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>

#include "device_array.h"
#include "kernel_runs.h"

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/simt/check/barrier_sites.h"

using namespace vitrine;
using namespace vitrine::testing;
namespace check = vitrine::kernels::simt::check;

namespace {

using Places = std::set<std::string>;

// "softmax_cuda.cu:41" for each line of a kernel that calls a barrier.
Places barriers_in_sources() {
    Places places;
    const std::filesystem::path kernels = std::filesystem::path(VITRINE_SOURCE_DIR) / "kernels";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(kernels)) {
        const std::string file = entry.path().filename().string();
        const bool shared = file == "gpu_reduce.h" || file == "gpu_tree.h";
        if (entry.path().extension() != ".cu" && !shared) continue;
        std::ifstream source(entry.path());
        std::string line;
        for (int number = 1; std::getline(source, line); ++number) {
            line = line.substr(0, line.find("//"));
            for (const char* barrier : {"__syncthreads", "__syncwarp(", "cp_async_wait"})
                if (line.find(barrier) != line.npos) places.insert(join(file, ":", number));
        }
    }
    return places;
}

// The lines of redundant_barriers.txt: a place, then the reason.
std::map<std::string, std::string> redundant_barriers() {
    std::map<std::string, std::string> reasons;
    std::ifstream list(std::filesystem::path(VITRINE_SOURCE_DIR) / "tests/simt/redundant_barriers.txt");
    REQUIRE(list.good());
    for (std::string line; std::getline(list, line);) {
        if (line.empty() || line[0] == '#') continue;
        const std::size_t space = line.find(' ');
        REQUIRE_MESSAGE(space != line.npos, "no reason: ", line);
        reasons[line.substr(0, space)] = line.substr(space + 1);
    }
    return reasons;
}

struct Passed {
    const KernelRun* run;
    std::vector<double> result;
    Places barriers;
};

// Each run as it is; those that call a barrier.
std::vector<Passed> runs_with_barriers(const std::vector<KernelRun>& runs) {
    std::vector<Passed> all;
    for (const KernelRun& run : runs) {
        check::take_away_barrier("");
        Passed passed{&run, run.run(), {}};
        passed.barriers = check::executed_barriers();
        if (!passed.barriers.empty()) all.push_back(std::move(passed));
    }
    return all;
}

bool same(const std::vector<double>& a, const std::vector<double>& b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

// Whether one of the runs that call the barrier tells that it is gone.
bool is_missed(const std::string& place, const std::vector<Passed>& runs) {
    for (const Passed& passed : runs) {
        if (!passed.barriers.count(place)) continue;
        check::take_away_barrier(place);
        try {
            if (!same(passed.run->run(), passed.result)) return true;
        } catch (const Error&) {
            return true;
        }
    }
    return false;
}

}  // namespace

TEST_CASE("simt/mutation: no barrier of our kernels goes without being missed") {
    const auto runs = kernel_runs();
    const auto with_barriers = runs_with_barriers(runs);
    const auto redundant = redundant_barriers();
    Places executed;
    for (const Passed& passed : with_barriers) executed.insert(passed.barriers.begin(), passed.barriers.end());
    const Places places = barriers_in_sources();
    REQUIRE(places.size() > 40);
    int missed = 0;
    for (const std::string& place : places) {
        CHECK_MESSAGE(executed.count(place), place, ": no run calls this barrier");
        const bool is_redundant = redundant.count(place);
        if (is_missed(place, with_barriers)) {
            ++missed;
            CHECK_MESSAGE(!is_redundant, place, " is in redundant_barriers.txt, but the checker misses it");
        } else {
            CHECK_MESSAGE(is_redundant, place, ": taken away, and nothing tells");
        }
    }
    check::take_away_barrier("");
    for (const auto& entry : redundant)
        CHECK_MESSAGE(places.count(entry.first), entry.first, " in redundant_barriers.txt is no barrier");
    std::cout << "simt/mutation: " << missed << " of " << places.size() << " barriers are missed when they are gone\n";
}

#endif
