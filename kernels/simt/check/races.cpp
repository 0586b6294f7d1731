#include "races.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/simt/runtime.h"

#include "arena.h"
#include "bounds.h"
#include "events.h"
#include "guesses.h"
#include "order.h"
#include "own_memory.h"
#include "profile.h"
#include "report.h"
#include "shadow.h"
#include "source_lines.h"

namespace vitrine::kernels::simt::check {

constinit thread_local Running running{};

namespace {

// A second plain store to one place by another thread is no mistake when it stores the same value,
// in shared memory from the same line. That shows when it is done: at the next event.
struct SecondStore {
    const char* address = nullptr;  // nullptr: there is none
    std::uint64_t bytes = 0;        // a bit for each byte from `address` on
    unsigned char before[64];
    std::size_t width = 0;
    bool is_shared = false;
    Record first, second;
};

Order order;
Launch launch;
SecondStore second_store;
std::vector<const Array*> shared_arrays;  // static ones that this launch touched

// A read of memory that nobody wrote. Somebody may still do so, and then it is a race; only at the
// end of the memory's life it is known to be none.
struct UnwrittenRead {
    const void* address = nullptr;  // nullptr: there is none
    std::size_t bytes = 0;
    bool is_shared = false;
    Record read;
};
UnwrittenRead unwritten_read;

std::map<std::uint32_t, SharedPages> aside;  // of blocks of a cooperative launch

[[noreturn]] void stop(const std::string& what) {
    unwritten_read.address = nullptr;
    forget_guesses();
    running.kernel = false;
    stop_thread(what);
}

// Whether `old` is an access of another thread that nothing orders before what `now` does.
class Unordered {
public:
    Unordered(const Record& now, Time begin) : now_(now), begin_(begin) {}
    bool operator()(const Record& old) const {
        return old.time >= begin_ && !order.known(old, now_.thread);
    }

private:
    const Record& now_;
    const Time begin_;  // accesses before this time were to memory of another life
};

// Returns the record that `now` races with; nullptr if there is none. A plain store that could
// store the same value is `twin`.
const Record* rival(const Cell& cell, const Record& now, const Unordered& unordered,
                    const Record*& twin) {
    for (const Record& old : cell.write)
        if (unordered(old)) {
            if (now.kind != AccessKind::write) return &old;
            if (!twin) twin = &old;
        }
    const bool plain = !is_atomic(now.kind);
    for (const Record& old : cell.atomic)
        if ((plain || (old.block != now.block &&
                       (old.scope == Scope::block || now.scope == Scope::block))) &&
            unordered(old))
            return &old;
    if (!writes(now.kind)) return nullptr;
    for (const Record& old : cell.read)
        if (unordered(old) && (plain || !is_guess(old))) return &old;
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

void note_second_store(const Record& first, const Record& second, const Page& page,
                       const char* address, std::size_t bytes) {
    SecondStore& store = second_store;
    if (!store.address) {
        store.first = first;
        store.second = second;
        store.address = address;
        store.bytes = 0;
        store.width = bytes;
        store.is_shared = page.is_shared;
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
    const Unordered unordered(now, page.is_shared ? order.block_begin() : order.launch_begin());
    for (Cell* cell = first; cell <= last; ++cell, address += width) {
        const Record& latest = cell->read[0];
        if (now.kind == AccessKind::read && latest.time == now.time &&
            latest.thread == now.thread && latest.block == now.block)
            continue;
        const Record* twin = nullptr;
        if (const Record* old = rival(*cell, now, unordered, twin)) {
            if (now.kind != AccessKind::read || !is_atomic(old->kind))
                stop(race_text(launch, *old, now, address, width));
            add_guess({address, width, *old, now});
            continue;
        }
        if (twin) note_second_store(*twin, now, page, address, width);
        keep(*cell, now, unordered, twin != nullptr);
    }
}

// Some stores are not announced, g++'s into a returned struct among them: what is no longer 0xFF
// was written.
bool holds_fill(const char* address, std::size_t bytes) {
    return std::all_of(address, address + bytes,
                       [](char byte) { return static_cast<unsigned char>(byte) == 0xff; });
}

void check_state(Page& page, std::size_t begin, std::size_t bytes, const char* address,
                 const Record& now) {
    State* const state = page.state + begin;
    if (reads(now.kind) && holds_fill(address, bytes)) {
        if (!unwritten_read.address) unwritten_read = {address, bytes, page.is_shared, now};
        if (!writes(now.kind)) return;
    }
    std::fill(state, state + bytes, State::written);
}

// Returns false when not all of the bytes are watched.
bool check_in_page(const Access& a, char* address, std::size_t bytes) {
    Page* const page = page_at(address);
    if (!page) return false;
    const std::size_t begin = reinterpret_cast<std::uintptr_t>(address) - page->address;
    const Record now{order.now(),   place_of(a),
                     order.block(), static_cast<std::uint16_t>(running.thread),
                     a.kind,        a.scope};
    if (!page->all(State::written, begin, bytes)) {
        const State* const state = page->state + begin;
        if (std::find(state, state + bytes, State::unwatched) != state + bytes) return false;
        check_state(*page, begin, bytes, address, now);
    }
    note_access(address, now);
    while (bytes > 0) {  // parts of at most the widest cell
        const std::size_t part =
            std::min<std::size_t>(bytes, 16 - reinterpret_cast<std::uintptr_t>(address) % 16);
        check_cells(*page, address, part, now);
        address += part;
        bytes -= part;
    }
    return true;
}

void begin_shared(char* memory, std::size_t bytes) {
    watch(memory, bytes, true);
    std::memset(memory, 0xff, bytes);
}

// Memory that is not watched yet. Does not return when the thread must not touch it.
bool begin_to_watch(const Access& a) {
    // The standard library's functions are compiled with the kernels, so the emulator's strings may
    // come here.
    const bool is_known = is_arena(a.address) || array_at(a.address);
    if (!is_known && a.pc && source_line(a.pc).is_library) return false;
    const Array* const array = checked_array(a);
    if (!array) return false;
    char* const base = const_cast<char*>(array->base);
    if (array->kind == Array::shared) {
        shared_arrays.push_back(array);
        begin_shared(base, array->bytes);
    } else {
        watch(base, array->bytes, false);
        mark_written(base, array->bytes);
    }
    return true;
}

bool lists_same_values = false;
std::map<std::pair<std::uint32_t, std::uint32_t>, std::string> same_values;  // by places

void list_same_value(const SecondStore& store, const char* address) {
    std::string& text = same_values[{store.first.place, store.second.place}];
    if (text.empty()) text = same_value_text(launch, store.first, store.second, address);
}

std::string unwritten_error() {
    const UnwrittenRead& found = unwritten_read;
    return head_text(launch, found.read) +
           unwritten_text(launch, found.read, found.address, found.bytes);
}

}  // namespace

void settle() {
    SecondStore& store = second_store;
    if (!store.address) return;
    const bool kernel = std::exchange(running.kernel, false);
    const char* const address = std::exchange(store.address, nullptr);
    for (std::size_t i = 0; i < sizeof store.before; ++i)
        if (store.bytes >> i & 1 && static_cast<unsigned char>(address[i]) != store.before[i])
            stop(race_text(launch, store.first, store.second,
                           address + i / store.width * store.width, store.width));
    // In shared memory two lines store the same value by chance: one of them clears, for example.
    if (store.is_shared && !same_line(store.first.place, store.second.place))
        stop(race_text(launch, store.first, store.second, address, store.width));
    if (lists_same_values) list_same_value(store, address);
    running.kernel = kernel;
}

void access(const Access& a) {
    auto* address = static_cast<char*>(const_cast<void*>(a.address));
    if (is_own(address) || is_built_in(address)) return;
    const Pause pause;
    for (std::size_t left = a.bytes; left > 0;) {
        const std::size_t in_page =
            std::min(left, page_bytes - reinterpret_cast<std::uintptr_t>(address) % page_bytes);
        if (!check_in_page(a, address, in_page)) [[unlikely]] {
            if (!begin_to_watch(a)) return;
            continue;
        }
        address += in_page;
        left -= in_page;
    }
    order.made_access(running.thread);
    if (profiling) [[unlikely]]
        profile_access(a, *array_at(a.address), running.thread);
}

void thread_pauses() {
    settle();
    const bool kernel = std::exchange(running.kernel, false);
    if (const Guess guess = wrong_guess(); guess.address)
        stop(race_text(launch, guess.before, guess.read, guess.address, guess.bytes));
    running.kernel = kernel;
}

void atomic(const Access& a) {
    const bool compares = a.site && std::strncmp(a.site->operation, "atomicCAS", 9) == 0;
    if (compares) note_comparison(a.address, order.block(), running.thread);
    access(a);
    if (!is_atomic(a.kind)) return;
    if (reads(a.kind)) order.take(running.thread, a.address);
    if (writes(a.kind)) order.leave(running.thread, a.address, a.scope);
}

void launch_begins(const KernelCall& call, dim3 grid, dim3 block, std::size_t shared_bytes) {
    std::unique_lock lock(launch_or_memory);
    begin_bounds(call, shared_bytes);
    profile_launch(call, grid, block, shared_bytes);
    launch = {call.signature, grid.x, grid.y, block.x, block.y};
    second_store.address = nullptr;
    forget_guesses();
    unwritten_read.address = nullptr;
    forget_shared();
    shared_arrays.clear();
    lists_same_values = std::getenv("VITRINE_SIMT_SAME_VALUE") != nullptr;
    const bool begins_anew = order.begin_launch(block.x * block.y * block.z);
    if (begins_anew || holds_much()) forget_accesses();
    lock.release();  // launch_is_over() unlocks
}

void block_begins(std::uint64_t number, void* dynamic_shared, std::size_t bytes) {
    order.begin_block(static_cast<std::uint32_t>(number));
    if (bytes > 0) begin_shared(static_cast<char*>(dynamic_shared), bytes);
    for (const Array* array : shared_arrays)
        begin_shared(const_cast<char*>(array->base), array->bytes);
}

void block_put_aside() { aside[order.block()] = take_shared(); }

void block_goes_on(std::uint64_t number) {
    profile_block_ends();
    order.go_on_with_block(static_cast<std::uint32_t>(number));
    put_back_shared(std::move(aside[order.block()]));
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
    order.end_block();
    if (unwritten_read.address && unwritten_read.is_shared) throw Error(unwritten_error());
}

std::exception_ptr cause_of(std::exception_ptr error) {
    if (!unwritten_read.address) return error;
    return std::make_exception_ptr(Error(unwritten_error()));
}

void launch_ends() {
    for (const auto& [places, text] : same_values) std::fprintf(stderr, "%s\n", text.c_str());
    same_values.clear();
    aside.clear();
    if (unwritten_read.address) throw Error(unwritten_error());
}

void launch_is_over() {
    end_bounds();
    launch_or_memory.unlock();
}

}  // namespace vitrine::kernels::simt::check
