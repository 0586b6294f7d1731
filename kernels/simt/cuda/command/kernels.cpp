#include "kernels.h"

#include <algorithm>

#include "rewrite.h"

namespace vitrine::kernels::simt::command {

namespace {

bool opens(const Token& t) { return t.is("(") || t.is("[") || t.is("{"); }
bool closes(const Token& t) { return t.is(")") || t.is("]") || t.is("}"); }

bool is_attribute(const Token& t) {
    return t.is("__launch_bounds__") || t.is("__attribute__") || t.is("__align__") ||
           t.is("__cluster_dims__") || t.is("alignas");
}

/// Template parameters in the `template <...>` at `at`; -1 if there is none.
int template_parameters(const std::vector<Token>& tokens, std::size_t at, bool& has_pack) {
    if (at + 1 >= tokens.size() || !tokens[at].is("template") || !tokens[at + 1].is("<")) return -1;
    int depth = 0, commas = 0;
    for (std::size_t i = at + 1; i < tokens.size(); ++i) {
        if (opens(tokens[i])) i = closing(tokens, i);
        if (i >= tokens.size()) break;
        if (tokens[i].is("<")) ++depth;
        if (tokens[i].is(">") && --depth == 0) return i == at + 2 ? 0 : commas + 1;
        if (tokens[i].is(",") && depth == 1) ++commas;
        if (tokens[i].is(".")) has_pack = true;
    }
    return -1;
}

/// Index of the name of the function that is declared from `at` on; no_token if there is none.
std::size_t function_name(const std::vector<Token>& tokens, std::size_t at) {
    for (std::size_t i = at; i + 1 < tokens.size(); ++i) {
        if (is_attribute(tokens[i]) && tokens[i + 1].is("("))
            i = closing(tokens, i + 1);
        else if (tokens[i].is(";") || tokens[i].is("{") || tokens[i].is("="))
            return no_token;
        else if (tokens[i].kind == Token::name && tokens[i + 1].is("("))
            return i;
    }
    return no_token;
}

/// The types of the parameters in (open, close), without their names: a kernel may be declared with
/// others than it is defined with.
std::string parameter_types(const std::vector<Token>& tokens, std::size_t open, std::size_t close) {
    std::string types;
    std::size_t words = 0;  // of this parameter
    int angles = 0;
    for (std::size_t i = open + 1; i < close; ++i) {
        const Token& t = tokens[i];
        if (t.is("<")) ++angles;
        if (t.is(">")) --angles;
        const bool ends_one = i + 1 == close || (tokens[i + 1].is(",") && angles == 0);
        const bool is_name = t.kind == Token::name && ends_one && words > 0;
        if (!is_name) (types += t.spelling) += ' ';
        words = t.is(",") && angles == 0 ? 0 : words + 1;
    }
    return types;
}

}  // namespace

std::size_t closing(const std::vector<Token>& tokens, std::size_t open) {
    int depth = 0;
    for (std::size_t i = open; i < tokens.size(); ++i) {
        if (opens(tokens[i])) ++depth;
        if (closes(tokens[i]) && --depth == 0) return i;
    }
    return tokens.size();
}

std::size_t opening(const std::vector<Token>& tokens, std::size_t close) {
    int depth = 0;
    for (std::size_t i = close + 1; i-- > 0;) {
        if (closes(tokens[i])) ++depth;
        if (opens(tokens[i]) && --depth == 0) return i;
    }
    return no_token;
}

std::size_t statement_begin(const std::vector<Token>& tokens, std::size_t at) {
    const auto ends_one = [&](const Token& t) {
        return t.is(";") || t.is("{") || t.is("}") || t.in_directive != tokens[at].in_directive;
    };
    while (at > 0 && !ends_one(tokens[at - 1])) --at;
    return at;
}

void Kernels::add_from(const std::vector<Token>& tokens) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (!tokens[i].is("__global__") || tokens[i].in_directive) continue;
        const std::size_t name = function_name(tokens, i + 1);
        if (name == no_token) continue;
        KernelShape shape;
        const int count =
            template_parameters(tokens, statement_begin(tokens, i), shape.has_pack);
        if (count == 0) continue;  // template <>: of a kernel that is known
        shape.template_parameters = count < 0 ? 0 : count;
        const std::size_t close = closing(tokens, name + 1);
        shape.parameters = parameter_types(tokens, name + 1, close);
        for (std::size_t p = name + 2; p < close; ++p)  // a call may leave some arguments out
            shape.has_defaults = shape.has_defaults || tokens[p].is("=");
        const auto [known, is_new] = by_name_.try_emplace(std::string(tokens[name].spelling), shape);
        KernelShape& before = known->second;
        if (!is_new && before.parameters != shape.parameters) before.overloaded = true;
        before.has_defaults = before.has_defaults || shape.has_defaults;
    }
    add_other_functions(tokens);
}

void Kernels::add_other_functions(const std::vector<Token>& tokens) {
    const std::vector<bool> outside = at_namespace_scope(tokens);
    for (std::size_t i = 1; i + 1 < tokens.size(); ++i) {
        if (!outside[i] || tokens[i].kind != Token::name || !tokens[i + 1].is("(")) continue;
        const Token& before = tokens[i - 1];
        const bool has_type = before.kind == Token::name || before.is("*") || before.is("&") ||
                              before.is(">");
        if (!has_type || tokens[i].in_directive) continue;
        const bool is_kernel =
            std::any_of(tokens.begin() + static_cast<std::ptrdiff_t>(statement_begin(tokens, i)),
                        tokens.begin() + static_cast<std::ptrdiff_t>(i),
                        [](const Token& t) { return t.is("__global__"); });
        if (!is_kernel) others_.emplace(tokens[i].spelling);
    }
}

bool Kernels::is_one_function(const std::string& name, int template_arguments) const {
    const auto at = by_name_.find(name);
    // A variable that holds a kernel, or a macro. With template arguments it is some template.
    if (at == by_name_.end()) return template_arguments == 0;
    const KernelShape& shape = at->second;
    const bool is_plain = !shape.overloaded && !shape.has_pack && !shape.has_defaults;
    return is_plain && !others_.contains(name) &&
           shape.template_parameters == template_arguments;
}

}  // namespace vitrine::kernels::simt::command
