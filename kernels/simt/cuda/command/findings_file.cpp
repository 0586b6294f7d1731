#include <algorithm>
#include <array>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "report.h"

namespace vitrine::kernels::simt::command {

namespace {

struct Kind {
    std::string_view phrase, name;
};

// By what the first line of a report says. The first that fits counts.
constexpr std::array kinds{
    Kind{"not done after", "timeout"},
    Kind{"data race", "race"},
    Kind{"memory that nobody wrote", "uninitialised"},
    Kind{"out of bounds", "out_of_bounds"},
    Kind{"use after free", "use_after_free"},
    Kind{"host memory", "host_pointer"},
    Kind{"host code", "host_access"},
    Kind{"misaligned", "misaligned"},
    Kind{"multiple of", "misaligned"},
    Kind{"overflow", "arithmetic"},
    Kind{"shift", "arithmetic"},
    Kind{"divi", "arithmetic"},
    Kind{"assert", "assert"},
    Kind{"launched by a kernel", "unsupported"},
    Kind{"; allowed are", "launch"},
    Kind{"stack", "stack"},
    Kind{"deadlock", "deadlock"},
    Kind{"barrier", "barrier"},
    Kind{"_sync at", "warp"},
    Kind{"group", "warp"},
    Kind{"__trap", "trap"},
};

std::string kind_of(const std::string& text) {
    // After "kernel NAME, block (0,0,0): ": names shall not decide.
    std::string what = text.substr(0, text.find('\n'));
    if (text.starts_with("kernel "))
        if (const auto colon = what.find("): "); colon != what.npos) what.erase(0, colon);
    if (text.starts_with("cuda") || text.starts_with("cublas")) return "call";
    for (const Kind& kind : kinds)
        if (what.find(kind.phrase) != what.npos) return std::string(kind.name);
    return "other";
}

std::string kernel_of(const std::string& text) {
    const std::string before = "kernel ";
    if (!text.starts_with(before)) return "";
    std::size_t end = text.find(", block (");
    if (end == text.npos) end = text.find(": ");
    return text.substr(before.size(), end - before.size());
}

}  // namespace

std::vector<std::string> places_in(const std::string& text) {
    static const std::regex place(R"([\w./+-]+\.(cu|cuh|h|hpp|hh|cpp|cc|cxx|c|inl):\d+)");
    std::vector<std::string> places;
    for (std::sregex_iterator at(text.begin(), text.end(), place), end; at != end; ++at)
        if (std::find(places.begin(), places.end(), at->str()) == places.end())
            places.push_back(at->str());
    return places;
}

Findings read_findings(const std::string& path) {
    Findings findings;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string word;
        words >> word;
        if (word == "vitrine_launches") {
            findings.complete = true;
            words >> findings.launches;
        } else if (word == "vitrine_finding") {
            // FILE may hold spaces: LINE and BYTES are the last two words.
            const std::size_t bytes_at = line.rfind(' '), line_at = line.rfind(' ', bytes_at - 1);
            Finding finding;
            finding.file = line.substr(word.size() + 1, line_at - word.size() - 1);
            finding.line = std::stoi(line.substr(line_at + 1));
            finding.text.resize(std::stoul(line.substr(bytes_at + 1)));
            file.read(finding.text.data(), static_cast<std::streamsize>(finding.text.size()));
            file.ignore();
            finding.kind = kind_of(finding.text);
            finding.kernel = kernel_of(finding.text);
            const auto same = std::find_if(
                findings.all.begin(), findings.all.end(), [&](const Finding& other) {
                    return other.kind == finding.kind && other.kernel == finding.kernel &&
                           places_in(other.text) == places_in(finding.text) &&
                           other.file == finding.file && other.line == finding.line;
                });
            if (same == findings.all.end())
                findings.all.push_back(std::move(finding));
            else
                ++same->count;
        }
    }
    return findings;
}

}  // namespace vitrine::kernels::simt::command
