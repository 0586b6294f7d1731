// Memory for small objects of the graph: nodes, tensor handles' shared parts, storages.
#pragma once

#include <cstddef>

namespace vitrine {

/// Memory for an object of `bytes`, from free lists of the calling thread (sizes to 512; larger ones and
/// sanitizer builds use the heap).
void* pool_allocate(std::size_t bytes);
/// Gives it back; any thread may.
void pool_release(void* memory, std::size_t bytes) noexcept;

/// Base that puts a type's objects into the pool.
struct Pooled {
    static void* operator new(std::size_t bytes) { return pool_allocate(bytes); }
    static void operator delete(void* memory, std::size_t bytes) { pool_release(memory, bytes); }
};

}  // namespace vitrine
