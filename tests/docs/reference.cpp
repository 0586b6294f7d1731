// Every op has a place in docs/reference: a heading that names it, and under it an example (which tests/docs/pages.cpp
// finds in a compiled test).
#include <doctest/doctest.h>

#include <set>
#include <sstream>

#include "declared_ops.h"
#include "source_tree.h"

using namespace vitrine::testing;

namespace {

/// The names in headings of the page whose section has a C++ example.
std::set<std::string> ops_with_example(const std::string& page) {
    std::set<std::string> names, heading;
    for (const std::string& line : lines_of(page)) {
        if (line.starts_with("# ") || line.starts_with("## ")) {
            heading.clear();
            std::istringstream words(line.substr(line.find(' ')));
            for (std::string word; words >> word;) heading.insert(word.substr(0, word.find_first_of(",(")));
        }
        if (line.starts_with("```cpp")) names.insert(heading.begin(), heading.end());
    }
    return names;
}

}  // namespace

TEST_CASE("docs/reference: every op that a header declares has an example") {
    std::set<std::string> shown;
    for (const std::string& page : files_below("docs/reference", {".md"})) shown.merge(ops_with_example(page));
    const auto declared = declared_ops(source_root());
    CHECK(declared.size() > 100);
    for (const auto& [op, stem] : declared) CHECK_MESSAGE(shown.contains(op), "core/ops/", stem, ".h declares ", op, ", which no page of docs/reference shows");
}
