// Host code that touches device memory, which on a GPU would crash: a finding in a build with the
// checker.
#pragma once

namespace vitrine_cuda {

/// From the first allocation on.
void watch_host_accesses();

/// As long as one exists, what this OS thread touches is the emulator's business.
class EmulatorRuns {
public:
    EmulatorRuns();
    ~EmulatorRuns();
    EmulatorRuns(const EmulatorRuns&) = delete;
    EmulatorRuns& operator=(const EmulatorRuns&) = delete;

private:
    const bool before_;
};

}  // namespace vitrine_cuda
