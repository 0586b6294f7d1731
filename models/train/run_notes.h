// Private to models/train: a trainer's numbers as the text of a checkpoint's notes, every bit of them.
#pragma once

#include <string>
#include <vector>

#include "trainer.h"

namespace vitrine::models {

/// The note of that name. Throws IoError when `saved`, the contents of the file `path`, has none.
const std::string& note(const data::Checkpoint& saved, const std::string& name, const std::string& path);

/// Puts tensors among the extra ones, their names behind a prefix; and takes those of a prefix out again.
void add_extra(data::Checkpoint& to, const std::string& prefix, const data::NamedTensors& tensors);
data::NamedTensors extra(const data::Checkpoint& from, const std::string& prefix);

/// The shortest text that reads back as the same number.
std::string text_of(double value);
/// A line "name sum weight" for each.
std::string text_of(const RunningScores& means);
/// A line "epoch steps name score name score ..." for each.
std::string text_of(const std::vector<Epoch>& history);

// The numbers of such text. Throw IoError naming `path` for any other.
double number(const std::string& text, const std::string& path);
std::int64_t whole_number(const std::string& text, const std::string& path);
RunningScores means_from(const std::string& text, const std::string& path);
std::vector<Epoch> history_from(const std::string& text, const std::string& path);

}  // namespace vitrine::models
