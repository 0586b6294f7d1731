#include "profile.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/base/kernel_name.h"
#include "vitrine/kernels/simt/runtime.h"

#include "branches.h"
#include "events.h"
#include "profile_cost.h"
#include "record.h"
#include "source_lines.h"

namespace vitrine::kernels::simt {

namespace {

struct Total {
    std::uint64_t requests = 0, cost = 0, ideal = 0, lanes = 0;
};

/// One instruction of one warp: its requests that some lanes have not come to yet.
struct Stream {
    std::uint32_t done[32] = {};  // by each lane, since the barrier
    std::uint32_t first = 0;      // the number of open.front()
    std::deque<Request> open;
    Total* total = nullptr;
    bool is_shared = false, is_atomic = false;
};

struct Kernel {
    ProfileKernel facts;
    // By place, kind and memory. A map: streams point into it.
    std::map<std::tuple<std::uint32_t, AccessKind, bool>, Total> totals;
    BranchTotals branches;
    std::set<const Array*> shared;
    std::size_t dynamic_shared = 0;
};

/// A thread's latest access. The compiler may load a float4 as four floats, one after the other: as
/// long as the next access follows behind this one in the same expression, the two are one.
struct Latest {
    Stream* stream = nullptr;  // nullptr: there is none
    unsigned thread = 0;
    std::uintptr_t address = 0;
    unsigned bytes = 0;
    const void* parts[4] = {};  // their instructions: a loop comes back to the same one
    unsigned count = 0;
};

std::deque<Kernel> kernels;
Kernel* kernel = nullptr;  // whose launch is under way
Latest latest;
Branches branches;  // since the barrier
std::unordered_map<std::uint64_t, Stream> streams;

void finish(Stream& stream, Request& request) {
    const RequestCost cost = stream.is_shared ? shared_cost(request, stream.is_atomic)
                                              : global_cost(request, stream.is_atomic);
    Total& total = *stream.total;
    ++total.requests;
    total.cost += cost.paid;
    total.ideal += cost.ideal;
    total.lanes += static_cast<unsigned>(__builtin_popcount(request.lanes));
    request.lanes = 0;  // counted
}

unsigned lanes_of(unsigned warp) {
    const unsigned left = kernel->facts.block_threads - warp * 32;
    return left >= 32 ? 0xffffffffu : (1u << left) - 1;
}

void add(Stream& stream, unsigned warp, unsigned lane, std::uintptr_t address, unsigned bytes) {
    const std::uint32_t number = stream.done[lane]++;
    while (stream.first + stream.open.size() <= number) stream.open.emplace_back();
    Request& request = stream.open[number - stream.first];
    request.address[lane] = address;
    request.bytes = bytes;
    request.lanes |= 1u << lane;
    if (request.lanes != lanes_of(warp)) return;
    finish(stream, request);
    while (!stream.open.empty() && stream.open.front().lanes == 0) {
        stream.open.pop_front();
        ++stream.first;
    }
}

void add_latest() {
    if (!latest.stream) return;
    const unsigned warp = latest.thread / 32, lane = latest.thread % 32;
    // A copied struct takes instructions of 16 bytes; a float3 three of 4.
    const unsigned step = latest.bytes == 12 ? 4 : 16;
    for (unsigned at = 0; at < latest.bytes; at += step)
        add(*latest.stream, warp, lane, latest.address + at, std::min(step, latest.bytes - at));
    latest.stream = nullptr;
}

bool goes_on(const Stream& stream, unsigned thread, std::uintptr_t address, const Access& access) {
    const unsigned bytes = latest.bytes + access.bytes;
    return &stream == latest.stream && thread == latest.thread && access.pc && latest.count < 4 &&
           address == latest.address + latest.bytes && bytes <= 16 &&
           latest.address % (bytes > 8 ? 16 : bytes > 4 ? 8 : 4) == 0 &&
           std::find(latest.parts, latest.parts + latest.count, access.pc) ==
               latest.parts + latest.count;
}

/// One number for all instructions of an expression.
std::uint32_t place_of_expression(const Access& access) {
    if (!access.pc) return check::place_of(access);
    static std::unordered_map<const void*, std::uint32_t> known;
    static std::map<std::tuple<std::string, int, int, std::string>, std::uint32_t> expressions;
    const auto found = known.find(access.pc);
    if (found != known.end()) return found->second;
    const SourceLine& line = source_line(access.pc);
    const auto own = check::place_of(access);
    const auto place =
        line.line == 0 ? own
                       : expressions.try_emplace({line.file, line.line, line.column, line.function}, own).first->second;
    return known[access.pc] = place;
}

/// No lane can come any more to what is open.
void finish_all() {
    add_latest();
    for (auto& [key, stream] : streams)
        for (Request& request : stream.open)
            if (request.lanes) finish(stream, request);
    streams.clear();
    branches.finish(kernel->facts.block_threads, kernel->branches);
}

/// Of each line the basic block with the most idle lanes: a check for overflow cuts a line into several.
std::vector<ProfileBranch> lines_of(const BranchTotals& totals) {
    std::map<std::string, ProfileBranch> lines;
    for (const auto& [pc, total] : totals) {
        const SourceLine& line = source_line(pc);
        if (total.in_part == 0 || line.line == 0 || line.is_emulator) continue;
        const std::string place = to_string(line);
        ProfileBranch& branch = lines[place];
        if (std::pair(total.idle, total.times) > std::pair(branch.idle, branch.times))
            branch = {place, total.times, total.in_part, total.lanes, total.idle};
    }
    std::vector<ProfileBranch> sorted;
    for (auto& [place, branch] : lines) sorted.push_back(branch);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const ProfileBranch& a, const ProfileBranch& b) { return a.idle > b.idle; });
    return sorted;
}

const char* access_name(AccessKind kind) {
    return kind == AccessKind::atomic_update ? "atomic" : reads(kind) ? "read" : "write";
}

ProfileKernel facts_of(const Kernel& of) {
    ProfileKernel facts = of.facts;
    facts.shared_bytes = of.dynamic_shared;
    for (const Array* array : of.shared) facts.shared_bytes += array->bytes;
    // Several instructions may stand on one line.
    std::map<std::tuple<std::string, std::string_view, bool>, ProfileLine> lines;
    for (const auto& [key, total] : of.totals) {
        const auto& [place, kind, is_shared] = key;
        const std::string text = check::place_text(place);
        ProfileLine& line = lines[{text, access_name(kind), is_shared}];
        line.place = text;
        line.access = access_name(kind);
        line.memory = is_shared ? "shared" : "global";
        line.requests += total.requests;
        line.cost += total.cost;
        line.ideal += total.ideal;
        line.lanes += total.lanes;
    }
    for (auto& [key, line] : lines) facts.lines.push_back(line);
    facts.branches = lines_of(of.branches);
    const auto above = [](const ProfileLine& line) { return line.cost - line.ideal; };
    std::stable_sort(facts.lines.begin(), facts.lines.end(),
                     [&](const ProfileLine& a, const ProfileLine& b) { return above(a) > above(b); });
    return facts;
}

// ---- the environment

std::string file_wanted;

void write_at_exit() {
    const std::string text =
        file_wanted.empty() ? profile_table(profile()) : profile_json(profile());
    std::FILE* file = file_wanted.empty() ? stderr : std::fopen(file_wanted.c_str(), "w");
    if (!file || std::fputs(text.c_str(), file) < 0 || (!file_wanted.empty() && std::fclose(file)))
        std::fprintf(stderr, "VITRINE_SIMT_PROFILE: cannot write %s\n", file_wanted.c_str());
}

bool asked_by_environment() {
    const char* value = std::getenv("VITRINE_SIMT_PROFILE");
    const std::string text = value ? value : "";
    if (text.empty() || text == "0") return false;
    VITRINE_CHECK(text == "1" || text.ends_with(".json"), "VITRINE_SIMT_PROFILE is \"", text,
                  "\"; allowed are 0, 1 and a file that ends in .json");
    if (text != "1") file_wanted = text;
    std::atexit(write_at_exit);
    return true;
}

}  // namespace

namespace check {

bool profiling = false;

void profile_launch(const KernelCall& call, dim3 grid, dim3 block, std::size_t shared_bytes) {
    static const bool asked = profiling = asked_by_environment() || profiling;
    static_cast<void>(asked);
    streams.clear();
    branches.forget();
    latest.stream = nullptr;
    kernel = nullptr;
    counting_branches = profiling;
    if (!profiling) return;
    const std::string name = kernel_name(call.signature);
    const auto known = std::find_if(kernels.begin(), kernels.end(),
                                    [&](const Kernel& k) { return k.facts.name == name; });
    kernel = known != kernels.end() ? &*known : &kernels.emplace_back();
    kernel->facts.name = name;
    kernel->facts.block_threads = block.x * block.y * block.z;
    kernel->facts.blocks += std::uint64_t(grid.x) * grid.y * grid.z;
    ++kernel->facts.launches;
    kernel->dynamic_shared = shared_bytes;
}

void profile_access(const Access& access, const Array& array, unsigned thread) {
    if (!kernel) return;
    const bool is_shared = array.kind != Array::global;
    if (array.kind == Array::shared) kernel->shared.insert(&array);
    const std::uint32_t place = place_of_expression(access);
    const unsigned warp = thread / 32;
    const auto kind = static_cast<std::uint64_t>(access.kind);
    Stream& stream = streams[(std::uint64_t(place) << 9 | warp << 4 | kind << 1) | is_shared];
    if (!stream.total) {
        stream.total = &kernel->totals[{place, access.kind, is_shared}];
        stream.is_shared = is_shared;
        stream.is_atomic = access.kind == AccessKind::atomic_update;
    }
    auto address = reinterpret_cast<std::uintptr_t>(access.address);
    if (is_shared) address -= reinterpret_cast<std::uintptr_t>(array.base);
    if (goes_on(stream, thread, address, access)) {
        latest.bytes += access.bytes;
        latest.parts[latest.count++] = access.pc;
        return;
    }
    add_latest();
    latest = {&stream, thread, address, access.bytes, {access.pc}, 1};
}

void profile_block(const void* pc) {
    if (kernel && running.kernel) branches.come_by(pc, running.thread);
}

void profile_barrier() {
    if (!kernel) return;
    ++kernel->facts.barriers;
    finish_all();
}

void profile_block_ends() {
    if (kernel) finish_all();
}

}  // namespace check

void set_profiling(bool on) { check::profiling = on; }

std::vector<ProfileKernel> profile() {
    std::vector<ProfileKernel> found;
    for (const Kernel& of : kernels) found.push_back(facts_of(of));
    return found;
}

void clear_profile() {
    kernel = nullptr;
    check::counting_branches = false;
    branches.forget();
    latest.stream = nullptr;
    streams.clear();
    kernels.clear();
}

}  // namespace vitrine::kernels::simt
