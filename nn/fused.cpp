#include "fused.h"

#include <atomic>
#include <cstdlib>
#include <string_view>
#include <typeinfo>

#include "activation.h"
#include "vitrine/core/anomaly.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/matmul_backend.h"

namespace vitrine::nn {
namespace {

std::atomic<bool>& fuse() {
    static std::atomic<bool> on = [] {
        const char* wish = std::getenv("VITRINE_FUSE");
        return !wish || std::string_view(wish) != "0";
    }();
    return on;
}

// As detecting_anomaly(), but for a thread that has recorded nothing yet, and so has not asked the environment.
bool looks_for_anomaly() {
    static const bool environment = [] {
        const char* wish = std::getenv("VITRINE_ANOMALY");
        return wish && *wish && std::string_view(wish) != "0";
    }();
    return anomaly_mode < 0 ? environment : anomaly_mode > 0;
}

// Whether nothing looks between a module and what follows it.
bool may_fuse(const AnyModule& module) { return !module.has_hooks() && fusing() && !looks_for_anomaly(); }
bool may_fuse_product(const AnyModule& module) { return may_fuse(module) && matmul_backend() == MatmulBackend::own; }

// `module` as an M, if it is one and no type derived from it, whose forward may be another.
template <class M>
M* exactly(AnyModule& module) {
    return typeid(module) == typeid(M) ? static_cast<M*>(&module) : nullptr;
}

}  // namespace

bool fusing() { return fuse().load(std::memory_order_relaxed); }
void set_fusing(bool on) { fuse().store(on, std::memory_order_relaxed); }

template <class Derived>
Tensor batch_norm_relu(const BatchNorm<Derived>& bn, Operand x) {
    if (!may_fuse(bn)) return relu(bn(x));
    const ModuleCall call(check_members_by_default(), bn, x);
    const Tensor y = bn.forward_relu(x.tensor());
    call.check_members(y);
    return y;
}

template <class Derived>
Tensor batch_norm_add_relu(const BatchNorm<Derived>& bn, Operand x, const Tensor& residual) {
    if (!may_fuse(bn)) return relu(bn(x) + residual);
    const ModuleCall call(check_members_by_default(), bn, x, residual);
    const Tensor y = bn.forward_add_relu(x.tensor(), residual);
    call.check_members(y);
    return y;
}

Tensor linear_relu(const Linear& linear, Operand x) {
    if (!may_fuse_product(linear)) return relu(linear(x));
    const ModuleCall call(check_members_by_default(), linear, x);
    const Tensor y = linear.forward_relu(x.tensor());
    call.check_members(y);
    return y;
}

Tensor dropout_add(const Dropout& dropout, Operand x, const Tensor& residual) {
    if (!may_fuse(dropout)) return residual + dropout(x);
    const ModuleCall call(check_members_by_default(), dropout, x, residual);
    const Tensor y = dropout.forward_add(x.tensor(), residual);
    call.check_members(y);
    return y;
}

Tensor forward_fused(AnyModule& first, AnyModule& second, const Tensor& x) {
    if (!exactly<ReLU>(second) || second.has_hooks() || !may_fuse(first)) return {};
    const auto both = [&](const auto& module) {
        const ProfiledModule profiled(module, Site::here());
        return module.forward_relu(x);
    };
    if (const auto* bn = exactly<BatchNorm2d>(first)) return both(*bn);
    if (const auto* bn = exactly<BatchNorm1d>(first)) return both(*bn);
    if (const auto* linear = exactly<Linear>(first); linear && may_fuse_product(*linear)) return both(*linear);
    return {};
}

template Tensor batch_norm_relu(const BatchNorm<BatchNorm1d>&, Operand);
template Tensor batch_norm_relu(const BatchNorm<BatchNorm2d>&, Operand);
template Tensor batch_norm_add_relu(const BatchNorm<BatchNorm1d>&, Operand, const Tensor&);
template Tensor batch_norm_add_relu(const BatchNorm<BatchNorm2d>&, Operand, const Tensor&);

}  // namespace vitrine::nn
