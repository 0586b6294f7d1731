#include "progress.h"

#include <cstdio>
#include <iostream>

#include <unistd.h>

namespace {

bool is_terminal(const std::ostream& out) { return isatty(&out == &std::cerr ? STDERR_FILENO : STDOUT_FILENO) != 0; }

constexpr const char* clear_line = "\r\033[K";

}  // namespace

std::string clock_time(double seconds) {
    const auto s = static_cast<long long>(seconds + 0.5);
    char text[32];
    if (s >= 3600)
        std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
    else
        std::snprintf(text, sizeof text, "%lld:%02lld", s / 60, s % 60);
    return text;
}

Progress::Progress(std::ostream& out, std::int64_t total_steps, std::string unit)
    : out_(out), terminal_(is_terminal(out)), total_(total_steps), unit_(std::move(unit)) {}

void Progress::step(const std::string& label, double loss, std::int64_t units) {
    ++done_;
    units_ += units;
    const auto now = Clock::now();
    if (between(shown_, now) < (terminal_ ? 0.1 : 10.0)) return;
    shown_ = now;
    const double left = between(start_, now) / static_cast<double>(done_) * static_cast<double>(total_ - done_);
    const double percent = 100.0 * static_cast<double>(done_) / static_cast<double>(total_);
    char text[160];
    std::snprintf(text, sizeof text, "%s  %3.0f%%  loss %.4g  %.0f %s/s  ETA %s", label.c_str(), percent, loss,
                  per_second(), unit_.c_str(), clock_time(left).c_str());
    if (terminal_)
        out_ << clear_line << text << std::flush;
    else
        out_ << text << std::endl;
}

void Progress::note(std::ostream& out, const std::string& text) {
    if (is_terminal(out)) out << clear_line << text << std::flush;
}

void Progress::line(const std::string& text) { out_ << (terminal_ ? clear_line : "") << text << std::endl; }

double Progress::seconds() const { return between(start_, Clock::now()); }

double Progress::per_second() const { return static_cast<double>(units_) / seconds(); }
