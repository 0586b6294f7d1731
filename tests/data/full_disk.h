// A disk that is full, without one.
#pragma once

#include <csignal>

#include <sys/resource.h>

/// While one lives, no file of this process may grow beyond `bytes`.
struct FullDisk {
    rlimit before{};
    void (*handler)(int);
    explicit FullDisk(rlim_t limit) : handler(std::signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &before);
        const rlimit now{limit, before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &now);
    }
    ~FullDisk() {
        setrlimit(RLIMIT_FSIZE, &before);
        std::signal(SIGXFSZ, handler);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;
};
