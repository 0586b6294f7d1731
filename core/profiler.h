// What a program's time goes into: a profile of its ops, modules and other stretches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "profiling.h"

namespace vitrine {

class ProfileRecord;

/// What a row of a profile stands for.
enum class ProfileKind : std::uint8_t {
    op,        ///< an op's calls
    backward,  ///< the backward of an op's nodes
    module,    ///< a module's calls, with what they called
    region,    ///< a ProfileScope, a walk backward, a step of an optimizer, a wait for data
};

/// Sums over the calls of one op, module or region, those inside it included.
struct ProfileRow {
    ProfileKind kind = ProfileKind::op;
    std::string name;         ///< "linear"; of a module its path, "Vae.encoder.0"
    std::string within;       ///< of an op that another op called: that one's name, and those around it, "linear/matmul"
    bool in_backward = false; ///< of an op that a node's backward called; of a module: sums over the backward of what it recorded
    std::uint64_t calls = 0;
    double seconds = 0;       ///< from begin to end; of a module in backward, of its nodes alone
    double self_seconds = 0;  ///< without the rows of its own kind inside it
    double bytes = 0;         ///< of the tensors that its kernels were handed, see docs/profiler.md
    double flops = 0;         ///< likewise
    double bound_seconds = 0; ///< what the kernels would need at the machine's peaks; 0 before measure_peaks()
    std::size_t peak_bytes = 0;  ///< the most memory in use at once during a call that asked for some

    /// bound_seconds / seconds; 0 where nothing is known.
    double roofline() const { return seconds > 0 ? bound_seconds / seconds : 0; }
};

struct ProfileReport {
    double seconds = 0;           ///< of the whole profile
    std::size_t high_water = 0;   ///< the most memory in use at once
    int threads = 0;              ///< that kernels may use
    double peak_flops = 0;        ///< FLOP/s of f32; 0 where peaks were not measured
    std::vector<ProfileRow> rows; ///< by kind, then by time; a row within another one comes behind it
};

struct ProfileOptions {
    bool trace = true;                   ///< keeps every call, for chrome_trace()
    std::size_t most_events = 1'000'000; ///< later calls are only summed
};

/// While one lives, or until stop(), the calls of all threads are timed and counted.
///
///     vt::Profile profile;
///     train_one_epoch();
///     std::cerr << profile.table();
///
/// VITRINE_PROFILE in the environment does the same for a whole run, and writes at its end: 1 a table to stderr,
/// FILE.json JSON, trace:FILE a trace for chrome://tracing or ui.perfetto.dev; several with commas between.
class Profile {
public:
    explicit Profile(ProfileOptions options = {});
    ~Profile();
    Profile(const Profile&) = delete;
    Profile& operator=(const Profile&) = delete;

    /// Counts no more.
    void stop();
    /// The sums so far. With peaks, measures what the machine can do first (once for a number of threads, half a second).
    ProfileReport report(bool with_peaks = true) const;
    /// report() as text.
    std::string table() const;
    /// report() as one JSON object.
    std::string json() const;
    /// Writes the calls as Chrome's trace events. Throws Error when the file cannot be written or nothing was kept.
    void chrome_trace(const std::filesystem::path& file) const;
    /// The same as text.
    std::string chrome_trace() const;

private:
    std::shared_ptr<ProfileRecord> record_;
};

}  // namespace vitrine
