#include "tokens.h"

#include <algorithm>
#include <utility>

namespace vitrine::kernels::simt::command {

namespace {

bool starts_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || (c & 0x80);
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool in_name(char c) { return starts_name(c) || is_digit(c); }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }

class Reader {
public:
    explicit Reader(std::string_view source) : source_(source) {}

    std::vector<Token> read() {
        while (at_ < source_.size()) read_one();
        return std::move(tokens_);
    }

private:
    char peek(std::size_t ahead = 0) const {
        return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
    }

    void read_one() {
        const char c = peek();
        if (c == '\n') {
            ++line_;
            ++at_;
            in_directive_ = false;
            line_is_empty_ = true;
        } else if (is_space(c)) {
            ++at_;
        } else if (const std::size_t length = continued_line()) {
            ++line_;
            at_ += length;
        } else if (c == '/' && peek(1) == '/') {
            skip_line_comment();
        } else if (c == '/' && peek(1) == '*') {
            skip_block_comment();
        } else if (c == '#' && line_is_empty_) {
            read_directive();
        } else {
            line_is_empty_ = false;
            read_token();
        }
    }

    /// Length of a backslash at the end of a line, with that end; 0 if there is none here.
    std::size_t continued_line() const {
        if (peek() != '\\') return 0;
        if (peek(1) == '\n') return 2;
        return peek(1) == '\r' && peek(2) == '\n' ? 3 : 0;
    }

    void skip_line_comment() {
        while (at_ < source_.size() && peek() != '\n') {
            if (const std::size_t length = continued_line()) {
                ++line_;
                at_ += length;
            } else {
                ++at_;
            }
        }
    }

    void skip_block_comment() {
        at_ += 2;
        while (at_ < source_.size() && !(peek() == '*' && peek(1) == '/'))
            if (source_[at_++] == '\n') ++line_;
        at_ = std::min(at_ + 2, source_.size());
    }

    void read_directive() {
        const std::size_t begin = at_++;
        while (is_space(peek())) ++at_;
        const std::size_t word = at_;
        while (in_name(peek())) ++at_;
        in_directive_ = true;
        line_is_empty_ = false;
        const std::string_view which = source_.substr(word, at_ - word);
        add(Token::directive, begin);
        tokens_.back().spelling = which;
        if (which == "include") read_include_name();
    }

    void read_include_name() {
        while (is_space(peek())) ++at_;
        const char close = peek() == '<' ? '>' : peek() == '"' ? '"' : '\0';
        if (!close) return;  // a macro
        const std::size_t begin = at_++;
        while (at_ < source_.size() && peek() != close && peek() != '\n') ++at_;
        if (peek() == close) ++at_;
        add(Token::include, begin);
    }

    void read_token() {
        const std::size_t begin = at_;
        if (const std::size_t prefix = prefix_of_text()) {
            const bool raw = prefix > 1 && source_[at_ + prefix - 2] == 'R';
            at_ += prefix - 1;
            raw ? skip_raw_text() : skip_text(peek());
            add(Token::text, begin);
        } else if (starts_name(peek())) {
            while (in_name(peek())) ++at_;
            add(Token::name, begin);
        } else if (is_digit(peek()) || (peek() == '.' && is_digit(peek(1)))) {
            skip_number();
            add(Token::number, begin);
        } else {
            ++at_;
            add(Token::punctuation, begin);
        }
    }

    /// Length of what begins a string or character here, with its quote; 0 if none does.
    std::size_t prefix_of_text() const {
        for (const std::string_view prefix : {"", "L", "u", "U", "u8", "R", "LR", "uR", "UR", "u8R"})
            if (source_.substr(at_, prefix.size()) == prefix) {
                const char quote = peek(prefix.size());
                const bool raw = prefix.ends_with('R');
                if (quote == '"' || (quote == '\'' && !raw)) return prefix.size() + 1;
            }
        return 0;
    }

    void skip_text(char quote) {
        ++at_;
        while (at_ < source_.size() && peek() != quote && peek() != '\n') {
            if (peek() == '\\') {
                if (peek(1) == '\n') ++line_;
                ++at_;
            }
            ++at_;
        }
        if (peek() == quote) ++at_;
        at_ = std::min(at_, source_.size());
    }

    void skip_raw_text() {
        const std::size_t open = source_.find('(', at_);
        if (open == source_.npos) return void(at_ = source_.size());
        const std::string close =
            ")" + std::string(source_.substr(at_ + 1, open - at_ - 1)) + "\"";
        const std::size_t end = source_.find(close, open);
        const std::size_t after = end == source_.npos ? source_.size() : end + close.size();
        for (; at_ < after; ++at_)
            if (peek() == '\n') ++line_;
    }

    void skip_number() {
        const bool hexadecimal = peek() == '0' && (peek(1) == 'x' || peek(1) == 'X');
        const char exponent = hexadecimal ? 'p' : 'e';
        const auto signs_exponent = [&] {
            return (peek() == '+' || peek() == '-') && (source_[at_ - 1] | 0x20) == exponent;
        };
        while (in_name(peek()) || peek() == '.' || (peek() == '\'' && in_name(peek(1))) ||
               signs_exponent())
            ++at_;
    }

    void add(Token::Kind kind, std::size_t begin) {
        tokens_.push_back(
            {kind, begin, at_, line_, in_directive_, source_.substr(begin, at_ - begin)});
        if (kind == Token::text)  // its lines are counted by now; it stands where it began
            for (std::size_t i = begin; i < at_; ++i) tokens_.back().line -= source_[i] == '\n';
    }

    std::string_view source_;
    std::size_t at_ = 0;
    int line_ = 1;
    bool in_directive_ = false, line_is_empty_ = true;
    std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view source) { return Reader(source).read(); }

}  // namespace vitrine::kernels::simt::command
