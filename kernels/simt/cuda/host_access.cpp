#include "host_access.h"

#include <set>

#include "vitrine/kernels/base/error.h"
#include "vitrine/kernels/simt/check/events.h"

#include "allocations.h"
#include "findings.h"

#if VITRINE_SIMT_CHECK
#include "vitrine/kernels/simt/check/source_lines.h"
#endif

namespace vitrine_cuda {

namespace {

constinit thread_local bool emulator_runs = false;

#if VITRINE_SIMT_CHECK
void look_at(const void* address, std::size_t bytes, bool writes, const void* pc) {
    if (emulator_runs || !allocations().may_hold(address)) return;
    const EmulatorRuns here;
    const auto found = allocations().find(address);
    if (!found || found->is_hosts() || found->kind == Allocation::variable) return;
    static std::set<const void*> known;
    if (!known.insert(pc).second) return;
    const auto& line = vitrine::kernels::simt::source_line(pc);
    const std::string text = vitrine::join(
        "host code ", writes ? "writes" : "reads", " device memory at ", to_string(line), ": byte ",
        reinterpret_cast<std::uintptr_t>(address) - found->base, " of an allocation of ",
        found->bytes, " bytes", found->alive ? "" : ", freed before", " (", bytes, " bytes)");
    record_finding(text, line.file.c_str(), line.line);
}
#endif

}  // namespace

#if VITRINE_SIMT_CHECK
void watch_host_accesses() { vitrine::kernels::simt::check::on_host_access = &look_at; }
// Before main(): it also says that host code here is a stranger's.
[[maybe_unused]] const bool watched_from_the_start = (watch_host_accesses(), true);
#else
void watch_host_accesses() {}
#endif

EmulatorRuns::EmulatorRuns() : before_(emulator_runs) { emulator_runs = true; }
EmulatorRuns::~EmulatorRuns() { emulator_runs = before_; }

}  // namespace vitrine_cuda
