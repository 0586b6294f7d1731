// Starts another program and waits for it.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace vitrine::kernels::simt::command {

struct Ended {
    int exit_code = 0;  ///< of a program that returned
    int signal = 0;     ///< that ended it; 0: none did
    bool timed_out = false;
    double seconds = 0;
    std::string output;  ///< of stderr, when it was caught
};

struct Start {
    std::vector<std::string> words;  ///< the program and its arguments
    std::vector<std::pair<std::string, std::string>> environment = {};  ///< beside our own
    bool catch_stderr = false;
    double timeout = 0;  ///< seconds; 0: none. After it the program is killed
};

/// Throws std::runtime_error if it cannot be started.
Ended run(const Start& start);

}  // namespace vitrine::kernels::simt::command
