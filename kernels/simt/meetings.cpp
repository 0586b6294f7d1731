// Where CUDA threads wait for each other: the block barrier and the operations of a warp.
#include <bit>
#include <cstdio>
#include <utility>

#include "vitrine/kernels/base/error.h"

#include "vitrine/kernels/simt/check/barrier_sites.h"
#include "vitrine/kernels/simt/check/events.h"
#include "collectives.h"
#include "cooperative.h"
#include "scheduler.h"

namespace vitrine::kernels::simt {

void Scheduler::make_ready(Warp& warp, unsigned lanes) {
    warp.ready |= lanes;
    ready_warps_ |= 1u << (&warp - warps_);
}

// A block that has had its time ends where a thread comes to a barrier or a warp operation.
void Scheduler::check_time(const Site& site) {
    if (!watch_->expired() || error_) [[likely]]
        return;
    watch_->answer();
    throw Error(out_of_time("thread " + to_string(current_->index) + " in " + to_string(site)));
}

Votes Scheduler::meet_block(bool vote, const Site& site) {
    arrive(vote, site);
    if (barrier_.arrived == alive_) release_barrier();
    wait();
    return votes_;
}

bool Scheduler::is_cooperative() const { return grid_ && grid_->has_barriers(); }

void Scheduler::meet_grid(const Site& site) {
    if (!is_cooperative()) fail("the launch is not cooperative", site);
    arrive(true, site);
    if (barrier_.arrived == alive_) {
        grid_->put_aside(*current_->stack, CooperativeGrid::State::in_grid_barrier, site);
        release_barrier();
    }
    wait();
}

// The running thread waits in the block's barrier from now on.
void Scheduler::arrive(bool vote, const Site& site) {
    CudaThread& self = running();
    check_time(site);
    self.site = &site;
    warps_[self.warp()].at_barrier |= self.bit();
    if (barrier_.arrived == 0) {
        barrier_ = {0, 0, &site};
    } else if (!same_place(site, *barrier_.site)) {
        throw Error(where() + "threads wait in different barriers: thread " +
                    to_string(self.index) + " in " + to_string(site) + ", others in " +
                    to_string(*barrier_.site) + census());
    }
    ++barrier_.arrived;
    barrier_.yes += vote;
    if (barrier_.arrived == alive_ && alive_ < count_) throw Error(returned_before_barrier());
}

void Scheduler::release_barrier() {
    votes_ = {static_cast<int>(barrier_.yes), static_cast<int>(barrier_.arrived)};
    barrier_.arrived = 0;
    check::barrier_complete();
    for (unsigned w = 0; w < warp_count_; ++w)
        make_ready(warps_[w], std::exchange(warps_[w].at_barrier, 0));
}

void Scheduler::yield(const Site& site) {
    CudaThread& self = running();
    check_time(site);
    self.site = &site;
    warps_[self.warp()].in_loop |= self.bit();
    if (!ready_warps_ && grid_)
        grid_->put_aside(*self.stack, CooperativeGrid::State::in_loop, site);
    wait();
}

// For the compiler's callbacks, through which nothing can be thrown.
void Scheduler::yield_or_abandon(const Site& site) {
    bool is_over = true;
    try {
        yield(site);
        is_over = false;
    } catch (const Unwind&) {
    } catch (...) {
        if (!error_) error_ = std::current_exception();
    }
    if (is_over) abandon_thread();
}

// Which lanes of a warp run together is the hardware's choice. Here: those that come to `site`
// before they wait elsewhere.
unsigned Scheduler::converge(const Site& site) {
    CudaThread& self = running();
    check_time(site);
    self.site = &site;
    warps_[self.warp()].converging |= self.bit();
    wait();
    return self.mask;
}

// No thread is ready: those that let all others go first may go on. Returns whether there are any.
bool Scheduler::release_last() {
    for (unsigned w = 0; w < warp_count_; ++w)
        if (warps_[w].converging) release_converged(warps_[w]);
    if (ready_warps_) return true;
    for (unsigned w = 0; w < warp_count_; ++w)
        if (const unsigned lanes = std::exchange(warps_[w].in_loop, 0))
            make_ready(warps_[w], lanes);
    return ready_warps_ != 0;
}

// Lanes at different places: those at the earlier line, since the others may wait after a branch that
// these are in.
void Scheduler::release_converged(Warp& warp) {
    CudaThread* const lanes = threads_ + (&warp - warps_) * warp_size;
    const Site* earliest = nullptr;
    for (unsigned left = warp.converging; left; left &= left - 1) {
        const Site* site = lanes[std::countr_zero(left)].site;
        if (!earliest || site->line < earliest->line) earliest = site;
    }
    unsigned together = 0;
    for (unsigned left = warp.converging; left; left &= left - 1)
        if (const int lane = std::countr_zero(left); same_place(*lanes[lane].site, *earliest))
            together |= 1u << lane;
    for (unsigned left = together; left; left &= left - 1)
        lanes[std::countr_zero(left)].mask = together;
    warp.converging &= ~together;
    make_ready(warp, together);
}

void Scheduler::meet_warp(unsigned mask, void* slot, Complete complete, const Site& site) {
    CudaThread& self = running();
    check_time(site);
    Warp& warp = warps_[self.warp()];
    if (!(mask & self.bit())) {
        char text[80];
        std::snprintf(text, sizeof text, "lane %u is not in its own mask 0x%08x", self.lane(),
                      mask);
        fail(text, site);
    }
    self.site = &site;
    self.mask = mask;
    warp.in_meeting |= self.bit();
    warp.slot[self.lane()] = slot;

    // Lanes that name the same mask meet; others of the warp may meet elsewhere meanwhile.
    int at = 0;
    while (at < warp.meetings && warp.meeting[at].mask != mask) ++at;
    if (at == warp.meetings) warp.meeting[warp.meetings++] = {mask, 0, complete, &site};
    Meeting& meeting = warp.meeting[at];
    if (!same_place(site, *meeting.site))
        throw Error(where() + "lanes of one mask are in different operations: thread " +
                    to_string(self.index) + " in " + to_string(site) + ", others in " +
                    to_string(*meeting.site) + census());

    meeting.arrived |= self.bit();
    if (meeting.arrived == (mask & warp.exists & ~warp.returned)) {
        complete_meeting(warp, at);
        warp.ready &= ~self.bit();  // the last to arrive just goes on
        if (!warp.ready) ready_warps_ &= ~(1u << self.warp());
    } else {
        wait();
    }
}

void Scheduler::complete_meeting(Warp& warp, int at) {
    const Meeting meeting = warp.meeting[at];
    warp.meeting[at] = warp.meeting[--warp.meetings];
    if (meeting.complete)
        meeting.complete(warp.slot, meeting.arrived);
    else
        check::warp_synchronised(static_cast<unsigned>(&warp - warps_), meeting.arrived);
    warp.in_meeting &= ~meeting.arrived;
    make_ready(warp, meeting.arrived);
}

// The thread no longer takes part. Its warp's operations may now be complete; a barrier never will.
void Scheduler::on_return(CudaThread& t) {
    Warp& warp = warps_[t.warp()];
    warp.returned |= t.bit();
    warp.at_barrier &= ~t.bit();
    warp.in_meeting &= ~t.bit();
    --alive_;
    if (error_) return;
    if (barrier_.arrived && barrier_.arrived == alive_) {
        error_ = std::make_exception_ptr(Error(returned_before_barrier()));
        return;
    }
    for (int at = warp.meetings - 1; at >= 0; --at)
        if (warp.meeting[at].arrived == (warp.meeting[at].mask & warp.exists & ~warp.returned))
            complete_meeting(warp, at);
}

namespace {
Scheduler& here() {
    if (!running_scheduler) throw Error("simt: barrier or warp operation outside of a kernel");
    return *running_scheduler;
}
}  // namespace

Votes meet_block(bool vote, const Site& site) {
    const check::Pause pause;
#if VITRINE_SIMT_CHECK
    if (check::is_taken_away(site)) return {};
#endif
    return here().meet_block(vote, site);
}

bool is_cooperative() { return here().is_cooperative(); }

unsigned converge(const Site& site) {
    const check::Pause pause;
    return here().converge(site);
}

void meet_grid(const Site& site) {
    const check::Pause pause;
    here().meet_grid(site);
}

void meet_warp(unsigned mask, void* slot, Complete complete, const Site& site) {
    const check::Pause pause;
#if VITRINE_SIMT_CHECK
    if (!complete && check::is_taken_away(site)) return;
#endif
    here().meet_warp(mask, slot, complete, site);
}

void fail(const std::string& what, const Site& site) {
    const check::Pause pause;
    here().fail(what, site);
}

void stop_thread(const std::string& what) { here().stop(what); }
void stop_thread(std::exception_ptr error) { here().stop(std::move(error)); }

void* dynamic_shared() { return here().dynamic_shared(); }

unsigned lane_index() {
    return (threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z)) % warp_size;
}

void check_shuffle_width(int width, const Site& site) {
    if (width < 1 || width > 32 || (width & (width - 1)) != 0)
        fail("width " + std::to_string(width) + "; allowed are 1, 2, 4, 8, 16 and 32", site);
}

void fail_shuffle_source(int source, const Site& site) {
    fail("reads lane " + std::to_string(source) + ", which takes no part in the operation", site);
}

void complete_vote(void* const* slots, unsigned lanes) {
    unsigned ballot = 0;
    for_each_lane<VoteSlot>(
        slots, lanes, [&](VoteSlot& slot, int lane) { ballot |= unsigned(slot.vote) << lane; });
    for_each_lane<VoteSlot>(slots, lanes, [&](VoteSlot& slot, int) { slot.ballot = ballot; });
}

}  // namespace vitrine::kernels::simt
