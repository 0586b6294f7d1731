// The calls in progress of each thread, and what becomes of one that ends.
#include "profiling.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <deque>
#include <exception>
#include <memory>
#include <unordered_map>

#include "device.h"
#include "profile_record.h"
#include "tensor.h"
#include "tensor_impl.h"

namespace vitrine {

constinit std::atomic<int> profiles_in_progress = -1;

namespace {

struct Touched {
    const void* data;
    double bytes;
    int times;  // 2: read and written
};

/// A call in progress.
struct Frame {
    const void* owner;
    const char* name;
    Site site;
    ProfileKind kind;
    std::uint32_t place, module;  // module: that of the work done here
    bool in_backward;             // of the module
    bool counts;                  // an op's call that only checks something is no row
    bool says_flops;
    Device device;
    std::int64_t start_ns, inside_ns;
    double most_elements;
    ProfileWork work;
    std::size_t peak_bytes;
    std::vector<Touched> touched;

    bool is_op() const { return kind == ProfileKind::op || kind == ProfileKind::backward; }
    /// Time of something inside, where self time leaves it out.
    void take_out(ProfileKind inside, std::int64_t ns) {
        if (kind != ProfileKind::module || inside == ProfileKind::module) inside_ns += ns;
    }
};

struct Thread;

/// What threads share, under the mutex.
struct Shared {
    using PlaceKey = std::pair<std::pair<std::uint32_t, ProfileKind>, std::string>;
    std::vector<std::shared_ptr<ProfileRecord>> records;  // in progress
    std::deque<ProfilePlace> places{1};
    std::map<PlaceKey, std::uint32_t> place_numbers;
    std::vector<Thread*> idle_threads;
    int thread_count = 0;
};

constinit std::mutex mutex;
constinit std::atomic<std::uint32_t> beginnings{0};  // of the first of several profiles at a time

Shared& shared() {
    static Shared& made = *new Shared;  // never destroyed: threads may run ops while the program exits
    return made;
}

/// What a thread is in the midst of. Kept for the next thread when this one ends.
struct Thread {
    struct Known {
        std::uint32_t number;
        const ProfilePlace* place;
    };
    int number;
    std::uint32_t beginning = 0;
    std::size_t depth = 0;
    std::vector<Frame> frames;  // the first `depth` are in progress; the others keep their memory
    std::unordered_map<std::uint64_t, Known> known;  // by outer place, kind and the name's address

    Frame* top() { return depth ? &frames[depth - 1] : nullptr; }
};

thread_local constinit Thread* mine = nullptr;
thread_local constinit bool muted = false;

struct GiveBack {
    ~GiveBack() {
        const std::lock_guard lock(mutex);
        shared().idle_threads.push_back(mine);
        mine = nullptr;
    }
};

Thread& this_thread() {
    if (!mine) {
        const std::lock_guard lock(mutex);
        std::vector<Thread*>& idle = shared().idle_threads;
        if (idle.empty()) {
            mine = new Thread;
            mine->number = ++shared().thread_count;
        } else {
            mine = idle.back();
            idle.pop_back();
        }
        thread_local GiveBack give_back;
    }
    // Calls that were in progress when the last profile ended have ended unseen.
    if (const auto now = beginnings.load(std::memory_order_relaxed); mine->beginning != now) {
        mine->beginning = now;
        mine->depth = 0;
    }
    return *mine;
}

Frame* innermost() { return mine && mine->beginning == beginnings.load(std::memory_order_relaxed) ? mine->top() : nullptr; }

std::uint32_t number_of(std::uint32_t outer, ProfileKind kind, std::string_view name) {
    const std::lock_guard lock(mutex);
    auto& places = shared().places;
    const auto next = static_cast<std::uint32_t>(places.size());
    const auto [at, is_new] = shared().place_numbers.try_emplace({{outer, kind}, std::string(name)}, next);
    if (is_new) places.push_back({outer, kind, std::string(name)});
    return at->second;
}

/// The same for a name that mostly has one address.
std::uint32_t number_of(Thread& thread, std::uint32_t outer, ProfileKind kind, const char* name) {
    const auto key = reinterpret_cast<std::uintptr_t>(name) * 64 + static_cast<std::uint64_t>(kind) + (static_cast<std::uint64_t>(outer) << 40);
    auto& known = thread.known[key];
    if (!known.place || known.place->outer != outer || known.place->kind != kind || known.place->name != name) {
        const std::uint32_t number = number_of(outer, kind, name);
        const std::lock_guard lock(mutex);
        known = {number, &shared().places[number]};
    }
    return known.number;
}

/// Of the innermost frame that `fits`: where a place that is entered now lies in.
template <class Fits>
std::uint32_t place_around(Thread& thread, std::size_t depth, Fits fits) {
    for (std::size_t i = depth; i-- > 0;)
        if (fits(thread.frames[i])) return thread.frames[i].place;
    return 0;
}

std::uint32_t op_around(Thread& thread, std::size_t depth) {
    return depth && thread.frames[depth - 1].is_op() ? thread.frames[depth - 1].place : 0;
}

Frame& push(Thread& thread, const void* owner, ProfileKind kind, const char* name, Site site) {
    if (thread.depth == thread.frames.size()) thread.frames.emplace_back();
    Frame& frame = thread.frames[thread.depth];
    const Frame* outer = thread.top();
    std::vector<Touched> touched = std::move(frame.touched);
    touched.clear();
    frame = {owner, name, site, kind, 0, outer ? outer->module : 0, outer && outer->in_backward, kind != ProfileKind::op, false, Device::cpu,
             0, 0, 0, {}, 0, std::move(touched)};
    ++thread.depth;
    return frame;
}

void add_work(std::map<ProfileWork, std::uint64_t>& sum, const ProfileWork& work) {
    if (work.flops > 0 || work.bytes > 0) ++sum[work];
}

void add_call(ProfileRecord& record, const Frame& frame, std::int64_t ns, int thread) {
    if (frame.start_ns < record.start_ns) return;  // it was in progress already
    ProfileTotals& totals = record.at(frame.place);
    ++totals.calls;
    totals.ns += ns;
    totals.self_ns += ns - frame.inside_ns;
    totals.peak_bytes = std::max(totals.peak_bytes, frame.peak_bytes);
    record.high_water = std::max(record.high_water, frame.peak_bytes);
    if (frame.is_op()) {
        add_work(totals.work, frame.work);
        if (frame.module) {
            ProfileTotals& module = record.at(frame.module);
            add_work(frame.in_backward ? module.backward_work : module.work, frame.work);
            if (frame.kind == ProfileKind::backward) ++module.backward_calls, module.backward_ns += ns;
        }
    }
    if (!record.options.trace) return;
    if (record.events.size() < record.options.most_events)
        record.events.push_back({frame.start_ns, ns, frame.place, frame.module, thread, frame.site, frame.work, frame.peak_bytes});
    else
        ++record.events_left_out;
}

void finish(Thread& thread, Frame& frame, std::int64_t end_ns) {
    const std::int64_t ns = end_ns - frame.start_ns;
    for (const Touched& tensor : frame.touched) frame.work.bytes += tensor.times * tensor.bytes;
    if (frame.is_op() && !frame.says_flops) frame.work.flops = usual_flops(frame.name, frame.most_elements);
    if (thread.depth) {
        Frame& outer = *thread.top();
        outer.peak_bytes = std::max(outer.peak_bytes, frame.peak_bytes);
        if (frame.counts)
            outer.take_out(frame.kind, ns), outer.counts |= outer.is_op() && frame.is_op();
        else
            outer.take_out(frame.kind, frame.inside_ns);
    }
    if (!frame.counts) return;
    const std::lock_guard lock(mutex);
    for (const auto& record : shared().records) add_call(*record, frame, ns, thread.number);
}

}  // namespace

void profile_begin(const void* owner, const char* op, Site site) {
    if (profiles_in_progress.load(std::memory_order_relaxed) < 0) profile_environment();
    if (!profiling() || muted || std::isupper(static_cast<unsigned char>(*op))) return;  // "Linear": a module's checks, not an op
    Thread& thread = this_thread();
    const std::uint32_t place = number_of(thread, op_around(thread, thread.depth), ProfileKind::op, op);
    Frame& frame = push(thread, owner, ProfileKind::op, op, site);
    frame.place = place;
    frame.start_ns = profile_clock();
}

void ProfileScope::begin(const char* name, Site site) const {
    if (profiles_in_progress.load(std::memory_order_relaxed) < 0) profile_environment();
    if (!profiling()) return;
    Thread& thread = this_thread();
    const std::uint32_t outer = place_around(thread, thread.depth, [](const Frame& f) { return f.kind == ProfileKind::region; });
    const std::uint32_t place = number_of(thread, outer, ProfileKind::region, name);
    Frame& frame = push(thread, this, ProfileKind::region, name, site);
    frame.place = place;
    frame.start_ns = profile_clock();
}

void profile_begin_module(const void* owner, std::string_view path, Site site) {
    if (profiles_in_progress.load(std::memory_order_relaxed) < 0) profile_environment();
    if (!profiling()) return;
    Thread& thread = this_thread();
    const std::uint32_t outer = place_around(thread, thread.depth, [](const Frame& f) { return f.kind == ProfileKind::module; });
    const std::uint32_t place = number_of(outer, ProfileKind::module, path);
    Frame& frame = push(thread, owner, ProfileKind::module, "", site);
    frame.place = frame.module = place;
    frame.in_backward = false;
    frame.start_ns = profile_clock();
}

void profile_end(const void* owner) noexcept {
    if (!innermost()) return;
    Thread& thread = *mine;
    std::size_t at = thread.depth;
    while (at > 0 && thread.frames[at - 1].owner != owner) --at;
    if (at == 0) return;  // it began before the profile, or was handed on
    thread.depth = at - 1;
    Frame& frame = thread.frames[at - 1];
    if (frame.device == Device::cuda) {
        try {
            synchronize(Device::cuda);
        } catch (const std::exception&) {
            // A failed kernel: the next call on the device says so, where it can be caught.
        }
    }
    finish(thread, frame, profile_clock());
}

void profile_hand_on(const void* owner, const void* copy) noexcept {
    if (!innermost()) return;
    for (std::size_t i = mine->depth; i-- > 0;)
        if (mine->frames[i].owner == owner) {
            mine->frames[i].owner = copy;
            return;
        }
}

void profile_touched(const Tensor& x) {
    Frame* frame = innermost();
    if (!frame || !frame->is_op()) return;
    frame->counts = true;
    frame->device = x.device();
    double elements = 1;
    for (int d = 0; d < x.dim(); ++d)
        if (x.strides()[d] != 0) elements *= static_cast<double>(x.shape()[d]);
    const void* const data = x.impl()->data();
    const auto same = [&](const Touched& other) { return other.data == data; };
    if (std::any_of(frame->touched.begin(), frame->touched.end(), same)) return;
    frame->touched.push_back({data, elements * static_cast<double>(element_size(x.dtype())), 1});
    if (elements > frame->most_elements) frame->most_elements = elements, frame->work.dtype = x.dtype();
}

void profile_changed(const Tensor& x) {
    Frame* frame = innermost();
    if (!frame || !frame->is_op() || only_writes(frame->name)) return;
    for (Touched& tensor : frame->touched)
        if (tensor.data == x.impl()->data() && tensor.times == 1) tensor.times = 2;
}

void profile_flops(double flops) {
    if (Frame* frame = innermost()) frame->work.flops += flops, frame->says_flops = true;
}

std::uint32_t profile_recorded() {
    Frame* frame = innermost();
    if (!frame) return 0;
    frame->counts = true;
    return frame->module;
}

void profile_backward(std::uint32_t module) {
    Frame* frame = innermost();
    if (!frame) return;
    frame->kind = ProfileKind::backward;
    frame->counts = frame->in_backward = true;
    frame->module = module;
    frame->place = number_of(*mine, op_around(*mine, mine->depth - 1), ProfileKind::backward, frame->name);
}

void profile_region() {
    Frame* frame = innermost();
    if (!frame) return;
    frame->kind = ProfileKind::region;
    frame->counts = true;
    const std::uint32_t outer = place_around(*mine, mine->depth - 1, [](const Frame& f) { return f.kind == ProfileKind::region; });
    frame->place = number_of(*mine, outer, ProfileKind::region, frame->name);
}

void profile_memory(std::size_t bytes) noexcept {
    if (muted) return;
    if (Frame* frame = innermost()) {
        frame->peak_bytes = std::max(frame->peak_bytes, bytes);
        return;
    }
    const std::lock_guard lock(mutex);
    for (const auto& record : shared().records) record->high_water = std::max(record->high_water, bytes);
}

ProfileMute::ProfileMute() : outer_(muted) { muted = true; }
ProfileMute::~ProfileMute() { muted = outer_; }

std::mutex& profile_mutex() { return mutex; }
const std::deque<ProfilePlace>& profile_places() { return shared().places; }

void profile_start(std::shared_ptr<ProfileRecord> record) {
    const std::lock_guard lock(mutex);
    auto& records = shared().records;
    if (records.empty()) beginnings.fetch_add(1, std::memory_order_relaxed);
    records.push_back(std::move(record));
    profiles_in_progress.store(static_cast<int>(records.size()), std::memory_order_relaxed);
}

void profile_stop(ProfileRecord& record) {
    const std::lock_guard lock(mutex);
    auto& records = shared().records;
    const auto at = std::find_if(records.begin(), records.end(), [&](const auto& other) { return other.get() == &record; });
    if (at == records.end()) return;
    record.stop_ns = profile_clock();
    records.erase(at);
    profiles_in_progress.store(static_cast<int>(records.size()), std::memory_order_relaxed);
}

}  // namespace vitrine
