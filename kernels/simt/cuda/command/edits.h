// Changes of a text that leave each of its lines where it is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vitrine::kernels::simt::command {

class Edits {
public:
    explicit Edits(std::string_view source) : source_(source) {}

    void insert(std::size_t at, std::string text) { edits_.push_back({at, at, std::move(text)}); }
    /// Ends of lines in [begin, end) stay.
    void replace(std::size_t begin, std::size_t end, std::string text) {
        for (std::size_t i = begin; i < end; ++i)
            if (source_[i] == '\n') text += source_[i - 1] == '\\' ? "\\\n" : "\n";
        edits_.push_back({begin, end, std::move(text)});
    }

    std::string result();

private:
    struct Edit {
        std::size_t begin, end;
        std::string text;
    };
    std::string_view source_;
    std::vector<Edit> edits_;
};

}  // namespace vitrine::kernels::simt::command
