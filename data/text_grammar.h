// A text without a file: sentences of a small grammar.
#pragma once

#include <cstdint>
#include <string>

#include "vitrine/core/site.h"

namespace vitrine::data {

/// Scenes in which people speak, in the form of a play: a name and a colon, then sentences whose verbs agree with their
/// subjects in number, with relative clauses inside one another. A program that reads characters can learn, one after
/// the other, the letters' frequencies, the words, the lines, and the agreement across a clause:
///
///     Anna:
///     The old cat that the dogs see sleeps near the river.
///
/// ASCII, `characters` long to the letter; the same text for the same seed on every machine.
/// Throws Error for a negative length.
std::string grammar_text(std::int64_t characters, std::uint64_t seed = 1, Site site = Site::here());

}  // namespace vitrine::data
