#include "rewrite.h"

#include <algorithm>

#include "edits.h"

namespace vitrine::kernels::simt::command {

namespace {

using Tokens = std::vector<Token>;

bool opens(const Token& t) { return t.is("(") || t.is("[") || t.is("{"); }
bool closes(const Token& t) { return t.is(")") || t.is("]") || t.is("}"); }

/// Index of the `<` of the template arguments that end at `close`; no_token if it is no such thing.
std::size_t opening_angle(const Tokens& tokens, std::size_t close) {
    int depth = 0;
    for (std::size_t i = close + 1; i-- > 0;) {
        if (closes(tokens[i])) {
            i = opening(tokens, i);
            if (i == no_token) return i;
        } else if (tokens[i].is(">") && !(i > 0 && tokens[i - 1].is("-"))) {
            ++depth;
        } else if (tokens[i].is("<") && --depth == 0) {
            return i;
        } else if (tokens[i].is(";") || tokens[i].is("{")) {
            return no_token;
        }
    }
    return no_token;
}

int arguments_between(const Tokens& tokens, std::size_t open, std::size_t close) {
    int depth = 0, commas = 0;
    for (std::size_t i = open; i < close; ++i) {
        if (opens(tokens[i])) i = closing(tokens, i);
        if (i >= close) break;
        if (tokens[i].is("<")) ++depth;
        if (tokens[i].is(">")) --depth;
        if (tokens[i].is(",") && depth == 1) ++commas;
    }
    return close == open + 1 ? 0 : commas + 1;
}

/// What stands before `<<<`: the kernel.
struct Kernel {
    std::size_t begin = no_token;  ///< index of its first token; no_token: there is none
    std::string name;              ///< without namespaces and template arguments; "" if it has none
    int template_arguments = 0;
};

/// Goes back from `last` over `name`, `name<...>`, `name[...]`, `(...)`.
std::size_t begin_of_operand(const Tokens& tokens, std::size_t last, Kernel* kernel) {
    std::size_t at = last;
    if (tokens[at].is(">")) {
        const std::size_t open = opening_angle(tokens, at);
        if (open == no_token || open == 0) return no_token;
        if (kernel) kernel->template_arguments = arguments_between(tokens, open, at);
        at = open - 1;
    }
    while (tokens[at].is(")") || tokens[at].is("]")) {
        at = opening(tokens, at);
        if (at == no_token || at == 0) return at;
        if (tokens[at - 1].kind != Token::name && !tokens[at - 1].is("]")) return at;
        --at;
        kernel = nullptr;  // it is computed
    }
    if (tokens[at].kind != Token::name) return no_token;
    if (kernel) kernel->name = tokens[at].spelling;
    return at;
}

Kernel kernel_before(const Tokens& tokens, std::size_t chevron) {
    Kernel kernel;
    if (chevron == 0) return kernel;
    std::size_t at = begin_of_operand(tokens, chevron - 1, &kernel);
    while (at != no_token && at > 0) {
        kernel.begin = at;
        if (tokens[at - 1].is("template") || tokens[at - 1].is(".") ||
            (tokens[at - 1].is(">") && at > 1 && tokens[at - 2].is("-"))) {
            const std::size_t before = at - (tokens[at - 1].is(">") ? 2 : 1);
            at = tokens[at - 1].is("template") ? before
                 : before == 0                 ? no_token
                                               : begin_of_operand(tokens, before - 1, nullptr);
        } else if (at > 1 && tokens[at - 1].is(":") && tokens[at - 2].is(":")) {
            kernel.begin = at = at - 2;
            const bool qualified = at > 0 && (tokens[at - 1].kind == Token::name ||
                                              tokens[at - 1].is(">")) && !tokens[at - 1].is("return");
            if (!qualified) break;
            at = begin_of_operand(tokens, at - 1, nullptr);
        } else {
            break;
        }
    }
    if (at == 0) kernel.begin = 0;
    return kernel;
}

/// Of a launch that begins at `chevron`. One that is written `<< <` ends in `>> >`.
std::size_t closing_chevron(const Tokens& tokens, std::size_t chevron) {
    const bool spaced = tokens[chevron + 1].end != tokens[chevron + 2].begin;
    for (std::size_t i = chevron + 3; i < tokens.size(); ++i) {
        if (opens(tokens[i])) i = closing(tokens, i);
        if (is_chevron(tokens, i, ">", spaced)) return i;
        if (i < tokens.size() && (tokens[i].is(";") || tokens[i].is("}"))) break;
    }
    return no_token;
}

class Rewriter {
public:
    Rewriter(std::string_view source, const Tokens& tokens, const Kernels& kernels,
             const Include& include)
        : tokens_(tokens),
          kernels_(kernels),
          include_(include),
          at_namespace_scope_(at_namespace_scope(tokens)),
          edits_(source) {}

    std::string run() {
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            const Token& t = tokens_[i];
            if (t.kind == Token::include)
                include(t);
            else if (is_chevron(tokens_, i, "<", true))
                launch(i);
            else if (t.is("__shared__"))
                shared(i);
            else if (t.is("cudaLaunchKernel") || t.is("cudaLaunchCooperativeKernel"))
                keep_kernel_type(i + 1);
            else if (t.is("__noinline__") && !(i > 0 && tokens_[i - 1].is("(")))
                replace(i, "__attribute__((noinline))");
        }
        return edits_.result();
    }

private:
    void replace(std::size_t i, std::string text) {
        edits_.replace(tokens_[i].begin, tokens_[i].end, std::move(text));
    }

    void include(const Token& t) {
        const std::string target = include_(t.spelling);
        if (!target.empty()) edits_.replace(t.begin, t.end, target);
    }

    void launch(std::size_t chevron) {
        const Kernel kernel = kernel_before(tokens_, chevron);
        const std::size_t close = closing_chevron(tokens_, chevron);
        if (kernel.begin == no_token || close == no_token) return;
        // In a macro the kernel may be the macro's parameter.
        const bool typed = !tokens_[chevron].in_directive &&
                           (kernel.name.empty() ||
                            kernels_.is_one_function(kernel.name, kernel.template_arguments));
        edits_.insert(tokens_[kernel.begin].begin,
                      std::string("::vitrine_cuda::launch(") +
                          (typed ? "VITRINE_SIMT_KERNEL(" : "VITRINE_SIMT_DEDUCED("));
        edits_.replace(tokens_[chevron].begin, tokens_[chevron + 2].end, "), ");
        edits_.replace(tokens_[close].begin, tokens_[close + 2].end, ")");
    }

    void shared(std::size_t at) {
        const std::size_t begin = statement_begin(tokens_, at);
        std::size_t end = at;
        bool is_extern = false;
        while (end < tokens_.size() && !tokens_[end].is(";")) ++end;
        for (std::size_t i = begin; i < end; ++i) {
            is_extern = is_extern || tokens_[i].is("extern");
            if (tokens_[i].is("static") && i < at) replace(i, "");  // __shared__ says it already
        }
        if (is_extern) dynamic_shared(begin, end);
    }

    void dynamic_shared(std::size_t begin, std::size_t end) {
        std::size_t name = no_token, type = no_token;
        for (std::size_t i = begin; i < end; ++i) {
            const Token& t = tokens_[i];
            if (t.is("extern") || t.is("__shared__")) {
                replace(i, "");
            } else if ((t.is("__align__") || t.is("__attribute__") || t.is("alignas")) &&
                       tokens_[i + 1].is("(")) {
                const std::size_t close = std::min(closing(tokens_, i + 1), end - 1);
                edits_.replace(t.begin, tokens_[close].end, "");
                i = close;
            } else {
                if (type == no_token) type = i;
                if (t.is("[") && tokens_[i + 1].is("]") && i > begin) name = i - 1;
                if (name != no_token && (i + 1 == end || tokens_[i + 1].is(","))) {
                    array(type, name, i);
                    name = no_token;
                }
            }
        }
    }

    /// `float s[][4]` between the tokens `type` and `last`.
    void array(std::size_t type, std::size_t name, std::size_t last) {
        const std::string word(tokens_[name].spelling);
        edits_.replace(tokens_[name + 1].begin, tokens_[name + 2].end, "");
        if (at_namespace_scope_[name]) {
            edits_.insert(tokens_[type].begin, "static constexpr ::vitrine_cuda::SharedMemory<");
            replace(name, "");
            edits_.insert(tokens_[last].end, "> " + word + "{}");
        } else {
            replace(name, "(*const " + word + ")");
            edits_.insert(tokens_[last].end, " = ::vitrine_cuda::shared_memory()");
        }
    }

    /// cudaLaunchKernel((void*)kernel, ...) without the cast, and with the kernel's name: its
    /// parameters are needed.
    void keep_kernel_type(std::size_t open) {
        if (open + 2 >= tokens_.size() || !tokens_[open].is("(")) return;
        const std::size_t begin = open + 1, comma = end_of_argument(begin);
        if (comma == no_token) return;
        edits_.insert(tokens_[begin].begin, "VITRINE_SIMT_KERNEL(");
        if (tokens_[begin].is("reinterpret_cast") || tokens_[begin].is("static_cast")) {
            std::size_t end = begin;
            while (end < comma && !tokens_[end].is(">")) ++end;
            edits_.replace(tokens_[begin].begin, tokens_[end].end, "");
        } else if (tokens_[begin].is("(")) {
            const std::size_t close = closing(tokens_, begin);
            bool is_cast = close < tokens_.size() && tokens_[close - 1].is("*");
            for (std::size_t i = begin + 1; is_cast && i < close; ++i)
                is_cast = tokens_[i].is("const") || tokens_[i].is("void") || tokens_[i].is("*");
            if (is_cast) edits_.replace(tokens_[begin].begin, tokens_[close].end, "");
        }
        edits_.insert(tokens_[comma].begin, ")");
    }

    /// Index of the comma behind the argument at `begin`; no_token if it is the last one.
    std::size_t end_of_argument(std::size_t begin) const {
        int angles = 0;
        for (std::size_t i = begin; i < tokens_.size(); ++i) {
            if (closes(tokens_[i])) return no_token;
            if (opens(tokens_[i])) i = closing(tokens_, i);
            if (i >= tokens_.size()) return no_token;
            if (tokens_[i].is("<")) ++angles;
            if (tokens_[i].is(">")) --angles;
            if (tokens_[i].is(",") && angles == 0) return i;
        }
        return no_token;
    }

    const Tokens& tokens_;
    const Kernels& kernels_;
    const Include& include_;
    const std::vector<bool> at_namespace_scope_;
    Edits edits_;
};

}  // namespace

bool is_chevron(const Tokens& tokens, std::size_t at, std::string_view angle, bool spaced) {
    if (at + 2 >= tokens.size() || !tokens[at].is(angle) || !tokens[at + 1].is(angle) ||
        !tokens[at + 2].is(angle))
        return false;
    return tokens[at].end == tokens[at + 1].begin &&
           (spaced || tokens[at + 1].end == tokens[at + 2].begin) && !(at > 0 && tokens[at - 1].is("operator"));
}

std::vector<bool> at_namespace_scope(const Tokens& tokens) {
    std::vector<bool> result(tokens.size()), scopes;         // scopes: whether each is a namespace
    std::vector<std::vector<bool>> at_if;                    // as they were before each #if
    const auto is_namespace = [&](std::size_t brace) {
        for (std::size_t i = statement_begin(tokens, brace); i < brace; ++i)
            if (tokens[i].is("namespace") ||
                (tokens[i].is("extern") && tokens[i + 1].kind == Token::text))
                return true;
        return false;
    };
    int others = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const Token& t = tokens[i];
        if (t.kind == Token::directive) {
            // Both branches begin in the same scope.
            if (t.spelling.starts_with("if")) at_if.push_back(scopes);
            if (t.spelling.starts_with("el") && !at_if.empty()) scopes = at_if.back();
            if (t.is("endif") && !at_if.empty()) at_if.pop_back();
            others = static_cast<int>(std::count(scopes.begin(), scopes.end(), false));
        } else if (!t.in_directive && t.is("{")) {
            scopes.push_back(is_namespace(i));
            others += !scopes.back();
        } else if (!t.in_directive && t.is("}") && !scopes.empty()) {
            others -= !scopes.back();
            scopes.pop_back();
        }
        result[i] = others == 0;
    }
    return result;
}

std::string rewrite(std::string_view source, const Tokens& tokens, const Kernels& kernels,
                    const Include& include) {
    return Rewriter(source, tokens, kernels, include).run();
}

}  // namespace vitrine::kernels::simt::command
