// What the pages say about the tree is true: every path they name exists, and every C++ snippet stands in the compiled
// file that it names.
//
// A snippet's file is named in a comment on the line before it, which a rendered page does not show:
//
//     <!-- from: examples/xor.cpp -->
//     ```cpp
//     ...
//     ```
//
// A page that tests/docs/PAGE.cmake follows step by step names the files that the reader writes: <!-- file: PATH -->.
#include <doctest/doctest.h>

#include <algorithm>
#include <regex>

#include "source_tree.h"

using namespace vitrine::testing;

namespace {

using Lines = std::vector<std::string>;

Lines pages() {
    Lines pages = files_below("docs", {".md"});
    for (const char* page : {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "THIRD_PARTY_NOTICES.md"})
        if (exists(page)) pages.push_back(page);
    return pages;
}

std::string trimmed(const std::string& line) {
    const auto begin = line.find_first_not_of(" \t\r"), end = line.find_last_not_of(" \t\r");
    return begin == std::string::npos ? "" : line.substr(begin, end - begin + 1);
}

/// "a.{h,cpp}" as "a.h" and "a.cpp".
Lines braces_opened(const std::string& path) {
    static const std::regex braces("([^{]*)\\{([^}]*)\\}(.*)");
    std::smatch match;
    if (!std::regex_match(path, match, braces)) return {path};
    Lines opened;
    const std::string inside = match[2];
    for (std::size_t begin = 0; begin <= inside.size();) {
        const auto end = std::min(inside.find(',', begin), inside.size());
        for (const auto& path_of_one : braces_opened(match[1].str() + inside.substr(begin, end - begin) + match[3].str())) opened.push_back(path_of_one);
        begin = end + 1;
    }
    return opened;
}

/// The repository paths that a line of prose names in backticks, and the relative links of `page`.
Lines paths_in(const std::string& page, const std::string& line) {
    static const std::regex quoted("`((?:bench|cmake|core|data|docs|examples|kernels|models|nn|optim|scripts|tests)/[A-Za-z0-9_./{},-]*)(?::[0-9]+)?`");
    static const std::regex link("\\]\\(([A-Za-z0-9_./-]+)(?:#[^)]*)?\\)");
    Lines paths;
    for (std::sregex_iterator at(line.begin(), line.end(), quoted), end; at != end; ++at)
        for (const auto& path : braces_opened((*at)[1])) paths.push_back(path);
    const auto slash = page.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : page.substr(0, slash + 1);
    for (std::sregex_iterator at(line.begin(), line.end(), link), end; at != end; ++at) paths.push_back(folder + (*at)[1].str());
    // NAME, FOLDER: a word in capitals stands for the reader's own.
    static const std::regex placeholder("(^|.*[/_.])[A-Z]{2,}([/_.].*|$)");
    std::erase_if(paths, [](const auto& path) { return std::regex_match(path, placeholder) && !path.ends_with(".md") && !path.ends_with(".txt"); });
    return paths;
}

/// True when `wanted` stands in `lines`, line after line; indentation does not count.
bool contains(const Lines& lines, const Lines& wanted) {
    const auto same = [](const auto& a, const auto& b) { return trimmed(a) == trimmed(b); };
    return std::search(lines.begin(), lines.end(), wanted.begin(), wanted.end(), same) != lines.end();
}

}  // namespace

TEST_CASE("docs/pages: every path that a page names exists") {
    int named = 0;
    for (const std::string& page : pages()) {
        bool fenced = false;
        int number = 0;
        for (const std::string& line : lines_of(page)) {
            ++number;
            if (trimmed(line).starts_with("```")) fenced = !fenced;
            if (fenced) continue;
            for (const std::string& path : paths_in(page, line)) {
                ++named;
                CHECK_MESSAGE(exists(path), page, ":", number, ": ", path, " does not exist");
            }
        }
    }
    CHECK(named > 10);
}

TEST_CASE("docs/pages: every C++ snippet stands in the compiled file that it names") {
    static const std::regex origin("<!-- from: ([A-Za-z0-9_./-]+) -->");
    for (const std::string& page : pages()) {
        const Lines lines = lines_of(page);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            if (!trimmed(lines[i]).starts_with("```cpp")) continue;
            const std::size_t begin = i + 1;
            while (++i < lines.size() && !trimmed(lines[i]).starts_with("```")) {}
            const Lines snippet(lines.begin() + std::ptrdiff_t(begin), lines.begin() + std::ptrdiff_t(std::min(i, lines.size())));
            std::smatch match;
            const std::string before = begin >= 2 ? trimmed(lines[begin - 2]) : "";
            if (before.starts_with("<!-- file: ") && exists("tests/" + page.substr(0, page.rfind('.')) + ".cmake")) continue;
            if (!std::regex_match(before, match, origin)) {
                FAIL_CHECK(page, ":", begin, ": no \"<!-- from: FILE -->\" on the line before this snippet");
                continue;
            }
            CHECK_MESSAGE((!snippet.empty() && contains(lines_of(match[1]), snippet)), page, ":", begin, ": not in ", match[1].str(), " as it stands here");
        }
    }
}

TEST_CASE("docs/pages: a wrong path and a wrong snippet are found") {
    CHECK(paths_in("docs/a.md", "see `core/ops/view.{h,cpp}`, `kernels/NAME/NAME.h`, `build/x` and [b](b.md)") ==
          Lines{"core/ops/view.h", "core/ops/view.cpp", "docs/b.md"});
    CHECK(paths_in("README.md", "`core/tensor.h:41` and [page](docs/simt.md#rules), [site](https://example.org)") == Lines{"core/tensor.h", "docs/simt.md"});
    CHECK(contains({"int main() {", "    return 0;", "}"}, {"return 0;", "}"}));
    CHECK_FALSE(contains({"int main() {", "    return 0;", "}"}, {"return 1;"}));
    CHECK_FALSE(exists("core/no_such_file.h"));
}
