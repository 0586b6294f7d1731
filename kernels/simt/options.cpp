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
    VITRINE_CHECK(
        value == "random" || (has_seed && parse(value.substr(seeded.size()), options.seed)),
        "VITRINE_SIMT_ORDER is ", value, "; allowed are forward, reverse, random and random:SEED");
    options.order = Order::random;
}

void read_workers(Options& options) {
    const std::string_view value = environment("VITRINE_SIMT_WORKERS");
    VITRINE_CHECK(value.empty() || (parse(value, options.workers) && options.workers >= 1),
                  "VITRINE_SIMT_WORKERS is ", value, "; allowed are whole numbers from 1");
}

void read_switch(Options& options) {
    const std::string_view value = environment("VITRINE_SIMT_SWITCH");
    VITRINE_CHECK(value.empty() || value == "ucontext" ||
                      (value == "assembly" && fastest_switch == SwitchKind::assembly),
                  "VITRINE_SIMT_SWITCH is ", value, "; allowed are ",
                  fastest_switch == SwitchKind::assembly ? "assembly and ucontext" : "ucontext");
    if (value == "ucontext") options.switch_kind = SwitchKind::ucontext;
}

}  // namespace

Options options_from_environment() {
    Options options;
    read_order(options);
    read_workers(options);
    read_switch(options);
    return options;
}

Options& options() {
    static Options current = options_from_environment();
    return current;
}

}  // namespace vitrine::kernels::simt
