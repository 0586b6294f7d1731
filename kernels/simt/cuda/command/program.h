// The source files of a program with the files of its own that they include, rewritten into a
// folder.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "kernels.h"
#include "tokens.h"
#include "unsupported.h"

namespace vitrine::kernels::simt::command {

class Program {
public:
    /// `include_folders`: those that the user named with -I.
    explicit Program(std::vector<std::filesystem::path> include_folders)
        : include_folders_(std::move(include_folders)) {}

    /// Reads a file and, through it, what it includes. Throws std::runtime_error if there is none.
    void read(const std::filesystem::path& path);

    /// Writes all files that were read, rewritten, into `folder`. Where each was read, `written`
    /// says what it became.
    void write(const std::filesystem::path& folder);
    const std::filesystem::path& written(const std::filesystem::path& path) const;

    std::vector<Unsupported> unsupported() const;

private:
    struct File {
        std::filesystem::path path, target;
        std::string source;
        std::vector<Token> tokens;
        std::map<std::string, std::string, std::less<>> includes;  ///< as written -> key of files_
    };

    /// Where an include leads in the user's own folders; empty for the system's.
    std::filesystem::path find(const File& file, std::string_view name) const;
    static std::string key(const std::filesystem::path& path);

    std::vector<std::filesystem::path> include_folders_;
    std::map<std::string, File> files_;
    Kernels kernels_;
};

}  // namespace vitrine::kernels::simt::command
