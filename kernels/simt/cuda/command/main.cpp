// tools/simt-check: a CUDA program, unmodified, on the CPU and under the checker.
// docs/emulating_cuda.md shows how.
#include <stdlib.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "arguments.h"
#include "process.h"
#include "program.h"
#include "report.h"
#include "toolchain.h"

namespace fs = std::filesystem;

namespace vitrine::kernels::simt::command {

namespace {

constexpr int clean = 0, found_something = 1, cannot_run = 2;

/// A folder of its own, removed in the end.
class Folder {
public:
    explicit Folder(bool keep) : keep_(keep) {
        std::string name = (fs::temp_directory_path() / "simt-check-XXXXXX").string();
        if (!mkdtemp(name.data())) throw std::runtime_error(name + ": cannot be made");
        path_ = name;
    }
    ~Folder() {
        std::error_code ignored;
        if (!keep_) fs::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const fs::path& path() const { return path_; }

private:
    fs::path path_;
    bool keep_;
};

/// The standard to compile for: the adapter needs C++20, an older one is not asked for.
bool is_old_standard(const std::string& flag) {
    const bool is_standard = flag.starts_with("-std=") || flag.starts_with("--std=");
    return is_standard && flag.find("20") == flag.npos && flag.find("23") == flag.npos &&
           flag.find("26") == flag.npos;
}

class Check {
public:
    explicit Check(const Arguments& arguments)
        : arguments_(arguments), tools_(this_builds_toolchain()), folder_(arguments.keep) {
        if (arguments.report.empty()) return;
        report_.open(arguments.report);  // now: a run may take long
        if (!report_) throw std::runtime_error(arguments.report + ": cannot be written");
    }

    int run() {
        if (arguments_.keep) std::cerr << "simt-check: files in " << folder_.path().string() << '\n';
        Program program({arguments_.include_folders.begin(), arguments_.include_folders.end()});
        for (const std::string& source : arguments_.sources) program.read(source);
        program.write(folder_.path());
        if (const Ended built = compile(program); built.exit_code || built.signal)
            return fail(program, built.output);
        return run_program();
    }

private:
    const std::string& name() const { return arguments_.sources.front(); }
    fs::path executable() const { return folder_.path() / fs::path(name()).stem(); }

    Ended compile(const Program& program) {
        Ended ended;
        std::vector<std::string> objects;
        for (const std::string& source : arguments_.sources) {
            objects.push_back(program.written(source).string() + ".o");
            ended = time(compile_command(program, source, objects.back()));
            if (ended.exit_code || ended.signal) return ended;
        }
        std::vector<std::string> link{tools_.compiler, "-o", executable().string()};
        link.insert(link.end(), objects.begin(), objects.end());
        const auto& own = arguments_.linker_flags;
        link.insert(link.end(), own.begin(), own.end());
        link.insert(link.end(), tools_.libraries.begin(), tools_.libraries.end());
        return time(link);
    }

    std::vector<std::string> compile_command(const Program& program, const std::string& source,
                                             const std::string& object) const {
        std::vector<std::string> words{tools_.compiler};
        words.insert(words.end(), tools_.flags.begin(), tools_.flags.end());
        for (const std::string& flag : arguments_.compiler_flags)
            if (!is_old_standard(flag)) words.push_back(flag);
        // Files that were not found when the sources were read, such as those named by macros.
        words.insert(words.end(), {"-iquote", fs::absolute(source).parent_path().string()});
        words.insert(words.end(),
                     {"-x", "c++", "-c", program.written(source).string(), "-o", object});
        return words;
    }

    Ended time(const std::vector<std::string>& words) {
        const Ended ended = command::run({words, {}, true, 0});
        compile_seconds_ += ended.seconds;
        return ended;
    }

    int fail(const Program& program, const std::string& output) {
        std::vector<std::string> unsupported;
        for (const Unsupported& u : program.unsupported())
            unsupported.push_back(u.file + ":" + std::to_string(u.line) + ": " + u.what);
        print([&](std::ostream& out) {
            print_failure(out, name(), arguments_.json, unsupported, output);
        });
        return cannot_run;
    }

    int run_program() {
        const std::string findings = (folder_.path() / "findings").string();
        std::vector<std::string> words{executable().string()};
        const auto& own = arguments_.program_arguments;
        words.insert(words.end(), own.begin(), own.end());
        std::vector<std::pair<std::string, std::string>> environment{
            {"VITRINE_SIMT_FINDINGS", findings}};
        // In a build with AddressSanitizer: few programs free all that they have at their end.
        const char* sanitizer = std::getenv("ASAN_OPTIONS");
        environment.emplace_back("ASAN_OPTIONS", std::string(sanitizer ? sanitizer : "") + ":detect_leaks=0");
        // A launch that never ends is better told by the emulator, which knows its threads.
        const int of_block = std::max(1, static_cast<int>(arguments_.timeout / 4));
        if (!std::getenv("VITRINE_SIMT_TIMEOUT") && of_block < 10)
            environment.emplace_back("VITRINE_SIMT_TIMEOUT", std::to_string(of_block));
        if (!arguments_.order.empty()) environment.emplace_back("VITRINE_SIMT_ORDER", arguments_.order);
        if (arguments_.stop) environment.emplace_back("VITRINE_SIMT_STOP", "1");
        if (arguments_.profile) environment.emplace_back("VITRINE_SIMT_PROFILE", "1");

        Report report{name(), {}, command::run({words, environment, false, arguments_.timeout}),
                      compile_seconds_};
        report.findings = read_findings(findings);
        add_end(report);
        print([&](std::ostream& out) {
            arguments_.json ? print_json(out, report) : print_text(out, report);
        });
        return report.findings.all.empty() ? clean : found_something;
    }

    template <class Print>
    void print(Print print) {
        if (arguments_.report.empty()) return print(std::cerr);
        print(report_);
        if (!report_.flush()) throw std::runtime_error(arguments_.report + ": cannot be written");
    }

    const Arguments& arguments_;
    const Toolchain tools_;
    const Folder folder_;
    std::ofstream report_;
    double compile_seconds_ = 0;
};

}  // namespace

int run_command(const std::vector<std::string>& words) {
    try {
        const Arguments arguments = parse(words);
        if (arguments.help) {
            std::cout << usage;
            return clean;
        }
        return Check(arguments).run();
    } catch (const std::exception& error) {
        std::cerr << "simt-check: " << error.what() << '\n';
        return cannot_run;
    }
}

}  // namespace vitrine::kernels::simt::command

int main(int count, char** words) {
    return vitrine::kernels::simt::command::run_command({words + 1, words + count});
}
