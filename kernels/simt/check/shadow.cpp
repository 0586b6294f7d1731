#include "shadow.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <unordered_map>

#include "events.h"

namespace vitrine::kernels::simt::check {

std::recursive_mutex launch_or_memory;

namespace {

struct Region {
    std::uintptr_t end;
    bool is_shared;
};

struct Hit {
    std::uintptr_t address = 1;  // of no page
    Page* page = nullptr;
};
constexpr std::size_t hits_kept = 1024;
Hit last_hits[hits_kept];

std::map<std::uintptr_t, Region> regions;  // by where they begin
std::vector<std::uintptr_t> shared_regions;
std::size_t cells_made = 0;  // since forget_accesses()
std::unordered_map<std::uintptr_t, std::unique_ptr<Page>> pages;

std::uintptr_t number_of(const void* p) { return reinterpret_cast<std::uintptr_t>(p); }

void forget_hits() { std::fill(std::begin(last_hits), std::end(last_hits), Hit{}); }

// Every byte of the page that lies in a region is unwritten.
void begin_unwritten(Page& page) {
    std::fill(std::begin(page.state), std::end(page.state), State::unwatched);
    auto region = regions.upper_bound(page.address);
    if (region != regions.begin()) --region;
    for (; region != regions.end() && region->first < page.address + page_bytes; ++region) {
        const std::uintptr_t begin = std::max(region->first, page.address);
        const std::uintptr_t end = std::min(region->second.end, page.address + page_bytes);
        if (begin >= end) continue;
        page.is_shared = region->second.is_shared;
        std::fill(page.state + (begin - page.address), page.state + (end - page.address),
                  State::unwritten);
    }
    page.in_use = true;
}

bool has_region(std::uintptr_t address) {
    const auto behind = regions.lower_bound(address + page_bytes);
    return behind != regions.begin() && std::prev(behind)->second.end > address;
}

std::unique_ptr<Page> new_page(std::uintptr_t address) {
    if (!has_region(address)) return nullptr;
    auto page = std::make_unique<Page>();
    page->address = address;
    begin_unwritten(*page);
    return page;
}

template <class F>
void for_each_page(std::uintptr_t begin, std::uintptr_t end, F f) {
    for (auto at = begin & ~(page_bytes - 1); at < end; at += page_bytes)
        if (const auto page = pages.find(at); page != pages.end()) f(*page->second);
}

}  // namespace

Page* page_at(const void* at) {
    const std::uintptr_t address = number_of(at) & ~(page_bytes - 1);
    Hit& hit = last_hits[address / page_bytes % hits_kept];
    if (hit.address == address) [[likely]]
        return hit.page;
    auto found = pages.find(address);
    if (found == pages.end()) {
        auto page = new_page(address);
        if (!page) return nullptr;
        found = pages.emplace(address, std::move(page)).first;
    }
    if (!found->second->in_use) return nullptr;
    hit = {address, found->second.get()};
    return hit.page;
}

void Page::narrow(std::size_t begin_or_bytes) {
    const unsigned bits = std::min(4, std::countr_zero(begin_or_bytes));
    cells_made += page_bytes >> bits;
    if (!cells) {
        width_bits = bits;
        cells = std::make_unique<Cell[]>(page_bytes >> bits);
        return;
    }
    auto narrower = std::make_unique<Cell[]>(page_bytes >> bits);
    for (std::size_t i = 0; i < page_bytes >> bits; ++i)
        narrower[i] = cells[i >> (width_bits - bits)];
    cells = std::move(narrower);
    width_bits = bits;
}

void watch(const void* base, std::size_t bytes, bool is_shared) {
    const std::uintptr_t begin = number_of(base);
    if (is_shared && regions.find(begin) == regions.end()) shared_regions.push_back(begin);
    regions[begin] = {begin + bytes, is_shared};
    for_each_page(begin, begin + bytes, [=](Page& page) {
        if (!page.in_use) {
            begin_unwritten(page);
            return;
        }
        const std::uintptr_t first = std::max(begin, page.address);
        const std::uintptr_t end = std::min(begin + bytes, page.address + page_bytes);
        std::fill(page.state + (first - page.address), page.state + (end - page.address),
                  State::unwritten);
    });
}

void unwatch(const void* base) {
    const auto region = regions.find(number_of(base));
    if (region == regions.end()) return;
    const std::uintptr_t end = region->second.end;
    regions.erase(region);
    for (auto at = number_of(base) & ~(page_bytes - 1); at < end; at += page_bytes) pages.erase(at);
    forget_hits();
}

void forget_shared() {
    if (shared_regions.empty()) return;
    for (const std::uintptr_t begin : shared_regions) {
        for_each_page(begin, regions[begin].end, [](Page& page) { page.in_use = false; });
        regions.erase(begin);
    }
    shared_regions.clear();
    forget_hits();
}

void forget_accesses() {
    for (auto& [address, page] : pages) page->cells.reset();
    cells_made = 0;
}

bool holds_much() { return cells_made > (std::size_t(1) << 30) / sizeof(Cell); }

SharedPages take_shared() {
    SharedPages taken;
    for (auto page = pages.begin(); page != pages.end();) {
        if (page->second->is_shared && page->second->in_use) {
            taken.push_back(std::move(page->second));
            page = pages.erase(page);
        } else {
            ++page;
        }
    }
    forget_hits();
    return taken;
}

void put_back_shared(SharedPages back) {
    for (auto& page : back) pages[page->address] = std::move(page);
    forget_hits();
}

void mark_written(const void* base, std::size_t bytes) {
    std::uintptr_t at = number_of(base);
    const std::uintptr_t end = at + bytes;
    while (at < end) {
        Page* const page = page_at(reinterpret_cast<const void*>(at));
        const std::uintptr_t next = std::min(end, (at | (page_bytes - 1)) + 1);
        if (page)
            for (State* s = page->state + (at - page->address); at < next; ++at, ++s)
                if (*s == State::unwritten) *s = State::written;
        at = next;
    }
}

void memory_allocated(const void* base, std::size_t bytes) {
    const std::lock_guard lock(launch_or_memory);
    watch(base, bytes, false);
}

void memory_released(const void* base) {
    const std::lock_guard lock(launch_or_memory);
    unwatch(base);
}

void memory_written(const void* base, std::size_t bytes) {
    const std::lock_guard lock(launch_or_memory);
    mark_written(base, bytes);
}

}  // namespace vitrine::kernels::simt::check
