// Text as tensors of character numbers.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "vitrine/core/tensor.h"

namespace vitrine::data {

/// The text of a file, or of input.txt in a folder. Throws IoError when it cannot be read, is empty, or is larger than
/// max_bytes.
std::string read_text(const std::string& path, std::uint64_t max_bytes = std::uint64_t{1} << 30,
                      Site site = Site::here());

/// Characters and their numbers. A character is one code point of UTF-8; they are numbered in their order, from 0.
class CharTokenizer {
public:
    /// The vocabulary is every character that the text has. Throws Error when there is none, or when the text is no
    /// UTF-8, naming the place.
    explicit CharTokenizer(std::string_view text, Site site = Site::here());

    std::int64_t size() const { return static_cast<std::int64_t>(characters_.size()); }
    /// All characters in their order. CharTokenizer(t.vocabulary()) is t again: this is what a checkpoint keeps.
    const std::string& vocabulary() const { return vocabulary_; }
    /// Character number i. Throws Error unless 0 <= i < size().
    const std::string& character(std::int64_t i, Site site = Site::here()) const;

    /// The text's numbers, i64 (characters). Throws Error that names the first character which the vocabulary has not,
    /// or the place where the text is no UTF-8.
    Tensor encode(std::string_view text, Site site = Site::here()) const;
    /// The text of such numbers, of any shape, i64 or i32, in their order. Throws Error for a number out of range.
    std::string decode(const Tensor& ids, Site site = Site::here()) const;
    std::string decode(std::span<const std::int64_t> ids, Site site = Site::here()) const;

private:
    std::vector<std::string> characters_;
    std::string vocabulary_;
    std::unordered_map<std::uint32_t, std::int64_t> numbers_;  // of code points
};

}  // namespace vitrine::data
