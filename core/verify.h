// One model on two devices, compared node by node.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "site.h"
#include "tensor.h"

namespace vitrine::verify {

/// How closely two devices must agree; a flat aggregate. Elements p and q of one tensor agree when |p - q| is at most
/// tolerance * (the largest |p| in it) + 16 eps * (the largest number that the node was given), eps that of the dtype.
struct LockstepOptions {
    double f32_tolerance = 1e-4;
    double f64_tolerance = 1e-10;
    std::map<std::string, double> of_op = {};  ///< another tolerance for the nodes of an op, by its name
    std::uint64_t seed = 1;  ///< of the gradient that backward starts from, when the result is no single number
};

/// What was compared, when all agreed.
struct Lockstep {
    std::size_t nodes = 0;      ///< whose outputs were compared
    std::size_t gradients = 0;  ///< made by their backwards
    double closest = 0;         ///< to a difference: the largest |p - q| / allowed, at most 1
};

/// A model, not a function of a device.
template <class Model>
concept Movable = requires(Model& model) { model.to(Device::cpu); };

/// What lockstep() does.
Lockstep run_both(Device a, Device b, const std::function<Tensor(Device)>& forward, const LockstepOptions& options, Site site);

/// Runs `forward` on device a, and its backward; then on device b, where each node's outputs are compared with those that
/// it had on a as soon as they are made, and the gradients of its inputs as soon as its backward has made them. What
/// agrees goes on with a's numbers: rounding does not add up, and the first node that differs is the one that is wrong.
/// Both runs draw the same numbers from the default generator. No leaf's grad() is touched.
///
/// `forward(device)` makes one tensor on that device, a loss or any other result that requires grad.
///
/// Throws Error at the first difference, out of the op's call on b: the op, which output or gradient, the index, both
/// values, how far they may lie apart, the numbers around that index in what the node was given, and the user's line.
/// Throws Error, too, when the two runs do not record the same ops.
template <class Forward>
requires(!Movable<Forward> && std::invocable<Forward&, Device>)
Lockstep lockstep(Device a, Device b, Forward forward, const LockstepOptions& options = {}, Site site = Site::here()) {
    return run_both(a, b, forward, options, site);
}

/// The same for model(batch). A model with a clone() is left as it was; another one is moved to a, then to b, then to the
/// batch's device.
template <Movable Model>
Lockstep lockstep(Device a, Device b, Model& model, const Tensor& batch, const LockstepOptions& options = {},
                  Site site = Site::here()) {
    const auto result = [&](Model& moved, Device device) {
        const SiteScope scope(site);
        moved.to(device);
        return Tensor(moved(batch.to(device)));
    };
    const auto run = [&](Device device) {
        if constexpr (requires { Model(model.clone()); }) {
            Model copy = model.clone();
            return result(copy, device);
        } else {
            return result(model, device);
        }
    };
    struct Home {
        Model& model;
        Device device;
        ~Home() {
            if constexpr (!requires { Model(model.clone()); }) model.to(device);
        }
    } const home{model, batch.device()};
    return run_both(a, b, run, options, site);
}

}  // namespace vitrine::verify
