// Finding the op that first made a NaN.
#pragma once

#include <initializer_list>
#include <span>

#include "operand.h"
#include "tensor.h"

namespace vitrine {

struct AnomalyOptions {
    bool inf = false;  ///< infinities too; a mask of -inf is then found as well
};

/// While one lives, each op that this thread records, and each that it walks backward through, looks at what it has
/// made, and throws Error at the first NaN: in forward with the op and the user's file:line, in backward also with the
/// input whose gradient it is. Slow: every result is read. An op that is not recorded, under no_grad or on tensors that
/// need no gradient, is not looked at; the recorded op that reads its result says that the NaN came from outside.
///
/// VITRINE_ANOMALY=1 in the environment does the same for a whole run, VITRINE_ANOMALY=inf with infinities.
class DetectAnomaly {
public:
    explicit DetectAnomaly(AnomalyOptions options = {});
    ~DetectAnomaly();
    DetectAnomaly(const DetectAnomaly&) = delete;
    DetectAnomaly& operator=(const DetectAnomaly&) = delete;

private:
    int before_;
};

// ---- for record() and the engine
class Node;

extern thread_local constinit int anomaly_mode;  // 0: off; below 0: the environment was not asked yet
inline bool detecting_anomaly() { return anomaly_mode != 0; }

/// Throws Error if the op's result y holds a NaN.
void check_made(const Call& call, const Tensor& y, std::initializer_list<const Tensor*> inputs);
/// Throws Error if a gradient dx that the node's backward made of dy holds a NaN.
void check_made(const Call& call, const Node& node, std::span<const Tensor> dy, std::span<const Tensor> dx);

}  // namespace vitrine
