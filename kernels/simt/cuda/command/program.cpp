#include "program.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "rewrite.h"

namespace vitrine::kernels::simt::command {

namespace fs = std::filesystem;

namespace {

std::string quoted(const std::string& path) {
    std::string text = "\"";
    for (const char c : path) {
        if (c == '\\' || c == '"') text += '\\';
        text += c;
    }
    return text + "\"";
}

}  // namespace

std::string Program::key(const fs::path& path) { return fs::weakly_canonical(path).string(); }

fs::path Program::find(const File& file, std::string_view name) const {
    if (name.size() < 3) return {};
    const fs::path wanted = name.substr(1, name.size() - 2);
    std::vector<fs::path> folders = include_folders_;
    if (name.front() == '"') folders.insert(folders.begin(), file.path.parent_path());
    for (const fs::path& folder : folders)
        if (fs::is_regular_file(folder / wanted)) return folder / wanted;
    return {};
}

void Program::read(const fs::path& path) {
    const auto [at, is_new] = files_.try_emplace(key(path));
    if (!is_new) return;
    File& file = at->second;
    std::ifstream stream(path, std::ios::binary);
    if (!stream || fs::is_directory(path)) throw std::runtime_error(path.string() + ": cannot be read");
    file.path = path;
    file.source.assign(std::istreambuf_iterator<char>(stream), {});
    file.tokens = tokens_of(file.source);
    kernels_.add_from(file.tokens);
    for (const Token& t : file.tokens) {
        if (t.kind != Token::include) continue;
        const fs::path found = find(file, t.spelling);
        if (found.empty()) continue;
        file.includes[std::string(t.spelling)] = key(found);
        read(found);
    }
}

void Program::write(const fs::path& folder) {
    std::size_t number = 0;
    for (auto& [path, file] : files_)
        file.target = folder / std::to_string(number++) / file.path.filename();
    for (const auto& entry : files_) {
        const File& file = entry.second;
        const Include include = [&](std::string_view name) {
            const auto at = file.includes.find(name);
            return at == file.includes.end() ? "" : quoted(files_.at(at->second).target.string());
        };
        fs::create_directories(file.target.parent_path());
        std::ofstream stream(file.target, std::ios::binary);
        stream << "#line 1 " << quoted(file.path.string()) << '\n'
               << rewrite(file.source, file.tokens, kernels_, include);
        if (!stream.flush()) throw std::runtime_error(file.target.string() + ": cannot be written");
    }
}

const fs::path& Program::written(const fs::path& path) const { return files_.at(key(path)).target; }

std::vector<Unsupported> Program::unsupported() const {
    std::vector<Unsupported> all;
    for (const auto& [path, file] : files_)
        for (Unsupported& one : unsupported_in(file.path.string(), file.tokens))
            all.push_back(std::move(one));
    return all;
}

}  // namespace vitrine::kernels::simt::command
