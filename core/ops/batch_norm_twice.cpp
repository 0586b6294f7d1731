#include "batch_norm_twice.h"

#include "binary.h"
#include "reduce.h"
#include "unary.h"

namespace vitrine {
namespace {

// Sums in which an undefined tensor stands for 0.
Tensor plus(const Tensor& a, const Tensor& b) { return !a.defined() ? b : !b.defined() ? a : a + b; }
Tensor times(const Tensor& a, const Tensor& b) { return a.defined() && b.defined() ? a * b : Tensor(); }

}  // namespace

NormalisationGrads normalisation_backward_twice(const Normalisation& n, const Tensor& u, const Tensor& v,
                                                const Tensor& t) {
    const bool given = n.mean.defined();
    const auto average = [&](const Tensor& z) { return mean(z, n.group, true); };
    const Tensor centred = n.x - (given ? n.mean : average(n.x));
    const Tensor r = given ? n.rstd : rsqrt(average(centred * centred) + n.eps);
    const Tensor xhat = centred * r;
    // P z = z - M z - xhat M(z xhat) with M the mean over a group: how xhat moves with x, but for the factor r.
    // dx = r P(w dy).
    const auto project = [&](const Tensor& z) { return given ? z : z - average(z) - xhat * average(z * xhat); };
    const Tensor q = n.w.defined() ? n.w * n.dy : n.dy;

    NormalisationGrads g;
    Tensor dxhat = times(n.dy, v);
    if (u.defined()) {
        const Tensor ru = r * project(u);
        g.dy = n.w.defined() ? n.w * ru : ru;
        g.w = sum(ru * n.dy, n.shared, true);
        if (!given) dxhat = plus(dxhat, neg(r * (u * average(q * xhat) + q * average(u * xhat))));
    }
    g.dy = plus(plus(g.dy, times(xhat, v)), t.defined() ? t.expand(n.x.shape()) : t);
    if (dxhat.defined()) g.x = r * project(dxhat);
    if (u.defined() && !given) g.x = plus(g.x, neg(xhat * average(u * project(q)) * (r * r)));
    return g;
}

}  // namespace vitrine
