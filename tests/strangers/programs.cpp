// The programs of this folder through tools/simt-check. Their first comments say what is expected:
//
//     // check plain -DNO_ATOMIC => race @count @clear, call @free
//
// with NO_ATOMIC defined, there are exactly these findings, each naming the lines that end in a
// comment with @count and so on. `plain`: in builds without the checker too. `=> clean`: nothing is
// found, and the program itself finds its results right and returns 0.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include <sys/wait.h>
#include <unistd.h>

#include "vitrine/config.h"

namespace fs = std::filesystem;

namespace {

const fs::path folder = VITRINE_STRANGERS_FOLDER;
const std::string command = VITRINE_SIMT_CHECK_COMMAND;

std::string contents(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

struct Outcome {
    int exit_code;
    std::string report, output;
};

Outcome simt_check(const std::string& arguments) {
    const fs::path work = fs::temp_directory_path() / ("strangers-" + std::to_string(getpid()));
    fs::create_directories(work);
    const std::string report = (work / "report").string(), output = (work / "output").string();
    const int status = std::system(
        (command + " --report " + report + " " + arguments + " > " + output + " 2>&1").c_str());
    Outcome outcome{WEXITSTATUS(status), contents(report), contents(output)};
    fs::remove_all(work);
    return outcome;
}

/// What one "// check" comment asks for.
struct Expectation {
    std::string flags, findings;
    bool plain;
};

std::vector<Expectation> expectations_of(const fs::path& program) {
    std::vector<Expectation> all;
    std::ifstream file(program);
    const std::string begin = "// check ", more = "//          ";
    for (std::string line; std::getline(file, line) && line.starts_with("//");) {
        if (line.starts_with(begin)) {
            std::string flags = line.substr(begin.size());
            const std::size_t arrow = flags.find("=> ");
            Expectation e{flags.substr(0, arrow), flags.substr(arrow + 3), false};
            e.plain = e.flags.starts_with("plain");
            if (e.plain) e.flags.erase(0, 5);
            all.push_back(e);
        } else if (!all.empty() && line.starts_with(more)) {
            all.back().findings += " " + line.substr(more.size());
        }
    }
    return all;
}

/// "race graph.cu:12 graph.cu:15|graph.cu:17" of "race @count @clear": a tag may stand in two branches of an #if.
std::vector<std::string> findings_of(const std::string& expected, const fs::path& program) {
    std::map<std::string, std::string> places;
    for (const std::string& name : {program.filename().string(), std::string("graph.cuh")}) {
        std::ifstream file(folder / name);
        int number = 0;
        for (std::string line; std::getline(file, line);) {
            ++number;
            const std::size_t tag = line.rfind("// @");
            if (tag == line.npos) continue;
            std::string& place = places[line.substr(tag + 3)];
            place += (place.empty() ? "" : "|") + name + ":" + std::to_string(number);
        }
    }
    std::vector<std::string> findings;
    std::istringstream list(expected);
    for (std::string one; std::getline(list, one, ',');) {
        std::istringstream words(one);
        std::string finding, word;
        words >> finding;
        while (words >> word) finding += " " + places.at(word);
        if (finding != "clean") findings.push_back(finding);
    }
    return findings;
}

/// Whether a finding of the report is of the kind and names the places of `expected`.
bool fits(const nlohmann::json& finding, const std::string& expected) {
    std::istringstream words(expected);
    std::string kind;
    words >> kind;
    if (finding["kind"] != kind) return false;
    std::vector<std::string> places = finding["places"];
    places.push_back(fs::path(finding["file"].get<std::string>()).filename().string() + ":" +
                     std::to_string(finding["line"].get<int>()));
    for (std::string alternatives; words >> alternatives;) {
        const std::string any = "|" + alternatives + "|";
        const auto is_one = [&](const std::string& place) { return any.find("|" + place + "|") != any.npos; };
        if (std::none_of(places.begin(), places.end(), is_one)) return false;
    }
    return true;
}

void check(const fs::path& program, const Expectation& expectation) {
    const std::string call = "--json " + expectation.flags + " " + program.string();
    CAPTURE(call);
    const Outcome outcome = simt_check(call);
    CAPTURE(outcome.output);
    CAPTURE(outcome.report);
    auto expected = findings_of(expectation.findings, program);
    CHECK(outcome.exit_code == (expected.empty() ? 0 : 1));
    const auto report = nlohmann::json::parse(outcome.report, nullptr, false);
    REQUIRE(report.is_object());
    CHECK(report["timed_out"] == false);
    if (expected.empty()) CHECK(report["exit_code"] == 0);
    for (const auto& finding : report["findings"]) {
        const auto at = std::find_if(expected.begin(), expected.end(),
                                     [&](const std::string& e) { return fits(finding, e); });
        if (at == expected.end())
            FAIL_CHECK("not expected: " << finding.dump());
        else
            expected.erase(at);
    }
    for (const std::string& missing : expected) FAIL_CHECK("not found: " << missing);
}

void check_all(const std::string& name) {
    const fs::path program = folder / name;
    int checked = 0;
    for (const Expectation& e : expectations_of(program))
        if (e.plain || VITRINE_SIMT_CHECK) {
            check(program, e);
            ++checked;
        }
    CHECK(checked > 0);
}

}  // namespace

TEST_CASE("strangers/programs: reductions") { check_all("reduction.cu"); }
TEST_CASE("strangers/programs: a histogram") { check_all("histogram.cu"); }
TEST_CASE("strangers/programs: traversals of a graph") { check_all("traversal.cu"); }
TEST_CASE("strangers/programs: components, ranks and triangles of a graph") { check_all("components.cu"); }
TEST_CASE("strangers/programs: a transposition in streams") { check_all("transpose.cu"); }
TEST_CASE("strangers/programs: warps, groups and grids") { check_all("warps.cu"); }
TEST_CASE("strangers/programs: memory") { check_all("memory.cu"); }
TEST_CASE("strangers/programs: memory of a kernel's own") { check_all("kernel_heap.cu"); }
TEST_CASE("strangers/programs: tensor cores") { check_all("tensor_cores.cu"); }
TEST_CASE("strangers/programs: products by cuBLAS") { check_all("blas.cu"); }
TEST_CASE("strangers/programs: for older devices") { check_all("older.cu"); }
TEST_CASE("strangers/programs: sums by CUB") { check_all("cub.cu"); }
TEST_CASE("strangers/programs: vectors and algorithms of Thrust") { check_all("thrust.cu"); }
TEST_CASE("strangers/programs: every form of a launch") { check_all("launches.cu"); }

#if VITRINE_SIMT_CHECK && defined(__x86_64__) && !defined(__clang__)  // elsewhere arrays are aligned as they come
TEST_CASE("strangers/programs: a float4 from the middle of one in a thread's own array") {
    check(folder / "kernel_heap.cu", {"-DSHIFTED", "misaligned @shifted", false});
}
#endif

TEST_CASE("strangers/programs: what is not supported is named with its line") {
    const fs::path program = folder / "unsupported.cu";
    const Outcome outcome = simt_check(program.string());
    CHECK(outcome.exit_code == 2);
    for (const char* line : {":5: the library cuFFT (<cufft.h>): not supported\n",
                             ":7: texture and surface references: not supported\n",
                             ":11: textures (tex2D): not supported\n",
                             ":13: inline PTX assembly (\"mov.u32 %0, %%laneid;\"): not supported\n",
                             ":14: a launch from within a kernel (dynamic parallelism): not supported\n"})
        CHECK(outcome.report.find("  " + program.string() + line) != std::string::npos);
}

TEST_CASE("strangers/programs: the report as text, and the program's own output and exit code") {
    const Outcome outcome = simt_check(folder.string() + "/memory.cu -DCALLS_ONLY");
    CHECK(outcome.exit_code == 1);
    const std::string place = folder.string() + "/memory.cu:";
    CHECK(outcome.report.find("1. call\n   cudaMemcpy: 132 bytes, but the destination has 128: an "
                              "allocation of 128 bytes\n   called at " + place) != std::string::npos);
    CHECK(outcome.report.find("memory.cu: 4 findings in 0 launches; the program returned 0") != std::string::npos);
    CHECK(outcome.output == "");
}

TEST_CASE("strangers/programs: arguments, an exit code of its own, a program that does not end") {
    const fs::path source = fs::temp_directory_path() / ("loop-" + std::to_string(getpid()) + ".cu");
    std::ofstream(source) << "#include <cstdio>\n#include <cstdlib>\n"
                             "int main(int n, char** words) {\n"
                             "    std::printf(\"%d %s\\n\", n, words[n - 1]);\n    std::fflush(stdout);\n"
                             "    while (n == 1) { volatile int spin = 0; spin = spin + 1; }\n"
                             "    return n;\n}\n";
    const Outcome ended = simt_check("--timeout 0.5 " + source.string());
    CHECK(ended.exit_code == 1);
    CHECK(ended.report.find("1. timeout\n") != std::string::npos);
    const Outcome given = simt_check("-std=c++14 -arch=sm_70 " + source.string() + " -- --first 'two words'");
    CHECK(given.exit_code == 0);
    CHECK(given.output == "3 two words\n");
    CHECK(given.report.find("the program returned 3") != std::string::npos);
    fs::remove(source);
}

TEST_CASE("strangers/programs: a kernel that does not end is ended, and the program goes on") {
    const fs::path source = fs::temp_directory_path() / ("spin-" + std::to_string(getpid()) + ".cu");
    std::ofstream(source) << "__global__ void spin(int* x) {\n"
                             "    for (volatile unsigned i = 0; x[0] == 0;) i = i + 1;\n}\n"
                             "__global__ void set(int* x) { x[0] = 7; }\n"
                             "int main() {\n    int *x, y = 0;\n    cudaMalloc(&x, 4);\n"
                             "    cudaMemset(x, 0, 4);\n    spin<<<1, 1>>>(x);\n    set<<<1, 1>>>(x);\n"
                             "    cudaMemcpy(&y, x, 4, cudaMemcpyDeviceToHost);\n"
                             "    return cudaGetLastError() == cudaErrorLaunchFailure ? y : 3;\n}\n";
    setenv("VITRINE_SIMT_TIMEOUT", "1", 1);
    const Outcome outcome = simt_check(source.string());
    unsetenv("VITRINE_SIMT_TIMEOUT");
    CAPTURE(outcome.report);
    CHECK(outcome.exit_code == 1);
    CHECK(outcome.report.find("1. timeout\n   kernel spin, block (0,0,0): not done after 1 s") != std::string::npos);
    CHECK(outcome.report.find("1 finding in 2 launches; the program returned 7") != std::string::npos);
    fs::remove(source);
}

TEST_CASE("strangers/programs: what simt-check cannot do is one line") {
    CHECK(simt_check("").output == "simt-check: no source file\n");
    CHECK(simt_check("no_such_file.cu").output == "simt-check: no_such_file.cu: cannot be read\n");
    CHECK(simt_check("--order sideways x.cu").output ==
          "simt-check: --order sideways; allowed are forward, reverse, random and random:SEED\n");
    CHECK(simt_check("--timeout soon x.cu").output ==
          "simt-check: --timeout soon; allowed are seconds above 0\n");
    CHECK(simt_check("--report /no_such_folder/report no_such_file.cu").output ==
          "simt-check: /no_such_folder/report: cannot be written\n");
    CHECK(simt_check("--no-such-option x.cu").output == "simt-check: unknown option --no-such-option\n");
    CHECK(simt_check("").exit_code == 2);
}
