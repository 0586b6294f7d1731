// What tools/simt-check says in the end.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "process.h"

namespace vitrine::kernels::simt::command {

/// Something that is wrong with the program.
struct Finding {
    std::string kind;    ///< "race", "out_of_bounds", ...
    std::string kernel;  ///< "" if it is none's
    std::string text;    ///< the emulator's report
    std::string file;    ///< of the launch or call
    int line = 0;
    int count = 1;  ///< times it was found: at other launches, in other blocks
};

struct Findings {
    std::vector<Finding> all;
    long launches = 0;
    bool complete = false;  ///< the program came to its end
};

/// What the program wrote into the file of VITRINE_SIMT_FINDINGS.
Findings read_findings(const std::string& path);

/// "prog.cu:12" and its like in a text, each once.
std::vector<std::string> places_in(const std::string& text);

struct Report {
    std::string program;
    Findings findings;
    Ended ended;
    double compile_seconds = 0;
};

/// Adds how the program ended, where that was not by returning.
void add_end(Report& report);

void print_text(std::ostream& out, const Report& report);
void print_json(std::ostream& out, const Report& report);

/// A program that does not compile: `unsupported` as "prog.cu:3: textures (tex2D)".
void print_failure(std::ostream& out, const std::string& program, bool json,
                   const std::vector<std::string>& unsupported, const std::string& compiler_output);

}  // namespace vitrine::kernels::simt::command
