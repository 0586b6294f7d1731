// Whether ops record nodes. Each host thread has its own setting.
#pragma once

namespace vitrine {

/// True (the default) when ops on tensors that require grad record nodes.
bool is_grad_enabled();
void set_grad_enabled(bool enabled);

/// While one lives, ops of this thread record (or do not record) nodes.
class GradMode {
public:
    explicit GradMode(bool enabled) : before_(is_grad_enabled()) { set_grad_enabled(enabled); }
    ~GradMode() { set_grad_enabled(before_); }
    GradMode(const GradMode&) = delete;
    GradMode& operator=(const GradMode&) = delete;

private:
    bool before_;
};

/// `{ NoGrad no_grad; ... }`: nothing in the block is recorded, and leaves may be changed in place.
class NoGrad : GradMode {
public:
    NoGrad() : GradMode(false) {}
};

/// Runs f without recording and returns what it returns: `auto y = no_grad([&] { return net(x); });`
template <class F>
decltype(auto) no_grad(F&& f) {
    NoGrad guard;
    return f();
}

}  // namespace vitrine
