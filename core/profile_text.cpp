// A profile as a table, as JSON, as Chrome's trace events.
#include <array>
#include <cstdio>
#include <unordered_map>

#include "profile_record.h"
#include "vitrine/kernels/base/error.h"

namespace vitrine {
namespace {

template <class... Args>
std::string format(const char* pattern, Args... args) {
    std::array<char, 512> text;
    std::snprintf(text.data(), text.size(), pattern, args...);
    return text.data();
}

const char* name_of(ProfileKind kind) {
    switch (kind) {
        case ProfileKind::op: return "op";
        case ProfileKind::backward: return "backward";
        case ProfileKind::module: return "module";
        case ProfileKind::region: return "region";
    }
    return "";
}

// ---- the table

int depth_of(const ProfileRow& row) {
    if (row.within.empty()) return 0;
    int depth = 1;
    for (const char c : row.within) depth += c == '/';
    return depth;
}

std::string line_of(const ProfileRow& row, double whole, const std::string& name) {
    const double calls = static_cast<double>(row.calls);
    const std::string head = format("%-40s %8llu %10.3f %5.1f %10.3f %10.2f", name.c_str(), static_cast<unsigned long long>(row.calls),
                                    1e3 * row.seconds, 100 * row.seconds / whole, 1e3 * row.self_seconds, 1e6 * row.seconds / calls);
    const std::string rates = row.bytes > 0 || row.flops > 0
                                  ? format(" %8.2f %8.1f", 1e-9 * row.bytes / row.seconds, 1e-9 * row.flops / row.seconds)
                                  : std::string(18, ' ');
    const std::string share = row.bound_seconds > 0 ? format(" %9.1f", 100 * row.roofline()) : std::string(10, ' ');
    const std::string memory = row.peak_bytes > 0 ? format(" %8.1f", 1e-6 * static_cast<double>(row.peak_bytes)) : "";
    std::string line = head + rates + share + memory;
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

std::string name_in_table(const ProfileRow& row) {
    std::string name = std::string(static_cast<std::size_t>(2 * depth_of(row)), ' ') + row.name;
    if (row.kind == ProfileKind::module && row.in_backward) name += " (backward)";
    return name;
}

const char* title_of(ProfileKind kind) {
    switch (kind) {
        case ProfileKind::op: return "ops";
        case ProfileKind::backward: return "backward of ops";
        case ProfileKind::module: return "modules";
        case ProfileKind::region: return "regions";
    }
    return "";
}

// ---- JSON

std::string in_quotes(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            result += {'\\', c};
        else if (static_cast<unsigned char>(c) < 0x20)
            result += format("\\u%04x", static_cast<unsigned>(c));
        else
            result += c;
    }
    return result + "\"";
}

const char* word(bool value) { return value ? "true" : "false"; }

std::string json_of(const ProfileRow& row) {
    return format("{\"kind\": \"%s\", \"name\": ", name_of(row.kind)) + in_quotes(row.name) + ", \"within\": " + in_quotes(row.within) +
           format(", \"in_backward\": %s, \"calls\": %llu, \"seconds\": %.9g, \"self_seconds\": %.9g, \"bytes\": %.17g, \"flops\": %.17g, "
                  "\"bound_seconds\": %.9g, \"roofline\": %.4g, \"peak_bytes\": %zu}",
                  word(row.in_backward), static_cast<unsigned long long>(row.calls), row.seconds, row.self_seconds, row.bytes, row.flops,
                  row.bound_seconds, row.roofline(), row.peak_bytes);
}

// Chrome's times are microseconds.
std::string json_of(const ProfileEvent& event, const ProfileRecord& record, const std::vector<ProfilePlace>& places) {
    const ProfilePlace& place = places[event.place];
    const ProfilePlace& module = places[event.module];
    std::string text = "{\"name\": " + in_quotes(place.name) +
                       format(", \"cat\": \"%s\", \"ph\": \"X\", \"pid\": 1, \"tid\": %d, \"ts\": %.3f, \"dur\": %.3f, \"args\": {",
                              name_of(place.kind), event.thread, 1e-3 * static_cast<double>(event.start_ns - record.start_ns),
                              1e-3 * static_cast<double>(event.ns));
    text += "\"line\": " + in_quotes(join(event.site)) + format(", \"bytes\": %.17g, \"flops\": %.17g", event.work.bytes, event.work.flops);
    if (event.module && place.kind != ProfileKind::module) text += ", \"module\": " + in_quotes(module.name);
    return text + "}}";
}

std::string memory_event(const ProfileEvent& event, const ProfileRecord& record) {
    return format("{\"name\": \"memory in use\", \"ph\": \"C\", \"pid\": 1, \"ts\": %.3f, \"args\": {\"bytes\": %zu}}",
                  1e-3 * static_cast<double>(event.start_ns + event.ns - record.start_ns), event.peak_bytes);
}

}  // namespace

std::string profile_table(const ProfileReport& report) {
    std::string text = format("profile: %.3f s, %d threads, at most %.1f MB of tensors at once\n", report.seconds, report.threads,
                              1e-6 * static_cast<double>(report.high_water));
    if (report.peak_flops > 0) text += format("the machine: %.0f GFLOP/s of f32\n", 1e-9 * report.peak_flops);
    const ProfileRow* last = nullptr;  // that was in no other
    for (const ProfileRow& row : report.rows) {
        const bool is_inside = !row.within.empty();
        if (!is_inside && (!last || last->kind != row.kind))
            text += format("\n%-40s %8s %10s %5s %10s %10s %8s %8s %9s %8s\n", title_of(row.kind), "calls", "ms", "%", "self ms", "us/call",
                           "GB/s", "GFLOP/s", "%roofline", "peak MB");
        text += line_of(row, report.seconds, name_in_table(row));
        if (!is_inside) last = &row;
    }
    return text;
}

std::string profile_json(const ProfileReport& report) {
    std::string text = format("{\"seconds\": %.9g, \"threads\": %d, \"high_water\": %zu, \"peak_flops\": %.6g, \"rows\": [", report.seconds,
                              report.threads, report.high_water, report.peak_flops);
    for (std::size_t i = 0; i < report.rows.size(); ++i) text += (i ? ",\n" : "\n") + json_of(report.rows[i]);
    return text + "\n]}\n";
}

std::string profile_trace(const ProfileRecord& record) {
    const std::lock_guard lock(profile_mutex());
    VITRINE_CHECK(record.options.trace, "profile: it kept no calls; give it {.trace = true}");
    const std::vector<ProfilePlace> places(profile_places().begin(), profile_places().end());
    std::string text = format("{\"displayTimeUnit\": \"ns\", \"otherData\": {\"left_out\": %llu}, \"traceEvents\": [\n",
                              static_cast<unsigned long long>(record.events_left_out));
    text += "{\"name\": \"process_name\", \"ph\": \"M\", \"pid\": 1, \"args\": {\"name\": \"vitrine\"}}";
    for (const ProfileEvent& event : record.events) {
        text += ",\n" + json_of(event, record, places);
        if (event.peak_bytes) text += ",\n" + memory_event(event, record);
    }
    return text + "\n]}\n";
}

}  // namespace vitrine
