#include "run_notes.h"

#include <charconv>
#include <sstream>

namespace vitrine::models {
namespace {

template <class N>
N read(const std::string& text, const std::string& path) {
    N value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        throw IoError(join(path, ": \"", text.substr(0, 40), "\" in its notes; needed is a number"));
    return value;
}

std::vector<std::string> words(const std::string& line) {
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    return words;
}

std::vector<std::vector<std::string>> lines(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::vector<std::string>> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(words(line));
    return lines;
}

void need(bool condition, const std::string& path) {
    if (!condition) throw IoError(path + ": a line of its notes has too few or too many words");
}

}  // namespace

const std::string& note(const data::Checkpoint& saved, const std::string& name, const std::string& path) {
    const auto found = saved.notes.find(name);
    if (found == saved.notes.end())
        throw IoError(join(path, ": no note \"", name, "\" in it; needed is a checkpoint of the same program"));
    return found->second;
}

void add_extra(data::Checkpoint& to, const std::string& prefix, const data::NamedTensors& tensors) {
    for (const auto& [name, tensor] : tensors) to.extra.emplace(prefix + name, tensor);
}

data::NamedTensors extra(const data::Checkpoint& from, const std::string& prefix) {
    data::NamedTensors tensors;
    for (const auto& [name, tensor] : from.extra)
        if (name.starts_with(prefix)) tensors.emplace(name.substr(prefix.size()), tensor);
    return tensors;
}

std::string text_of(double value) {
    char text[40];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

std::string text_of(const RunningScores& means) {
    std::string text;
    for (const auto& [name, mean] : means.parts())
        text += join(name, ' ', text_of(mean.sum()), ' ', text_of(mean.weight()), '\n');
    return text;
}

std::string text_of(const std::vector<Epoch>& history) {
    std::string text;
    for (const Epoch& e : history) {
        text += join(e.epoch, ' ', e.steps);
        for (const auto& [name, score] : e.scores) text += join(' ', name, ' ', text_of(score));
        text += '\n';
    }
    return text;
}

double number(const std::string& text, const std::string& path) { return read<double>(text, path); }

std::int64_t whole_number(const std::string& text, const std::string& path) { return read<std::int64_t>(text, path); }

RunningScores means_from(const std::string& text, const std::string& path) {
    RunningScores means;
    for (const auto& line : lines(text)) {
        need(line.size() == 3, path);
        means.parts()[line[0]] = {number(line[1], path), number(line[2], path)};
    }
    return means;
}

std::vector<Epoch> history_from(const std::string& text, const std::string& path) {
    std::vector<Epoch> history;
    for (const auto& line : lines(text)) {
        need(line.size() >= 2 && line.size() % 2 == 0, path);
        Epoch e{whole_number(line[0], path), whole_number(line[1], path), {}};
        for (std::size_t i = 2; i < line.size(); i += 2) e.scores[line[i]] = number(line[i + 1], path);
        history.push_back(std::move(e));
    }
    return history;
}

}  // namespace vitrine::models
