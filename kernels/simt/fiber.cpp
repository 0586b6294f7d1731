#include "fiber.h"

#include <cstdint>
#include <cstdlib>

#include <sys/mman.h>

#include "vitrine/kernels/base/error.h"

#include "os_thread.h"

// longjmp() itself: with _FORTIFY_SOURCE the name means a version that refuses to change stacks.
extern "C" [[noreturn]] void vitrine_simt_longjmp(jmp_buf place, int value) __asm__("_longjmp");

namespace vitrine::kernels::simt {

namespace {

// A frame that is larger than the guard would step over it into the stack below.
constexpr std::size_t guard_bytes = 256 * 1024;

void start_from_context(unsigned low, unsigned high) {
    const std::uint64_t self = static_cast<std::uint64_t>(high) << 32 | low;
    reinterpret_cast<Fiber*>(static_cast<std::uintptr_t>(self))->start();
}

void prepare_context(ucontext_t& context, char* stack, Fiber* fiber) {
    getcontext(&context);
    context.uc_stack.ss_sp = stack;
    context.uc_stack.ss_size = Fiber::stack_bytes();
    context.uc_link = nullptr;
    const std::uint64_t self = reinterpret_cast<std::uintptr_t>(fiber);  // makecontext passes ints
    makecontext(&context, reinterpret_cast<void (*)()>(&start_from_context), 2, static_cast<unsigned>(self),
                static_cast<unsigned>(self >> 32));
}

}  // namespace

std::size_t Fiber::stack_bytes() {
#if VITRINE_SIMT_CHECK  // libdw, which reports ask for lines, wants 200 KiB
    return 1024 * 1024;
#elif VITRINE_SIMT_ASAN
    return 256 * 1024;
#else
    return 128 * 1024;
#endif
}

Fiber::Fiber(SwitchKind kind) : kind_(kind) {
    if (kind == SwitchKind::ucontext) context_ = std::make_unique<ucontext_t>();
    if (kind == SwitchKind::os_threads) thread_ = std::make_unique<OsThread>();
#if VITRINE_SIMT_TSAN
    tsan_fiber_ = __tsan_get_current_fiber();
#endif
}

Fiber::Fiber(SwitchKind kind, Entry entry, void* argument) : kind_(kind), entry_(entry), argument_(argument) {
    allocate_stack();
    if (kind == SwitchKind::os_threads) {
        thread_ = std::make_unique<OsThread>(*this);
        return;
    }
    if (kind == SwitchKind::ucontext) {
        context_ = std::make_unique<ucontext_t>();
        prepare_context(*context_, stack(), this);
    }
#if VITRINE_SIMT_ASSEMBLY
    if (kind == SwitchKind::assembly) stack_pointer_ = vitrine_simt_new_stack(stack() + stack_bytes(), this);
#endif
#if VITRINE_SIMT_ASAN
    bottom_ = stack();
    bytes_ = stack_bytes();
#endif
#if VITRINE_SIMT_TSAN
    tsan_fiber_ = __tsan_create_fiber(0);
#endif
}

Fiber::~Fiber() {
    thread_.reset();  // before its stack
    if (!mapping_) return;
#if VITRINE_SIMT_TSAN
    if (kind_ != SwitchKind::os_threads) __tsan_destroy_fiber(tsan_fiber_);
#endif
    unpoison(stack(), stack_bytes());
    munmap(mapping_, guard_bytes + stack_bytes());
}

char* Fiber::stack() const { return mapping_ + guard_bytes; }

void Fiber::allocate_stack() {
    const std::size_t bytes = guard_bytes + stack_bytes();
    void* memory = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    VITRINE_CHECK(memory != MAP_FAILED, "simt: no memory for the stack of a waiting thread");
    mapping_ = static_cast<char*>(memory);
    if (mprotect(stack(), stack_bytes(), PROT_READ | PROT_WRITE) != 0) {
        munmap(mapping_, bytes);
        throw Error(
            "simt: no mapping left for the stack of a waiting thread (vm.max_map_count); "
            "VITRINE_SIMT_WORKERS=1 needs the fewest");
    }
}

bool Fiber::is_in_guard(const void* address) const {
    const auto place = reinterpret_cast<std::uintptr_t>(address);
    const auto guard = reinterpret_cast<std::uintptr_t>(mapping_);
    return mapping_ && place >= guard && place < guard + guard_bytes;
}

void Fiber::start() {
    after_switch();
    entry_(argument_, *this);
    std::abort();
}

void Fiber::leave() {
    if (mapping_) unpoison(stack(), stack_bytes());
    vitrine_simt_longjmp(before_body_, 1);
}

void Fiber::hand_over(Fiber& next) {
    OsThread& own = *thread_;  // the next may be about to end this one
    next.thread_->wake();
    own.sleep();
}

void Fiber::set_name(const char* name) {
    if (thread_) thread_->set_name(name);
}

#if VITRINE_SIMT_ASAN
namespace {
thread_local Fiber* left = nullptr;  // the fiber that the last switch of this OS thread left
}

void Fiber::before_switch(Fiber& next) {
    left = this;
    __sanitizer_start_switch_fiber(&fake_stack_, next.bottom_, next.bytes_);
}

void Fiber::after_switch() {
    if (kind_ == SwitchKind::os_threads) return;
    // This is also how the bounds of an OS thread's own stack become known.
    __sanitizer_finish_switch_fiber(fake_stack_, &left->bottom_, &left->bytes_);
}
#endif

}  // namespace vitrine::kernels::simt
