#include "repeat.h"

#include "vitrine/core/ops/copy.h"
#include "vitrine/core/ops/view.h"

namespace vitrine {

Tensor repeat(Operand operand, const Shape& repeats) {
    const Call call("repeat", operand);
    Tensor y = call.tensor(operand);
    const int dims = repeats.dims(), added = dims - y.dim();
    call.check(added >= 0, "repeats ", repeats, " for x ", y.shape(), "; there must be one for each dimension");
    Shape shape = repeats;
    for (int d = 0; d < dims; ++d) {
        call.check(repeats[d] >= 0, "repeats ", repeats, "; they cannot be negative");
        shape[d] = d < added ? 1 : y.shape()[d - added];
    }
    if (added > 0) y = y.reshape(shape, call.site());
    // Innermost first: what is copied grows towards the whole, which is copied once.
    for (int d = dims - 1; d >= 0; --d) {
        if (repeats[d] == 1) continue;
        call.check(dims < Shape::max_dims || shape[d] == 1, "x ", y.shape(), " has too many dimensions; allowed are ",
                   Shape::max_dims - 1);
        Shape wide = shape;
        if (shape[d] == 1) {
            wide[d] = repeats[d];
            y = y.expand(wide, call.site()).contiguous(call.site());
        } else {
            wide.insert(d, repeats[d]);
            y = y.unsqueeze(d, call.site()).expand(wide, call.site());
            wide.erase(d);
            wide[d] = repeats[d] * shape[d];
            y = y.reshape(wide, call.site());
        }
        shape = wide;
    }
    const bool shared = y.impl()->storage.get() == operand.tensor().impl()->storage.get();
    return shared ? y.clone(call.site()) : y;
}

}  // namespace vitrine
