#include "os_thread.h"

#include <atomic>
#include <cerrno>

#include "vitrine/kernels/base/error.h"

#include "signals.h"

namespace vitrine::kernels::simt {

namespace {
std::atomic<pthread_t> running_thread{};
constexpr std::size_t most_name_bytes = 16;  // Linux's, with the zero
}  // namespace

pthread_t OsThread::running() { return running_thread.load(); }

OsThread::OsThread() : id_(pthread_self()) {
    sem_init(&awake_, 0, 0);
    running_thread = id_;
}

OsThread::OsThread(Fiber& fiber) : fiber_(&fiber) {
    sem_init(&awake_, 0, 0);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, fiber.stack(), Fiber::stack_bytes());
    const int error = pthread_create(&id_, &attributes, &first_function, this);
    pthread_attr_destroy(&attributes);
    if (error == 0) return;
    sem_destroy(&awake_);
    throw Error("simt: no OS thread left for a waiting thread");
}

OsThread::~OsThread() {
    if (fiber_) {
        ends_ = true;
        sem_post(&awake_);
        pthread_join(id_, nullptr);
    } else if (!first_name_.empty()) {
        pthread_setname_np(id_, first_name_.c_str());
    }
    sem_destroy(&awake_);
}

void OsThread::wake() { sem_post(&awake_); }

void OsThread::sleep() {
    while (sem_wait(&awake_) != 0 && errno == EINTR) {
    }
    if (ends_) pthread_exit(nullptr);
    running_thread = id_;
}

void* OsThread::first_function(void* thread) {
    auto& self = *static_cast<OsThread*>(thread);
    const AlternateStack signals;
    self.sleep();
    self.fiber_->start();
}

void OsThread::set_name(const char* name) {
    if (!fiber_ && first_name_.empty()) {
        char before[most_name_bytes] = "";
        pthread_getname_np(id_, before, sizeof before);
        first_name_ = before;
    }
    pthread_setname_np(id_, std::string(name).substr(0, most_name_bytes - 1).c_str());
}

}  // namespace vitrine::kernels::simt
