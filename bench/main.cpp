// Runs the benchmarks of the ops and fails when a result beats what the machine can do: then a count is wrong.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdio>

namespace {

class Reporter : public benchmark::ConsoleReporter {
public:
    Reporter() : ConsoleReporter(isatty(1) ? OO_ColorTabular : OO_Tabular) {}
    bool believable = true;
    void ReportRuns(const std::vector<Run>& runs) override {
        ConsoleReporter::ReportRuns(runs);
        for (const Run& run : runs) {
            const auto share = run.counters.find("%peak");
            if (share == run.counters.end() || share->second.value <= 105) continue;
            std::fprintf(stderr, "%s: %.0f %% of the measured peak\n", run.benchmark_name().c_str(), share->second.value);
            believable = false;
        }
    }
};

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    Reporter reporter;
    benchmark::RunSpecifiedBenchmarks(&reporter);
    return reporter.believable ? 0 : 1;
}
