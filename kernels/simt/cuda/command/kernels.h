// Which kernels a program declares: what a launch of one has to look like depends on it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tokens.h"

namespace vitrine::kernels::simt::command {

struct KernelShape {
    int template_parameters = 0;
    bool has_pack = false;    ///< a template parameter stands for any number of arguments
    bool has_defaults = false;  ///< a parameter has a default argument
    bool overloaded = false;  ///< several kernels of this name take different parameters
    std::string parameters;   ///< their types, as written
};

class Kernels {
public:
    /// Adds every function of the file with the word __global__, and the names of the others.
    void add_from(const std::vector<Token>& tokens);

    /// Whether `name`, with so many template arguments written out, names one function, so that the
    /// compiler knows its type without seeing the arguments of a call.
    bool is_one_function(const std::string& name, int template_arguments) const;

private:
    void add_other_functions(const std::vector<Token>& tokens);

    std::map<std::string, KernelShape> by_name_;
    std::set<std::string> others_;  // functions of the host, which may have a kernel's name
};

/// Index of the bracket that closes the one at `open`, one of ( [ {; tokens.size() if none does.
std::size_t closing(const std::vector<Token>& tokens, std::size_t open);
/// Index of the bracket that opens the one at `close`; npos if none does.
std::size_t opening(const std::vector<Token>& tokens, std::size_t close);
/// Index of the first token of the statement or declaration that token `at` belongs to.
std::size_t statement_begin(const std::vector<Token>& tokens, std::size_t at);

constexpr std::size_t no_token = static_cast<std::size_t>(-1);

}  // namespace vitrine::kernels::simt::command
