// Kernels on a thread that is one of several already.
#pragma once

namespace vitrine::kernels {

/// While one lives, CPU kernels that this host thread calls use no other threads: for the workers of a data loader,
/// which share the machine with the training step.
class OneThread {
public:
    OneThread();
    ~OneThread();
    OneThread(const OneThread&) = delete;
    OneThread& operator=(const OneThread&) = delete;

private:
    bool before_;
};

}  // namespace vitrine::kernels
