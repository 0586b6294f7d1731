#include "options.h"

#include <charconv>
#include <cstdlib>
#include <string_view>

#include "vitrine/kernels/base/error.h"

namespace vitrine::kernels::simt {

namespace {

std::string_view environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

/// Whether all of `text` is a number, which then is in `number`.
template <class T>
bool parse(std::string_view text, T& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

void read_order(Options& options) {
    std::string_view value = environment("VITRINE_SIMT_ORDER");
    if (value.empty() || value == "forward") return;
    if (value == "reverse") {
        options.order = Order::reverse;
        return;
    }
    constexpr std::string_view seeded = "random:";
    const bool has_seed = value.substr(0, seeded.size()) == seeded;
    VITRINE_CHECK(value == "random" || (has_seed && parse(value.substr(seeded.size()), options.seed)),
                  "VITRINE_SIMT_ORDER is ", value, "; allowed are forward, reverse, random and random:SEED");
    options.order = Order::random;
}

void read_workers(Options& options) {
    const std::string_view value = environment("VITRINE_SIMT_WORKERS");
    VITRINE_CHECK(value.empty() || (parse(value, options.workers) && options.workers >= 1), "VITRINE_SIMT_WORKERS is ",
                  value, "; allowed are whole numbers from 1");
}

constexpr struct {
    std::string_view name;
    SwitchKind kind;
    bool available;
} switches[] = {
    {"assembly", SwitchKind::assembly, VITRINE_SIMT_ASSEMBLY},
    {"ucontext", SwitchKind::ucontext, true},
    {"threads", SwitchKind::os_threads, VITRINE_SIMT_ONE_WORKER},
};

void read_switch(Options& options) {
    const std::string_view value = environment("VITRINE_SIMT_SWITCH");
    if (value.empty()) return;
    std::string allowed;
    for (const auto& [name, kind, available] : switches) {
        if (available) (allowed += allowed.empty() ? "" : ", ") += name;
        if (value != name || !available) continue;
        options.switch_kind = kind;
        return;
    }
    throw Error(join("VITRINE_SIMT_SWITCH is ", value, "; allowed in this build are ", allowed,
                     value == "threads" ? " (threads: where kernels run on one OS thread, preset learn)" : ""));
}

void read_timeout(Options& options) {
    const std::string_view value = environment("VITRINE_SIMT_TIMEOUT");
    VITRINE_CHECK(value.empty() || (parse(value, options.timeout) && options.timeout >= 0), "VITRINE_SIMT_TIMEOUT is ",
                  value, "; allowed are seconds from 0 (0: no end)");
}

}  // namespace

Options options_from_environment() {
    Options options;
    read_order(options);
    read_workers(options);
    read_switch(options);
    read_timeout(options);
    return options;
}

Options& options() {
    static Options current = options_from_environment();
    return current;
}

}  // namespace vitrine::kernels::simt
