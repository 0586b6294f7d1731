#include "report.h"

#include <cstring>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <string_view>

namespace vitrine::kernels::simt::command {

namespace {

std::string json(std::string_view text) {
    std::ostringstream out;
    out << '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') out << '\\' << c;
        else if (c == '\n') out << "\\n";
        else if (static_cast<unsigned char>(c) < 0x20)
            out << "\\u" << std::hex << std::setw(4) << std::setfill('0') << int(c) << std::dec;
        else out << c;
    }
    out << '"';
    return out.str();
}

std::string json(const std::vector<std::string>& texts) {
    std::string all = "[";
    for (const std::string& text : texts) all += (all.size() > 1 ? ", " : "") + json(text);
    return all + "]";
}

std::string counted(long number, const std::string& what) {
    return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

std::string how_it_ended(const Ended& ended) {
    std::ostringstream out;
    if (ended.timed_out) out << "the program was ended";
    else if (ended.signal) out << "the program was ended by signal " << strsignal(ended.signal);
    else out << "the program returned " << ended.exit_code;
    return out.str();
}

void indent(std::ostream& out, const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) out << "   " << line << '\n';
}

}  // namespace

void add_end(Report& report) {
    Finding end;
    if (report.ended.timed_out) {
        end.kind = "timeout";
        end.text = "the program did not end in time (--timeout)";
    } else if (report.ended.signal) {
        end.kind = "crash";
        end.text = how_it_ended(report.ended);
    } else {
        return;
    }
    report.findings.all.push_back(end);
}

void print_text(std::ostream& out, const Report& report) {
    const auto& all = report.findings.all;
    int number = 0;
    for (const Finding& f : all) {
        out << '\n' << ++number << ". " << f.kind << '\n';
        indent(out, f.text);
        if (f.line) out << "   " << (f.kernel.empty() ? "called" : "launched") << " at " << f.file << ':' << f.line;
        if (f.line && f.count > 1) out << ", " << counted(f.count, "time");
        if (f.line) out << '\n';
    }
    out << (all.empty() ? "" : "\n") << "simt-check: " << report.program << ": "
        << (all.empty() ? "nothing found" : counted(static_cast<long>(all.size()), "finding"));
    if (report.findings.complete) out << " in " << report.findings.launches << (report.findings.launches == 1 ? " launch" : " launches");
    out << "; " << how_it_ended(report.ended) << std::fixed << std::setprecision(1)
        << " (compiled in " << report.compile_seconds << " s, ran " << report.ended.seconds << " s)\n";
}

void print_json(std::ostream& out, const Report& report) {
    out << "{\n  \"program\": " << json(report.program) << ",\n  \"compiled\": true,\n  \"findings\": [";
    bool first = true;
    for (const Finding& f : report.findings.all) {
        out << (first ? "\n" : ",\n") << "    {\"kind\": " << json(f.kind) << ", \"kernel\": " << json(f.kernel)
            << ",\n     \"places\": " << json(places_in(f.text)) << ",\n     \"file\": " << json(f.file)
            << ", \"line\": " << f.line << ", \"count\": " << f.count
            << ",\n     \"text\": " << json(f.text) << "}";
        first = false;
    }
    const Ended& ended = report.ended;
    out << (first ? "],\n" : "\n  ],\n") << "  \"launches\": ";
    report.findings.complete ? out << report.findings.launches : out << "null";
    out << ",\n  \"exit_code\": ";
    ended.signal ? out << "null" : out << ended.exit_code;
    out << ",\n  \"signal\": " << ended.signal << ",\n  \"timed_out\": " << (ended.timed_out ? "true" : "false")
        << ",\n  \"compile_seconds\": " << report.compile_seconds << ",\n  \"run_seconds\": " << ended.seconds
        << "\n}\n";
}

void print_failure(std::ostream& out, const std::string& program, bool as_json,
                   const std::vector<std::string>& unsupported, const std::string& output) {
    if (as_json) {
        out << "{\n  \"program\": " << json(program) << ",\n  \"compiled\": false,\n  \"unsupported\": "
            << json(unsupported) << ",\n  \"compiler\": " << json(output) << "\n}\n";
        return;
    }
    out << "simt-check: " << program << " does not compile for the emulator\n";
    for (const std::string& one : unsupported) out << "  " << one << ": not supported\n";
    // What else the compiler says most often follows from these.
    const int most_lines = unsupported.empty() ? 12 : 3;
    std::istringstream lines(output);
    int shown = 0;
    for (std::string line; std::getline(lines, line);) {
        const bool says_why = line.find("error") != line.npos || line.find("undefined") != line.npos;
        if (says_why && ++shown <= most_lines) out << line << '\n';
    }
    if (shown > most_lines) out << "... " << shown - most_lines << " more errors\n";
}

}  // namespace vitrine::kernels::simt::command
