#include "arguments.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <string_view>

namespace vitrine::kernels::simt::command {

const char* const usage =
    R"(usage: simt-check [OPTIONS] FILE.cu... [-- ARGUMENTS]

Compiles a CUDA program for the CPU and runs it with ARGUMENTS; says what is wrong with its kernels.

  -I DIR, -D NAME[=VALUE], -U NAME, -std=..., -f..., -l..., -L...
                        for the compiler; nvcc's own options and -O are ignored
  --json                the report as JSON
  --report FILE         the report into a file, not to stderr
  --order ORDER         threads run forward (as is), reverse, random or random:SEED
  --timeout SECONDS     after which the program is ended (120)
  --stop                end the program at the first finding; as is, it goes on (--continue)
  --profile             memory requests per source line, to stderr
  --keep                leave the files that were compiled, and say where

exit code: 0 nothing was found, 1 something was, 2 the program could not be compiled
)";

namespace {

// Of nvcc alone: no meaning here. Those with '=' end in it.
constexpr std::array<std::string_view, 14> ignored{
    "-arch=",     "--gpu-architecture=", "-gencode=",  "-code=",      "--generate-code=",
    "-lineinfo",  "--expt-relaxed-constexpr", "--expt-extended-lambda", "--extended-lambda",
    "-rdc=",      "-G",                  "--use_fast_math", "-use_fast_math", "-maxrregcount="};
constexpr std::array<std::string_view, 8> ignored_with_value{
    "-arch", "-gencode", "-code", "-Xptxas", "-maxrregcount", "-ccbin", "--generate-code", "-x"};
constexpr std::array<std::string_view, 4> cuda_libraries{"-lcudart", "-lcuda", "-lcudadevrt",
                                                         "-lcudart_static"};

template <class List>
bool holds(const List& list, std::string_view word) {
    return std::any_of(list.begin(), list.end(), [&](std::string_view entry) {
        return entry.ends_with('=') ? word.starts_with(entry) : word == entry;
    });
}

class Parser {
public:
    explicit Parser(const std::vector<std::string>& words) : words_(words) {}

    Arguments parse() {
        while (at_ < words_.size() && words_[at_] != "--") parse_one(words_[at_++]);
        for (++at_; at_ < words_.size(); ++at_) result_.program_arguments.push_back(words_[at_]);
        if (result_.sources.empty() && !result_.help) throw std::runtime_error("no source file");
        return std::move(result_);
    }

private:
    void parse_one(const std::string& word) {
        if (word == "-h" || word == "--help") result_.help = true;
        else if (word == "--json") result_.json = true;
        else if (word == "--keep") result_.keep = true;
        else if (word == "--stop") result_.stop = true;
        else if (word == "--continue") result_.stop = false;
        else if (word == "--profile") result_.profile = true;
        else if (word == "--report") result_.report = value(word);
        else if (word == "--order") result_.order = order(value(word));
        else if (word == "--timeout") result_.timeout = seconds(value(word));
        else if (holds(ignored_with_value, word)) value(word);
        else if (holds(ignored, word) || holds(cuda_libraries, word) || word.starts_with("-O"))
            return;
        else if (word == "-Xcompiler") result_.compiler_flags.push_back(value(word));
        else if (word == "-I" || word == "-isystem" || word == "-include" || word == "-D" ||
                 word == "-U") compiler_flag(word, value(word));
        else if (word.starts_with("-I")) compiler_flag("-I", word.substr(2));
        else if (word.starts_with("-l") || word.starts_with("-L"))
            result_.linker_flags.push_back(word);
        else if (word.starts_with("--") || word == "-c" || word == "-o" || word == "-E" || word == "-S")
            throw std::runtime_error("unknown option " + word);
        else if (word.starts_with("-")) result_.compiler_flags.push_back(word);
        else result_.sources.push_back(word);
    }

    const std::string& value(const std::string& option) {
        if (at_ == words_.size()) throw std::runtime_error(option + " needs a value");
        return words_[at_++];
    }

    void compiler_flag(const std::string& option, const std::string& argument) {
        result_.compiler_flags.push_back(option);
        result_.compiler_flags.push_back(argument);
        if (option == "-I") result_.include_folders.push_back(argument);
    }

    static std::string order(const std::string& text) {
        const std::string prefix = "random:", digits = "0123456789";
        const std::string seed = text.starts_with(prefix) ? text.substr(prefix.size()) : "";
        const bool has_seed = !seed.empty() && seed.find_first_not_of(digits) == seed.npos;
        if (text != "forward" && text != "reverse" && text != "random" && !has_seed)
            throw std::runtime_error("--order " + text +
                                     "; allowed are forward, reverse, random and random:SEED");
        return text;
    }

    static double seconds(const std::string& text) {
        double number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc() || end != text.data() + text.size() || !(number > 0))
            throw std::runtime_error("--timeout " + text + "; allowed are seconds above 0");
        return number;
    }

    const std::vector<std::string>& words_;
    std::size_t at_ = 0;
    Arguments result_;
};

}  // namespace

Arguments parse(const std::vector<std::string>& words) { return Parser(words).parse(); }

}  // namespace vitrine::kernels::simt::command
