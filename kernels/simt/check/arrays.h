// The arrays that a kernel may touch: device allocations, static shared arrays, dynamic shared
// memory, and variables of the program (__device__). Part of the checker.
//
// Device memory comes from addresses of its own, the same ones in every run, with at least 1 GiB
// that nobody owns between two allocations: an index that is wrong by less than that never lands in
// another one. Released memory is unmapped, and its addresses are not given again before all others
// were (some 60,000 allocations later). Static shared arrays lie 64 KiB apart
// (kernels/simt/language.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace vitrine::kernels::simt {

struct Array {
    enum Kind : std::uint8_t { global, shared, dynamic };
    std::string name;  ///< of shared arrays and variables; an allocation's is in array_name()
    const char* base = nullptr;
    std::size_t bytes = 0;
    Kind kind = global;
    bool alive = true;
    bool watched = true;  ///< false: threadIdx and its like, the emulator's own variables
    std::uint32_t number = 0;  ///< unique among those that were ever known, from 1
    mutable std::uint64_t block = 0;  ///< shared arrays: counts the blocks, see races.cpp

    bool holds(const void* address) const {
        return static_cast<const char*>(address) >= base &&
               static_cast<const char*>(address) < base + bytes;
    }
};

/// Device memory of exactly `bytes`, aligned to 256 bytes and more; nullptr when there is none.
void* allocate_array(std::size_t bytes);
/// Gives it back; the array stays known, as released.
void release_array(void* memory);

/// Throws vitrine::Error when [address, address + bytes) reaches into device memory, but not into
/// one live allocation. Memory of the host passes.
void check_host_access(const void* address, std::size_t bytes, const char* operation);

/// How much dynamic shared memory the launch that begins has.
void set_dynamic_shared(std::size_t bytes);

/// The array, live or released, that `address` lies in; nullptr if there is none.
const Array* array_at(const void* address);
/// Of the program's own variables, shared arrays among them, the one that `address` lies in.
const Array* variable_at(const void* address);
/// The array that `address` is nearest to, at most 256 MiB away; nullptr if there is none.
const Array* nearest_array(const void* address);

/// Whether the program's constants lie there.
bool is_constant(const void* address);

}  // namespace vitrine::kernels::simt
