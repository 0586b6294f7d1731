// The gradients that wait for their node while the graph is walked backward. Private to backward.cpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "node.h"

namespace vitrine {

/// Where gradients gather: a node (one for each output) or a leaf (one).
struct Pending {
    Ref<Node> node;
    Ref<TensorImpl> leaf;
    InlineVector<Tensor, 2> grads;
    const void* key() const { return node ? static_cast<const void*>(node.get()) : leaf.get(); }
    std::uint64_t sequence() const { return node ? node->sequence() : 0; }  // leaves come last
};

/// Places by node or leaf, taken out latest node first. A node is made after everything that it was computed from, so
/// when its turn comes all its users have run: no count of users, no walk beforehand.
class PendingSet {
public:
    bool empty() const { return order_.empty(); }

    /// The place that the edge leads to, new if nothing waits there yet. Valid until the next call.
    Pending& at(const Edge& edge) {
        const void* key = edge.node ? static_cast<const void*>(edge.node.get()) : edge.leaf.get();
        if (2 * (order_.size() + 1) > table_.size()) rehash();
        std::size_t i = home(key);
        for (; table_[i] >= 0; i = next(i))
            if (places_[static_cast<std::size_t>(table_[i])].key() == key) return places_[static_cast<std::size_t>(table_[i])];
        table_[i] = take_place();
        Pending& place = places_[static_cast<std::size_t>(table_[i])];
        place.node = edge.node;
        place.leaf = edge.leaf;
        place.grads = InlineVector<Tensor, 2>(edge.node ? static_cast<std::size_t>(edge.node->outputs()) : 1);
        order_.push_back({place.sequence(), table_[i]});
        std::push_heap(order_.begin(), order_.end());
        return place;
    }

    Pending take_latest() {
        std::pop_heap(order_.begin(), order_.end());
        const std::int32_t index = order_.back().place;
        order_.pop_back();
        Pending place = std::move(places_[static_cast<std::size_t>(index)]);
        erase(place.key(), index);
        places_[static_cast<std::size_t>(index)] = Pending();
        free_.push_back(index);
        return place;
    }

private:
    struct Turn {
        std::uint64_t sequence;
        std::int32_t place;
        bool operator<(const Turn& other) const { return sequence < other.sequence; }
    };

    std::size_t home(const void* key) const {
        return static_cast<std::size_t>((reinterpret_cast<std::uintptr_t>(key) >> 5) * 0x9E3779B97F4A7C15ull >> 20) & (table_.size() - 1);
    }
    std::size_t next(std::size_t i) const { return (i + 1) & (table_.size() - 1); }

    std::int32_t take_place() {
        if (free_.empty()) {
            places_.emplace_back();
            return static_cast<std::int32_t>(places_.size() - 1);
        }
        const std::int32_t index = free_.back();
        free_.pop_back();
        return index;
    }

    void rehash() {
        table_.assign(std::max<std::size_t>(64, 2 * table_.size()), -1);
        for (const Turn& turn : order_) {
            std::size_t i = home(places_[static_cast<std::size_t>(turn.place)].key());
            while (table_[i] >= 0) i = next(i);
            table_[i] = turn.place;
        }
    }

    // Linear probing without tombstones: later entries of the run move into the gap where they may.
    void erase(const void* key, std::int32_t index) {
        std::size_t gap = home(key);
        while (table_[gap] != index) gap = next(gap);
        for (std::size_t i = next(gap); table_[i] >= 0; i = next(i)) {
            const std::size_t h = home(places_[static_cast<std::size_t>(table_[i])].key());
            const bool stays = gap <= i ? (gap < h && h <= i) : (gap < h || h <= i);
            if (!stays) {
                table_[gap] = table_[i];
                gap = i;
            }
        }
        table_[gap] = -1;
    }

    std::vector<Pending> places_;
    std::vector<std::int32_t> free_;   // places that can be used again
    std::vector<std::int32_t> table_;  // open addressing: key -> place, -1 where empty
    std::vector<Turn> order_;          // heap by sequence
};

}  // namespace vitrine
