#include "text_grammar.h"

#include <array>

#include "dice.h"
#include "vitrine/core/operand.h"

namespace vitrine::data {
namespace {

constexpr std::array people{"Anna", "Bruno", "Clara", "David", "Emma", "Frank"};
constexpr std::array adjectives{"old", "small", "quiet", "brave", "hungry", "clever", "tired", "young"};
constexpr std::array<std::array<const char*, 2>, 10> nouns{{{"cat", "cats"},
                                                            {"dog", "dogs"},
                                                            {"king", "kings"},
                                                            {"child", "children"},
                                                            {"horse", "horses"},
                                                            {"wolf", "wolves"},
                                                            {"sailor", "sailors"},
                                                            {"bird", "birds"},
                                                            {"fox", "foxes"},
                                                            {"woman", "women"}}};
// Singular, plural.
constexpr std::array<std::array<const char*, 2>, 6> verbs{{{"sleeps", "sleep"},
                                                           {"waits", "wait"},
                                                           {"sings", "sing"},
                                                           {"runs", "run"},
                                                           {"falls", "fall"},
                                                           {"laughs", "laugh"}}};
constexpr std::array<std::array<const char*, 2>, 6> verbs_with_object{{{"sees", "see"},
                                                                       {"follows", "follow"},
                                                                       {"fears", "fear"},
                                                                       {"loves", "love"},
                                                                       {"finds", "find"},
                                                                       {"calls", "call"}}};
constexpr std::array places{"near the river", "behind the house", "in the garden", "under the tree", "on the hill"};
constexpr std::array times{"Today", "At night", "In winter", "Sometimes"};

/// Writes sentences; each member function is a rule of the grammar.
class Writer {
public:
    explicit Writer(std::uint64_t seed) : dice_(seed, 0) {}

    // scene = (speaker ":" line sentences line)
    void scene(std::string& text) {
        text += join(pick(people), ":\n");
        for (int sentences = 1 + dice_.below(3); sentences > 0; --sentences) sentence(text), text += '\n';
        text += '\n';
    }

private:
    template <class List>
    typename List::const_reference pick(const List& list) {
        return list[static_cast<std::size_t>(dice_.below(list.size()))];
    }
    bool one_in(std::size_t n) { return dice_.below(n) == 0; }

    // sentence = [time ","] subject predicate (". " or "?")
    void sentence(std::string& text) {
        const std::size_t start = text.size();
        if (one_in(5)) text += join(pick(times), ", ");
        const std::size_t plural = noun_phrase(text, 2);
        predicate(text, plural);
        text += one_in(8) ? '?' : '.';
        if (text[start] >= 'a') text[start] = static_cast<char>(text[start] - 'a' + 'A');
    }

    // noun phrase = "the" [adjective] noun [clause]; returns 1 for a plural
    std::size_t noun_phrase(std::string& text, int depth) {
        const std::size_t plural = static_cast<std::size_t>(dice_.below(2));
        text += plural || !one_in(3) ? "the " : "every ";
        if (one_in(3)) text += join(pick(adjectives), ' ');
        text += pick(nouns)[plural];
        if (depth > 0 && one_in(4)) clause(text, plural, depth - 1);
        return plural;
    }

    // clause = "that" noun phrase verb, or "that" verb noun phrase: its verb agrees with its own subject
    void clause(std::string& text, std::size_t plural, int depth) {
        text += " that ";
        if (one_in(2)) {
            const std::size_t inner = noun_phrase(text, depth);
            text += join(' ', pick(verbs_with_object)[inner]);
        } else {
            text += join(pick(verbs_with_object)[plural], ' ');
            noun_phrase(text, depth);
        }
    }

    // predicate = verb [place] or verb noun phrase
    void predicate(std::string& text, std::size_t plural) {
        if (one_in(2)) {
            text += join(' ', pick(verbs)[plural]);
            if (one_in(2)) text += join(' ', pick(places));
        } else {
            text += join(' ', pick(verbs_with_object)[plural], ' ');
            noun_phrase(text, 1);
        }
    }

    Dice dice_;
};

}  // namespace

std::string grammar_text(std::int64_t characters, std::uint64_t seed, Site site) {
    Call("grammar_text", site).check(characters >= 0, characters, " characters; allowed are 0 and more");
    Writer writer(seed);
    std::string text;
    while (static_cast<std::int64_t>(text.size()) < characters) writer.scene(text);
    text.resize(static_cast<std::size_t>(characters));
    return text;
}

}  // namespace vitrine::data
