// A record as rows: each place with what is inside it, and what the machine would need for the same.
#include <algorithm>

#include "device.h"
#include "peaks.h"
#include "profile_record.h"

namespace vitrine {
namespace {

/// Work summed, and how long the machine needs for it at its peaks.
struct Sum {
    double flops = 0, bytes = 0, bound_seconds = 0;
    void operator+=(const Sum& other) {
        flops += other.flops, bytes += other.bytes, bound_seconds += other.bound_seconds;
    }
};

// A call needs as long as its arithmetic or its memory traffic, whichever needs longer.
double bound_of(const ProfileWork& work) {
    return std::max(work.flops / peak_flops(work.dtype == DType::f64), work.bytes / copy_peak_near(work.bytes));
}

Sum sum_of(const std::map<ProfileWork, std::uint64_t>& works, bool with_peaks) {
    Sum sum;
    for (const auto& [work, count] : works) {
        const auto calls = static_cast<double>(count);
        sum += {calls * work.flops, calls * work.bytes, with_peaks ? calls * bound_of(work) : 0};
    }
    return sum;
}

/// Everything that the rows are made of, by place.
struct Sums {
    std::vector<ProfilePlace> places;
    std::vector<ProfileTotals> totals;
    std::vector<Sum> work, backward_work;
    std::vector<std::vector<std::uint32_t>> inside;

    Sums(const ProfileRecord& record, bool with_peaks);
    ProfileRow row(std::uint32_t place) const;
    ProfileRow backward_row(std::uint32_t place) const;
    /// The places inside one, the longest first, each before what is inside it.
    template <class F>
    void walk(std::uint32_t outer, const F& f) const {
        for (std::uint32_t place : inside[outer]) {
            f(place);
            walk(place, f);
        }
    }
};

Sums::Sums(const ProfileRecord& record, bool with_peaks) {
    {
        const std::lock_guard lock(profile_mutex());
        places.assign(profile_places().begin(), profile_places().end());
        totals = record.totals;
    }
    totals.resize(places.size());
    work.resize(places.size()), backward_work.resize(places.size()), inside.resize(places.size());
    // Places are numbered from the outside inwards.
    for (std::size_t place = places.size(); place-- > 1;) {
        work[place] += sum_of(totals[place].work, with_peaks);
        backward_work[place] += sum_of(totals[place].backward_work, with_peaks);
        if (totals[place].calls == 0 && totals[place].backward_calls == 0 && inside[place].empty()) continue;
        const std::uint32_t outer = places[place].outer;
        work[outer] += work[place];
        backward_work[outer] += backward_work[place];
        totals[outer].backward_calls += totals[place].backward_calls;
        totals[outer].backward_ns += totals[place].backward_ns;
        inside[outer].push_back(static_cast<std::uint32_t>(place));
    }
    for (auto& list : inside)
        std::stable_sort(list.begin(), list.end(), [&](auto a, auto b) { return totals[a].ns > totals[b].ns; });
}

ProfileRow Sums::row(std::uint32_t place) const {
    const ProfileTotals& t = totals[place];
    const Sum& w = work[place];
    ProfileRow row;
    row.kind = places[place].kind;
    row.name = places[place].name;
    for (std::uint32_t outer = places[place].outer; outer && row.kind != ProfileKind::module; outer = places[outer].outer) {
        row.within = row.within.empty() ? places[outer].name : places[outer].name + "/" + row.within;
        row.in_backward |= places[outer].kind == ProfileKind::backward;
    }
    row.calls = t.calls;
    row.seconds = 1e-9 * static_cast<double>(t.ns);
    row.self_seconds = 1e-9 * static_cast<double>(t.self_ns);
    row.bytes = w.bytes, row.flops = w.flops, row.bound_seconds = w.bound_seconds;
    row.peak_bytes = t.peak_bytes;
    return row;
}

ProfileRow Sums::backward_row(std::uint32_t place) const {
    const ProfileTotals& t = totals[place];
    const Sum& w = backward_work[place];
    ProfileRow row;
    row.kind = ProfileKind::module;
    row.name = places[place].name;
    row.in_backward = true;
    row.calls = t.backward_calls;
    row.seconds = 1e-9 * static_cast<double>(t.backward_ns);
    row.self_seconds = row.seconds;
    for (std::uint32_t child : inside[place]) row.self_seconds -= 1e-9 * static_cast<double>(totals[child].backward_ns);
    row.bytes = w.bytes, row.flops = w.flops, row.bound_seconds = w.bound_seconds;
    return row;
}

}  // namespace

double usual_flops(std::string_view op, double elements) {
    static constexpr std::string_view moves[] = {
        "cat",           "clone",      "contiguous", "copy_",        "embedding",     "fill_",           "flip",
        "from_blob",     "full",       "gather",     "index_select", "masked_fill",   "masked_select",   "masked_select_backward",
        "one_hot",       "pad",        "repeat",     "roll",         "select",        "slice",           "slice_backward",
        "slice_scatter", "sort_gather", "split",     "stack",        "take_along_dim", "tensor",         "to",
        "tril",          "triu",       "upsample_nearest", "where",  "zeros",         "max_pool2d_gather"};
    return std::find(std::begin(moves), std::end(moves), op) == std::end(moves) ? elements : 0;
}

bool only_writes(std::string_view op) {
    static constexpr std::string_view names[] = {"copy_", "fill_", "zero_", "uniform_", "normal_", "bernoulli_"};
    return std::find(std::begin(names), std::end(names), op) != std::end(names);
}

ProfileReport profile_report(const ProfileRecord& record, bool with_peaks) {
    static std::mutex measuring;  // peaks are measured by one thread at a time
    const std::lock_guard lock_peaks(measuring);
    const ProfileMute mute;
    ProfileReport report;
    report.threads = num_threads();
    {
        const std::lock_guard lock(profile_mutex());
        report.seconds = 1e-9 * static_cast<double>((record.stop_ns ? record.stop_ns : profile_clock()) - record.start_ns);
        report.high_water = record.high_water;
    }
    if (with_peaks) report.peak_flops = peak_flops();
    const Sums sums(record, with_peaks);
    for (const ProfileKind kind : {ProfileKind::region, ProfileKind::op, ProfileKind::backward, ProfileKind::module}) {
        for (const std::uint32_t root : sums.inside[0]) {
            if (sums.places[root].kind != kind) continue;
            const auto add = [&](std::uint32_t place) {
                if (sums.totals[place].calls) report.rows.push_back(sums.row(place));
                if (kind == ProfileKind::module && sums.totals[place].backward_calls) report.rows.push_back(sums.backward_row(place));
            };
            add(root);
            sums.walk(root, add);
        }
    }
    return report;
}

}  // namespace vitrine
