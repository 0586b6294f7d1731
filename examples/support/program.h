// What the example programs have in common: options, errors as one line, the last line of JSON.
#pragma once

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

#include <vitrine/vitrine.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

/// Options that every example has.
struct CommonOptions {
    std::string device = "cpu";
    std::int64_t seed = 1;
    int threads = 0;
    std::string profile;  ///< as VITRINE_PROFILE
    bool json = false;
};

/// Adds --device, --seed, --threads, --profile and --json to the program's options.
void add_common_options(CLI::App& app, CommonOptions& options);

/// Parses the command line, sets threads and seed, checks the device, runs body. What main() returns: 0, also after
/// --help; 2 with one line on standard error when an option is bad or the library throws.
int run_program(CLI::App& app, int argc, char** argv, const CommonOptions& options, const std::function<void()>& body);

/// Where people read: standard output, or standard error when --json reserves standard output for one line.
std::ostream& messages(const CommonOptions& options);

/// With --json: `result` as one line on standard output.
void print_result(const CommonOptions& options, const nlohmann::ordered_json& result);
