// The command line of tools/simt-check.
#pragma once

#include <string>
#include <vector>

namespace vitrine::kernels::simt::command {

struct Arguments {
    std::vector<std::string> sources;
    std::vector<std::string> compiler_flags;   ///< -I, -D, -std=, ... as given
    std::vector<std::string> include_folders;  ///< those of -I among them
    std::vector<std::string> linker_flags;     ///< -l, -L
    std::vector<std::string> program_arguments;
    std::string order;   ///< "" or forward, reverse, random, random:SEED
    std::string report;  ///< file for the report; "" for stderr
    double timeout = 120;
    bool json = false, keep = false, stop = false, profile = false, help = false;
};

extern const char* const usage;

/// Throws std::runtime_error naming what is wrong.
Arguments parse(const std::vector<std::string>& words);

}  // namespace vitrine::kernels::simt::command
