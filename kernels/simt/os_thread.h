// An OS thread as the stack of a waiting CUDA thread. Of all of them one runs at a time.
#pragma once

#include <string>

#include <pthread.h>
#include <semaphore.h>

#include "fiber.h"

namespace vitrine::kernels::simt {

class OsThread {
public:
    /// The running OS thread.
    OsThread();
    /// A new one on the fiber's stack; its first wake() starts the fiber.
    explicit OsThread(Fiber& fiber);
    /// A new one ends where it sleeps; nothing of a kernel lies on its stack then. The running one
    /// gets back its name.
    ~OsThread();
    OsThread(const OsThread&) = delete;
    OsThread& operator=(const OsThread&) = delete;

    void wake();
    void sleep();
    /// Of the running thread; at most 15 characters are kept.
    void set_name(const char* name);

    /// Of all, the one that runs now.
    static pthread_t running();

private:
    static void* first_function(void* thread);

    Fiber* fiber_ = nullptr;
    pthread_t id_{};
    sem_t awake_;
    bool ends_ = false;
    std::string first_name_;  // "": it has it still
};

}  // namespace vitrine::kernels::simt
