#include "program.h"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iostream>

namespace {

// Some messages of CLI11 have several lines.
std::string one_line(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    std::ranges::replace(text, '\n', ' ');
    return text;
}

int fail(const CLI::App& app, const std::string& text) {
    std::cerr << app.get_name() << ": " << one_line(text) << '\n';
    return 2;
}

}  // namespace

void add_common_options(CLI::App& app, CommonOptions& options) {
    app.add_option("--device", options.device,
                   "where to compute: cpu; simt, which runs the CUDA kernels on the CPU (slowly, every check on); cuda")
        ->check(CLI::IsMember({"cpu", "simt", "cuda"}))
        ->capture_default_str();
    app.add_option("--seed", options.seed, "of all random numbers: the same seed gives the same run")
        ->capture_default_str();
    app.add_option("--threads", options.threads, "threads of the CPU; 0: all of them")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    app.add_option("--profile", options.profile,
                   "where the time goes: FILE.json; trace:FILE, for ui.perfetto.dev; 1: a table on standard error");
    app.add_flag("--json", options.json,
                 "print one line of JSON on standard output at the end, and all else on standard error");
}

int run_program(CLI::App& app, int argc, char** argv, const CommonOptions& options, const std::function<void()>& body) {
    app.set_help_flag("-h,--help", "print this and exit");
    app.get_formatter()->column_width(28);
    try {
        app.parse(argc, argv);
        // The library asks for it before the first op, and writes at the end of the program.
        if (!options.profile.empty()) setenv("VITRINE_PROFILE", options.profile.c_str(), 1);
        if (options.threads > 0) vitrine::set_num_threads(options.threads);
        vitrine::require_available(vitrine::parse_device(options.device));
        vitrine::manual_seed(static_cast<std::uint64_t>(options.seed));
        body();
        std::cout.flush();
        if (!std::cout) return fail(app, "standard output cannot be written");
        return 0;
    } catch (const CLI::CallForHelp&) {
        std::cout << app.help();
        return 0;
    } catch (const CLI::ParseError& e) {
        return fail(app, std::string(e.what()) + " (see --help)");
    } catch (const std::exception& e) {
        return fail(app, e.what());
    }
}

std::ostream& messages(const CommonOptions& options) { return options.json ? std::cerr : std::cout; }

void print_result(const CommonOptions& options, const nlohmann::ordered_json& result) {
    if (options.json) std::cout << result.dump() << std::endl;
}
