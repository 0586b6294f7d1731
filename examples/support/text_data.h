// Text for the examples that learn to write.
#pragma once

#include <cstdint>
#include <string>

/// What --data can be, for its help.
inline constexpr const char* text_data_help =
    "grammar: sentences made by the library itself; tinyshakespeare: from the cache, or downloaded into it; else a "
    "text "
    "file, or a folder with input.txt";

/// The text that --data names; `characters` of it if it is the grammar's.
std::string open_text(const std::string& data, std::int64_t characters);
