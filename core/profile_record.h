// What one profile has counted so far. Private to core.
#pragma once

#include <array>
#include <chrono>
#include <deque>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "dtype.h"
#include "profiler.h"
#include "site.h"

namespace vitrine {

/// What one call's kernels have to do at the least: calls of equal work share a bound.
struct ProfileWork {
    double flops = 0, bytes = 0;
    DType dtype = DType::f32;
    auto operator<=>(const ProfileWork&) const = default;
};

/// A place in the tree of what calls what: an op (in ops alone), a module (in modules), a region.
struct ProfilePlace {
    std::uint32_t outer = 0;
    ProfileKind kind = ProfileKind::region;
    std::string name;
};

/// Sums over the calls at one place. Work is that of the call itself, without calls inside it.
struct ProfileTotals {
    std::uint64_t calls = 0;
    std::int64_t ns = 0, self_ns = 0;
    std::size_t peak_bytes = 0;
    std::map<ProfileWork, std::uint64_t> work;
    // Of a module: the nodes that it recorded, walked backward.
    std::uint64_t backward_calls = 0;
    std::int64_t backward_ns = 0;
    std::map<ProfileWork, std::uint64_t> backward_work;
};

/// One call.
struct ProfileEvent {
    std::int64_t start_ns, ns;
    std::uint32_t place, module;
    int thread;
    Site site;
    ProfileWork work;
    std::size_t peak_bytes;
};

/// Nanoseconds of a clock that only goes forward.
inline std::int64_t profile_clock() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

class ProfileRecord {
public:
    explicit ProfileRecord(ProfileOptions wanted) : options(wanted), start_ns(profile_clock()) {}

    ProfileTotals& at(std::uint32_t place) {
        if (totals.size() <= place) totals.resize(place + 1);
        return totals[place];
    }

    ProfileOptions options;
    std::int64_t start_ns, stop_ns = 0;  // 0: in progress
    std::size_t high_water = 0;
    std::vector<ProfileTotals> totals;  // by place
    std::vector<ProfileEvent> events;
    std::uint64_t events_left_out = 0;
};

/// Guards every record and the places.
std::mutex& profile_mutex();
/// All places that any profile has seen; 0 is the root. Only under profile_mutex().
const std::deque<ProfilePlace>& profile_places();
/// Starts and stops counting for a record.
void profile_start(std::shared_ptr<ProfileRecord> record);
void profile_stop(ProfileRecord& record);

/// While one lives, no profile counts the ops of this thread: they measure the machine.
class ProfileMute {
public:
    ProfileMute();
    ~ProfileMute();
    ProfileMute(const ProfileMute&) = delete;
    ProfileMute& operator=(const ProfileMute&) = delete;

private:
    bool outer_;
};

/// FLOP of a call that says nothing itself: one for each element of its largest tensor, none where elements only move.
double usual_flops(std::string_view op, double elements);
/// True for an op that writes the tensor that it changes in place without reading it.
bool only_writes(std::string_view op);

/// A record as rows, as text, as JSON, as trace events.
ProfileReport profile_report(const ProfileRecord& record, bool with_peaks);
std::string profile_table(const ProfileReport& report);
std::string profile_json(const ProfileReport& report);
std::string profile_trace(const ProfileRecord& record);

/// A file that is there from the start, so that a wrong path is known before the run instead of after it. The functions
/// throw Error naming the path.
class ProfileFile {
public:
    explicit ProfileFile(std::string path);
    ~ProfileFile();
    ProfileFile(const ProfileFile&) = delete;
    ProfileFile& operator=(const ProfileFile&) = delete;
    /// All that it is to hold; once.
    void write(const std::string& text);

private:
    std::string path_;
    std::FILE* file_;
};

/// VITRINE_PROFILE, read once: starts a profile that is written at exit. Throws Error for a value that is not allowed
/// and for a file that cannot be written.
void profile_environment();

}  // namespace vitrine
