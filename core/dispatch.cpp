#include "dispatch.h"

namespace vitrine {
namespace {
thread_local constinit std::uint64_t counts[3] = {};
}

std::uint64_t dispatch_count(Device device) { return counts[static_cast<int>(device)]; }
void count_dispatch(Device device) { ++counts[static_cast<int>(device)]; }

}  // namespace vitrine
