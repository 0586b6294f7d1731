// The profile as a table and as JSON.
#include <algorithm>
#include <cstdarg>
#include <cstdio>

#include "occupancy.h"
#include "profile.h"

namespace vitrine::kernels::simt {

namespace {

[[gnu::format(printf, 1, 2)]] std::string text(const char* format, ...) {
    char buffer[512];
    std::va_list values;
    va_start(values, format);
    std::vsnprintf(buffer, sizeof buffer, format, values);
    va_end(values);
    return buffer;
}

double each(std::uint64_t sum, const ProfileLine& line) {
    return line.requests ? static_cast<double>(sum) / static_cast<double>(line.requests) : 0;
}

unsigned long long number(std::uint64_t value) { return value; }

std::string table_of(const ProfileKernel& k) {
    std::string table = k.name;  // which may be longer than a line
    table += text(": %llu launches, %llu blocks of %u threads, %llu barriers, %zu bytes of shared memory\n",
                  number(k.launches), number(k.blocks), k.block_threads, number(k.barriers), k.shared_bytes);
    for (const Multiprocessor& m : multiprocessors) {
        const Occupancy o = occupancy(m, k.block_threads, k.shared_bytes);
        table += text("  %s: at most %u blocks, %u of %u threads; the limit is %s\n", m.name, o.blocks, o.threads,
                      m.threads, o.limit);
    }
    std::size_t width = 4;
    for (const ProfileLine& line : k.lines) width = std::max(width, line.place.size());
    for (const ProfileBranch& branch : k.branches) width = std::max(width, branch.place.size());
    table += text("  %-*s  %-13s %9s %7s %7s %6s\n", static_cast<int>(width), "line", "access", "requests",
                  "cost", "ideal", "lanes");
    for (const ProfileLine& line : k.lines)
        table += text("  %-*s  %-6s %-6s %9llu %7.2f %7.2f %6.1f\n", static_cast<int>(width), line.place.c_str(),
                      line.access, line.memory, number(line.requests), each(line.cost, line),
                      each(line.ideal, line), each(line.lanes, line));
    if (!k.branches.empty())
        table += text("  %-*s  %-13s %9s %7s %7s %6s\n", static_cast<int>(width), "line", "warps apart", "times",
                      "in part", "idle", "lanes");
    for (const ProfileBranch& branch : k.branches)
        table += text("  %-*s  %-13s %9llu %7llu %7llu %6.1f\n", static_cast<int>(width), branch.place.c_str(), "",
                      number(branch.times), number(branch.in_part), number(branch.idle),
                      static_cast<double>(branch.lanes) / static_cast<double>(branch.times));
    return table;
}

std::string quoted(const std::string& plain) {
    std::string json = "\"";
    for (const char c : plain) {
        if (c == '"' || c == '\\') json += '\\';
        json += c;
    }
    return json + '"';
}

std::string json_of(const ProfileKernel& k) {
    std::string json = "  {\"kernel\": " + quoted(k.name);
    json +=
        text(", \"launches\": %llu, \"blocks\": %llu, \"block_threads\": %u, \"barriers\": %llu, \"shared_bytes\": %zu",
             number(k.launches), number(k.blocks), k.block_threads, number(k.barriers), k.shared_bytes);
    json += ",\n   \"occupancy\": [";
    for (const Multiprocessor& m : multiprocessors) {
        const Occupancy o = occupancy(m, k.block_threads, k.shared_bytes);
        json += text("%s{\"on\": \"%s\", \"blocks\": %u, \"threads\": %u, \"limit\": \"%s\"}",
                     &m == multiprocessors ? "" : ", ", m.name, o.blocks, o.threads, o.limit);
    }
    json += "],\n   \"lines\": [";
    for (std::size_t i = 0; i < k.lines.size(); ++i) {
        const ProfileLine& line = k.lines[i];
        json += (i ? ",\n    {\"line\": " : "\n    {\"line\": ") + quoted(line.place);
        json += text(
            ", \"access\": \"%s\", \"memory\": \"%s\", \"requests\": %llu, \"cost\": %llu, \"ideal\": %llu, \"lanes\": "
            "%llu}",
            line.access, line.memory, number(line.requests), number(line.cost), number(line.ideal), number(line.lanes));
    }
    json += "],\n   \"branches\": [";
    for (std::size_t i = 0; i < k.branches.size(); ++i) {
        const ProfileBranch& branch = k.branches[i];
        json += (i ? ",\n    {\"line\": " : "\n    {\"line\": ") + quoted(branch.place);
        json += text(", \"times\": %llu, \"in_part\": %llu, \"lanes\": %llu, \"idle\": %llu}", number(branch.times),
                     number(branch.in_part), number(branch.lanes), number(branch.idle));
    }
    return json + "]}";
}

}  // namespace

std::string profile_table(const std::vector<ProfileKernel>& kernels) {
    std::string table;
    for (const ProfileKernel& kernel : kernels) table += (table.empty() ? "" : "\n") + table_of(kernel);
    return table;
}

std::string profile_json(const std::vector<ProfileKernel>& kernels) {
    std::string json = "[\n";
    for (std::size_t i = 0; i < kernels.size(); ++i) json += (i ? ",\n" : "") + json_of(kernels[i]);
    return json + "\n]\n";
}

}  // namespace vitrine::kernels::simt
