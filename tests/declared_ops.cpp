#include "declared_ops.h"

#include <fstream>
#include <regex>

namespace vitrine::testing {

std::map<std::string, std::string> declared_ops(const std::filesystem::path& source_dir) {
    static const std::regex declaration("^(?:inline )?(?:std::vector<Tensor>|std::tuple<.*>|[A-Z][A-Za-z]*&?) ([a-z][a-z0-9_]*)\\(.*(Operand|Tensor|Shape).*");
    std::map<std::string, std::string> ops;
    for (const auto& entry : std::filesystem::directory_iterator(source_dir / "core/ops")) {
        if (entry.path().extension() != ".h") continue;
        std::ifstream file(entry.path());
        bool inside = false;
        std::smatch match;
        for (std::string line; std::getline(file, line);) {
            if (line.find("Private to") != std::string::npos) break;  // nothing for users
            if (line.starts_with("namespace vitrine {")) inside = true;
            if (!inside || line.starts_with("Strides ") || !std::regex_match(line, match, declaration)) continue;
            const std::string name = match[1];
            if (name.ends_with("_backward") || name.find("_backward_") != std::string::npos || name.ends_with("_gather")) continue;
            ops.emplace(name, entry.path().stem().string());
        }
    }
    return ops;
}

}  // namespace vitrine::testing
