// What the headers of core/ops offer.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace vitrine::testing {

/// The functions that the headers of core/ops declare for users, each with its header's name. A backward, or its own (_gather), belongs to its
/// op, an operator is another spelling: neither is listed.
std::map<std::string, std::string> declared_ops(const std::filesystem::path& source_dir);

}  // namespace vitrine::testing
