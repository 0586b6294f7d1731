// The floors of docs/architecture.md: no include line runs up, and each names its file in the one agreed way.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <regex>

#include "source_tree.h"

using namespace vitrine::testing;

namespace {

using Names = std::vector<std::string>;

// What a floor may include, beside itself and vitrine/config.h. Every floor may use kernels/base: errors, device tags.
const std::map<std::string, Names> below = {
    {"kernels", {}},
    {"core", {"kernels"}},
    {"nn", {"core", "kernels/base"}},
    {"optim", {"core", "kernels"}},
    {"data", {"core", "kernels/base", "kernels/random/philox.h"}},  // drawn digits need random words, no tensor
    {"models", {"nn", "optim", "data", "core", "kernels/base"}},
};

/// What is wrong with this line of `file`, or "".
std::string wrong_include(const std::string& file, const std::string& line) {
    static const std::regex include("^\\s*#\\s*include\\s*([<\"])([^>\"]+)[>\"].*");
    std::smatch match;
    if (!std::regex_match(line, match, include)) return "";
    const bool quoted = match[1] == "\"";
    const std::string name = match[2], folder = file.substr(0, file.rfind('/')), floor = file.substr(0, file.find('/'));

    if (name.find("..") != std::string::npos) return "has a \"..\"";
    if (!name.starts_with("vitrine/")) {
        if (!quoted) return "";  // of the system or of a library
        if (name.find('/') != std::string::npos) return "names another folder without \"vitrine/\"";
        return exists(folder + "/" + name) ? "" : "is no file of this folder";
    }
    const std::string target = name.substr(8);
    if (target == "config.h") return "";
    if (target == "vitrine.h") return "is for users: it brings everything";
    if (!exists(target)) return "is no file";
    const Names& allowed = below.at(floor);
    const auto holds = [&](const std::string& lower) { return target == lower || target.starts_with(lower + "/"); };
    return holds(floor) || std::any_of(allowed.begin(), allowed.end(), holds) ? "" : "is not below " + floor;
}

}  // namespace

TEST_CASE("tree/layers: no include of the library runs up or sideways") {
    int includes = 0;
    for (const auto& [floor, allowed] : below)
        for (const std::string& file : files_below(floor, {".h", ".cpp", ".cu"})) {
            int number = 0;
            for (const std::string& line : lines_of(file)) {
                ++number;
                if (line.find("#include") != std::string::npos) ++includes;
                const std::string wrong = wrong_include(file, line);
                if (!wrong.empty()) FAIL_CHECK(file, ":", number, ": ", line, "   <- ", wrong);
            }
        }
    CHECK(includes > 100);
}

TEST_CASE("tree/layers: what breaks the rule is found") {
    CHECK(wrong_include("core/tensor.cpp", "#include \"tensor.h\"") == "");
    CHECK(wrong_include("core/tensor.cpp", "#include <vector>") == "");
    CHECK(wrong_include("core/tensor.cpp", "#include \"vitrine/config.h\"") == "");
    CHECK(wrong_include("core/tensor.cpp", "#include \"vitrine/kernels/base/error.h\"") == "");
    CHECK(wrong_include("core/ops/view.cpp", "#include \"vitrine/core/tensor.h\"") == "");
    CHECK(wrong_include("kernels/softmax/softmax_cpu.cpp", "#include \"vitrine/core/tensor.h\"") == "is not below kernels");
    CHECK(wrong_include("core/tensor.cpp", "#include \"vitrine/data/png.h\"") == "is not below core");
    CHECK(wrong_include("nn/linear.cpp", "#include \"vitrine/data/png.h\"") == "is not below nn");
    CHECK(wrong_include("nn/linear.cpp", "#include \"vitrine/kernels/softmax/softmax.h\"") == "is not below nn");
    CHECK(wrong_include("optim/sgd.cpp", "#include <vitrine/kernels/optimizer/optimizer.h>") == "");
    CHECK(wrong_include("core/ops/view.cpp", "#include \"../tensor.h\"") == "has a \"..\"");
    CHECK(wrong_include("core/ops/view.cpp", "  #  include \"core/tensor.h\"") == "names another folder without \"vitrine/\"");
    CHECK(wrong_include("core/tensor.cpp", "#include \"view.h\"") == "is no file of this folder");
    CHECK(wrong_include("core/tensor.cpp", "#include \"vitrine/core/ops/no_such_op.h\"") == "is no file");
    CHECK(wrong_include("core/tensor.cpp", "#include \"vitrine/vitrine.h\"") == "is for users: it brings everything");
}

TEST_CASE("tree/layers: tests, examples and bench leave no \"..\" in an include") {
    for (const char* folder : {"tests", "examples", "bench"})
        for (const std::string& file : files_below(folder, {".h", ".cpp", ".cu"}))
            for (const std::string& line : lines_of(file))
                if (line.find("#include \"../") == 0) FAIL_CHECK(file, ": ", line);
}

TEST_CASE("tree/layers: the top-level folders are fixed") {
    const Names folders = {"bench", "build", "cmake", "core", "data", "docs", "examples", "kernels", "models", "nn", "optim", "scripts", "tests"};
    for (const auto& entry : std::filesystem::directory_iterator(source_root())) {
        const std::string name = entry.path().filename();
        if (!entry.is_directory() || name.starts_with(".")) continue;
        CHECK_MESSAGE(std::find(folders.begin(), folders.end(), name) != folders.end(), name, " is no folder of the plan");
    }
    for (const std::string& name : folders)
        if (name != "build") CHECK_MESSAGE(exists(name), name, " is missing");
}

TEST_CASE("tree/layers: no file has more than 400 lines") {
    for (const char* folder : {"bench", "cmake", "core", "data", "docs", "examples", "kernels", "models", "nn", "optim", "scripts", "tests"})
        for (const std::string& file : files_below(folder, {".h", ".cpp", ".cu", ".cmake", ".txt", ".in", ".sh", ".py", ".md"})) {
            const auto lines = lines_of(file).size();
            CHECK_MESSAGE(lines <= 400, file, " has ", lines, " lines");
        }
}
