// What this machine can do, as a Markdown table: what every figure of docs/performance.md is held against.
//
//     build/release/bench/limits
#include <cstdio>
#include <vector>

#include "vitrine/core/device.h"
#include "vitrine/core/peaks.h"

using vitrine::Traffic;

namespace {

struct Row {
    const char* name;
    double (*measure)(std::size_t bytes);
};

double copy(std::size_t bytes) { return vitrine::peak_bytes(bytes, Traffic::copy); }
double triad(std::size_t bytes) { return vitrine::peak_bytes(bytes, Traffic::triad); }
double read(std::size_t bytes) { return vitrine::peak_bytes(bytes, Traffic::read); }

}  // namespace

int main() {
    const int all = vitrine::num_threads();
    std::vector<int> threads{1};
    if (all > 1) threads.push_back(all);

    std::printf("| |");
    for (int n : threads) std::printf(" %d thread%s |", n, n > 1 ? "s" : "");
    std::printf("\n| --- |%s\n", all > 1 ? " --- | --- |" : " --- |");
    std::printf("| fused multiply-adds, f32, GFLOP/s |");
    for (int n : threads) {
        vitrine::set_num_threads(n);
        std::printf(" %.0f |", vitrine::peak_flops() / 1e9);
    }
    std::printf("\n");
    for (const std::size_t kilobytes : {32, 512, 8192, 262144}) {
        for (const Row& row : {Row{"copy", copy}, {"triad", triad}, {"read", read}}) {
            std::printf("| %s, arrays of %zu KB together, GB/s |", row.name, kilobytes);
            for (int n : threads) {
                vitrine::set_num_threads(n);
                std::printf(" %.0f |", row.measure(kilobytes * 1024) / 1e9);
            }
            std::printf("\n");
        }
    }
}
