#include "shadow.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <unordered_map>

namespace vitrine::kernels::simt::check {

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
std::unordered_map<std::uintptr_t, std::unique_ptr<Page>> pages;

std::uintptr_t number_of(const void* p) { return reinterpret_cast<std::uintptr_t>(p); }

void forget_hits() { std::fill(std::begin(last_hits), std::end(last_hits), Hit{}); }

// Every byte of the page that lies in a region is unwritten.
std::unique_ptr<Page> new_page(std::uintptr_t address) {
    auto page = std::make_unique<Page>();
    page->address = address;
    auto region = regions.upper_bound(address);
    if (region != regions.begin()) --region;
    bool any = false;
    for (; region != regions.end() && region->first < address + page_bytes; ++region) {
        const std::uintptr_t begin = std::max(region->first, address);
        const std::uintptr_t end = std::min(region->second.end, address + page_bytes);
        if (begin >= end) continue;
        any = true;
        page->is_shared = region->second.is_shared;
        std::fill(page->state + (begin - address), page->state + (end - address), State::unwritten);
    }
    return any ? std::move(page) : nullptr;
}

}  // namespace

Page* page_at(const void* at) {
    const std::uintptr_t address = number_of(at) & ~(page_bytes - 1);
    Hit& hit = last_hits[address / page_bytes % hits_kept];
    if (hit.address == address) [[likely]]
        return hit.page;
    std::unique_ptr<Page>& page = pages[address];
    if (!page) page = new_page(address);
    if (!page) {
        pages.erase(address);
        return nullptr;
    }
    hit = {address, page.get()};
    return page.get();
}

void Page::narrow(std::size_t begin_or_bytes) {
    const unsigned bits = std::min(4, std::countr_zero(begin_or_bytes));
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
    unwatch(base);
    regions[number_of(base)] = {number_of(base) + bytes, is_shared};
}

void unwatch(const void* base) {
    const auto region = regions.find(number_of(base));
    if (region == regions.end()) return;
    const std::uintptr_t end = region->second.end;
    regions.erase(region);
    for (auto at = number_of(base) & ~(page_bytes - 1); at < end; at += page_bytes) pages.erase(at);
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

}  // namespace vitrine::kernels::simt::check
