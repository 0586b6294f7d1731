#include "races.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <utility>

#include "vitrine/kernels/simt/runtime.h"

#include "bounds.h"
#include "events.h"
#include "order.h"
#include "profile.h"
#include "report.h"
#include "shadow.h"

namespace vitrine::kernels::simt::check {

constinit thread_local Running running{};

namespace {

// A second plain store to one place by another thread is no mistake when it stores the same value,
// which shows when it is done: at the next event.
struct SecondStore {
    const char* address = nullptr;  // nullptr: there is none
    std::uint64_t bytes = 0;        // a bit for each byte from `address` on
    unsigned char before[64];
    Record first, second;
};

Order order;
Launch launch;
SecondStore second_store;
std::uint64_t blocks_begun = 0;  // or gone on with
// The shared arrays that each block under way has touched. In a cooperative launch there are
// several, whose arrays lie at the same place in turn.
std::map<std::uint32_t, std::set<const Array*>> touched;

// Whether `old` is an access of another thread that nothing orders before what `now` does.
class Unordered {
public:
    Unordered(const Record& now, bool is_shared)
        : now_(now),
          begin_(is_shared ? order.block_begin() : order.launch_begin()),
          is_shared_(is_shared) {}
    bool operator()(const Record& old) const {
        if (is_shared_ && old.block != now_.block) return false;
        return old.time >= begin_ && !order.known(old, now_.thread);
    }

private:
    const Record& now_;
    const Time begin_;  // accesses before this time were to memory of another life
    const bool is_shared_;  // by one block: where another one's lay at another time
};

// Returns the record that `now` races with; nullptr if there is none. A plain store that could
// store the same value is `twin`.
const Record* rival(const Cell& cell, const Record& now, const Unordered& unordered,
                    const Record*& twin) {
    for (const Record& old : cell.write)
        if (unordered(old)) {
            if (now.kind != AccessKind::write) return &old;
            twin = &old;
        }
    const bool plain = !is_atomic(now.kind);
    for (const Record& old : cell.atomic)
        if ((plain || (old.block != now.block &&
                       (old.scope == Scope::block || now.scope == Scope::block))) &&
            unordered(old))
            return &old;
    if (!writes(now.kind)) return nullptr;
    for (const Record& old : cell.read)
        if (unordered(old)) return &old;
    if (plain && unordered(cell.load)) return &cell.load;
    return nullptr;
}

void keep_read(Cell& cell, const Record& now, const Unordered& unordered) {
    const Record old = cell.read[0];
    cell.read[0] = now;
    if (!unordered(old)) return;
    if (old.block != now.block) {
        cell.read[2] = old;
        return;
    }
    const Record& kept = cell.read[1];  // of another warp is worth more
    const bool keep = old.thread / 32 == now.thread / 32 && kept.block == now.block &&
                      kept.thread / 32 != now.thread / 32 && unordered(kept);
    if (!keep) cell.read[1] = old;
}

void keep_atomic(Cell& cell, const Record& now, const Unordered& unordered) {
    const Record old = cell.atomic[0];
    cell.atomic[0] = now;
    if (!unordered(old)) return;
    const Record& kept = cell.atomic[1];  // of another block is worth more
    if (old.block == now.block && kept.block != now.block && unordered(kept)) return;
    cell.atomic[1] = old;
}

// All else that the cell holds happened before.
void keep_write(Cell& cell, const Record& now, bool has_twin) {
    const Record twin = cell.write[0];
    const Record older = cell.write[1];
    cell = Cell{};
    cell.write[0] = now;
    if (!has_twin) return;
    const bool keep = twin.block == now.block && older.time != 0 && older.block != now.block;
    cell.write[1] = keep ? older : twin;
}

void keep(Cell& cell, const Record& now, const Unordered& unordered, bool has_twin) {
    switch (now.kind) {
        case AccessKind::read: return keep_read(cell, now, unordered);
        case AccessKind::write: return keep_write(cell, now, has_twin);
        case AccessKind::atomic_load:
            if (!unordered(cell.load)) cell.load = now;
            return;
        case AccessKind::atomic_store:
        case AccessKind::atomic_update: return keep_atomic(cell, now, unordered);
    }
}

void note_second_store(const Record& first, const Record& second, const char* address,
                       std::size_t bytes) {
    SecondStore& store = second_store;
    if (!store.address) {
        store.first = first;
        store.second = second;
        store.address = address;
        store.bytes = 0;
    }
    const auto at = static_cast<std::size_t>(address - store.address);
    if (at + bytes > sizeof store.before) return;  // of a memcpy the first bytes are enough
    std::memcpy(store.before + at, address, bytes);
    store.bytes |= ((std::uint64_t(1) << bytes) - 1) << at;
}

void check_cells(Page& page, char* address, std::size_t bytes, const Record& now) {
    const std::size_t begin = reinterpret_cast<std::uintptr_t>(address) - page.address;
    const auto [first, last] = page.cells_of(begin, bytes);
    const std::size_t width = std::size_t(1) << page.width_bits;
    const Unordered unordered(now, page.is_shared);
    for (Cell* cell = first; cell <= last; ++cell, address += width) {
        const Record& latest = cell->read[0];
        if (now.kind == AccessKind::read && latest.time == now.time &&
            latest.thread == now.thread && latest.block == now.block)
            continue;
        const Record* twin = nullptr;
        if (const Record* old = rival(*cell, now, unordered, twin))
            stop_thread(race_text(launch, *old, now, address, width));
        if (twin) note_second_store(*twin, now, address, width);
        keep(*cell, now, unordered, twin != nullptr);
    }
}

// Some stores are not announced, g++'s into a returned struct among them: what is no longer 0xFF
// was written.
bool holds_fill(const char* address, std::size_t bytes) {
    return std::all_of(address, address + bytes,
                       [](char byte) { return static_cast<unsigned char>(byte) == 0xff; });
}

void check_state(Page& page, const char* address, std::size_t bytes, const Record& now) {
    State* const state = page.state + (reinterpret_cast<std::uintptr_t>(address) - page.address);
    if (reads(now.kind))
        for (std::size_t i = 0; i < bytes; ++i)
            if (state[i] == State::unwritten && holds_fill(address, bytes))
                stop_thread(unwritten_text(launch, now, address, bytes));
    for (std::size_t i = 0; i < bytes; ++i)
        if (state[i] == State::unwritten) state[i] = State::written;
}

void check_in_page(const Access& a, char* address, std::size_t bytes) {
    Page* const page = page_at(address);
    if (!page) return;
    const Record now{order.now(),   place_of(a),
                     order.block(), static_cast<std::uint16_t>(running.thread),
                     a.kind,        a.scope};
    check_state(*page, address, bytes, now);
    while (bytes > 0) {  // parts of at most the widest cell
        const std::size_t part =
            std::min<std::size_t>(bytes, 16 - reinterpret_cast<std::uintptr_t>(address) % 16);
        check_cells(*page, address, part, now);
        address += part;
        bytes -= part;
    }
}

void begin_unwritten(char* memory, std::size_t bytes) {
    watch(memory, bytes, true);
    std::memset(memory, 0xff, bytes);
}

}  // namespace

void settle() {
    SecondStore& store = second_store;
    if (!store.address) return;
    const char* const address = std::exchange(store.address, nullptr);
    for (std::size_t i = 0; i < sizeof store.before; ++i)
        if (store.bytes >> i & 1 && static_cast<unsigned char>(address[i]) != store.before[i])
            stop_thread(race_text(launch, store.first, store.second, address + i, 1));
}

namespace {

void check_access(const Access& a) {
    auto* address = static_cast<char*>(const_cast<void*>(a.address));
    for (std::size_t left = a.bytes; left > 0;) {
        const std::size_t in_page =
            std::min(left, page_bytes - reinterpret_cast<std::uintptr_t>(address) % page_bytes);
        check_in_page(a, address, in_page);
        address += in_page;
        left -= in_page;
    }
    order.made_access(running.thread);
}

}  // namespace

void access(const Access& a) {
    const Pause pause;
    const Array* array = checked_array(a);
    if (!array) return;
    if (profiling) [[unlikely]]
        profile_access(a, *array, running.thread);
    if (array->kind == Array::shared && array->block != blocks_begun) {
        array->block = blocks_begun;
        if (touched[order.block()].insert(array).second)
            begin_unwritten(const_cast<char*>(array->base), array->bytes);
        else  // before the block was put aside
            mark_written(array->base, array->bytes);
    }
    check_access(a);
}

void atomic(const Access& a) {
    access(a);
    if (!is_atomic(a.kind)) return;
    if (reads(a.kind)) order.take(running.thread, a.address);
    if (writes(a.kind)) order.leave(running.thread, a.address, a.scope);
}

void launch_begins(const KernelCall& call, dim3 grid, dim3 block, std::size_t shared_bytes) {
    begin_bounds(call, shared_bytes);
    profile_launch(call, grid, block, shared_bytes);
    launch = {grid.x, grid.y, block.x, block.y};
    second_store.address = nullptr;
    touched.clear();
    order.begin_launch(block.x * block.y * block.z);
}

void block_begins(std::uint64_t number, void* dynamic_shared, std::size_t bytes) {
    order.begin_block(static_cast<std::uint32_t>(number));
    ++blocks_begun;
    if (bytes > 0) begin_unwritten(static_cast<char*>(dynamic_shared), bytes);
}

void block_goes_on(std::uint64_t number) {
    profile_block_ends();
    order.go_on_with_block(static_cast<std::uint32_t>(number));
    ++blocks_begun;
}

void barrier_complete() {
    profile_barrier();
    order.barrier();
}

void grid_barrier_complete() {
    profile_barrier();
    order.grid_barrier();
}

void warp_synchronised(unsigned warp, unsigned lanes) { order.syncwarp(warp, lanes); }

void fence(Scope scope) {
    const Pause pause;
    order.fence(running.thread, scope);
}

void block_ends() {
    profile_block_ends();
    touched.erase(order.block());
    order.end_block();
}

void launch_ends() { end_bounds(); }

void memory_allocated(const void* base, std::size_t bytes) { watch(base, bytes, false); }

void memory_released(const void* base) { unwatch(base); }

void memory_written(const void* base, std::size_t bytes) { mark_written(base, bytes); }

}  // namespace vitrine::kernels::simt::check
