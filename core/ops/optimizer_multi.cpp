// Passes over all tensors at once.
#include <cmath>
#include <vector>

#include "optimizer.h"
#include "vitrine/core/dispatch.h"
#include "vitrine/core/elementwise.h"
#include "vitrine/core/grad_mode.h"
#include "vitrine/core/layout.h"
#include "vitrine/core/ops/creation.h"
#include "vitrine/kernels/optimizer/multi_tensor.h"

namespace vitrine {
namespace {

/// y, and x where there is one, as kernels take them: dense and in one order of elements.
struct Pair {
    Tensor y, x;
};

// Calls f with up to 64 pairs of one device and dtype at a time, in order.
template <class F>
void in_lists(const std::vector<Pair>& pairs, const F& f) {
    std::vector<bool> done(pairs.size());
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        if (done[i]) continue;
        std::vector<const Pair*> alike;
        const auto flush = [&] {
            if (!alike.empty()) f(alike);
            alike.clear();
        };
        for (std::size_t j = i; j < pairs.size(); ++j) {
            const bool same = pairs[j].y.device() == pairs[i].y.device() && pairs[j].y.dtype() == pairs[i].y.dtype();
            if (done[j] || !same) continue;
            done[j] = true;
            alike.push_back(&pairs[j]);
            if (alike.size() == static_cast<std::size_t>(kernels::TensorList<float>::most)) flush();
        }
        flush();
    }
}

template <class T>
kernels::TensorList<T> list_of(const std::vector<const Pair*>& pairs) {
    kernels::TensorList<T> list;
    for (const Pair* pair : pairs)
        list.add(raw<T>(pair->y), pair->x.defined() ? raw<T>(pair->x) : nullptr, pair->y.numel());
    return list;
}

template <template <class> class F>
void update_all(const Call& call, std::span<const Tensor> tensors, std::span<const Tensor> x, double number) {
    const NoGrad no_grad;
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        call.floating(tensors[i], "y");
        if (!x.empty()) call.check_same(tensors[i], x[i], "y", "x");
        const Strides order = dense_strides(tensors[i].shape(), tensors[i].strides());
        pairs.push_back({with_strides(tensors[i], order), x.empty() ? Tensor() : with_strides(x[i], order)});
    }
    in_lists(pairs, [&](const std::vector<const Pair*>& alike) {
        dispatch_floats(call, alike[0]->y, [&]<class T>(auto on) {
            kernels::update_list(on, list_of<T>(alike), F<T>{static_cast<T>(number)});
        });
    });
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        if (pairs[i].y.impl() == tensors[i].impl())
            changed_in_place(tensors[i]);
        else
            Tensor(tensors[i]).copy_(pairs[i].y);
    }
}

}  // namespace

double total_norm(std::span<const Tensor> tensors, Site site) {
    const Call call("total_norm", site);
    std::vector<Pair> pairs;
    for (const Tensor& g : tensors)
        if (g.defined()) pairs.push_back({dense(call.floating(g, "g"), call.site()), Tensor()});
    double total = 0;
    in_lists(pairs, [&](const std::vector<const Pair*>& alike) {
        std::int64_t parts = 0;
        for (const Pair* pair : alike) parts += kernels::part_count(pair->y.numel());
        const Tensor partials = empty({parts}, {.dtype = DType::f64, .device = alike[0]->y.device()}, call.site());
        dispatch_floats(call, alike[0]->y,
                        [&]<class T>(auto on) { kernels::square_sum(on, list_of<T>(alike), raw<double>(partials)); });
        for (double partial : partials.to_vector<double>()) total += partial;
    });
    return std::sqrt(total);
}

void scale_all(std::span<const Tensor> tensors, double factor, Site site) {
    update_all<kernels::ScaleBy>(Call("scale_all", site), tensors, {}, factor);
}

void clamp_all(std::span<const Tensor> tensors, double limit, Site site) {
    const Call call("clamp_all", site);
    call.check(limit >= 0, "limit ", limit, "; allowed is 0 or more");
    update_all<kernels::ClampTo>(call, tensors, {}, limit);
}

void lerp_all(std::span<const Tensor> y, std::span<const Tensor> x, double rest, Site site) {
    const Call call("lerp_all", site);
    call.check(y.size() == x.size(), y.size(), " tensors y and ", x.size(), " x; both must be as many");
    update_all<kernels::LerpBy>(call, y, x, rest);
}

}  // namespace vitrine
