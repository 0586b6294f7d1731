// Being shown what is recorded and walked backward through: for pictures of the graph, replay and lockstep.
#pragma once

#include <span>

#include "tensor.h"

namespace vitrine {

/// While one lives, it is shown each node that this thread records, and each that it walks backward through. An inner one
/// takes the place of an outer one until it ends.
class Witness {
public:
    Witness(const Witness&) = delete;
    Witness& operator=(const Witness&) = delete;

    virtual void took(Node& node, const Tensor& x) = 0;  ///< x is the node's next input
    virtual void made(Node& node, Tensor& y) = 0;        ///< y has become the node's next output
    /// The node's backward has made dx of dy; what is written to dx goes on in its place.
    virtual void walked(Node& node, std::span<const Tensor> dy, std::span<Tensor> dx) = 0;

protected:
    Witness();
    ~Witness();

private:
    Witness* outer_;
};

/// The thread's innermost witness, or nullptr.
extern thread_local constinit Witness* witness;

/// While one lives, nodes recorded by this thread keep their inputs and outputs, and what backward makes of them: for a
/// picture of the graph with values, and for replay().
class KeepValues : public Witness {
public:
    void took(Node& node, const Tensor& x) override;
    void made(Node& node, Tensor& y) override;
    void walked(Node& node, std::span<const Tensor> dy, std::span<Tensor> dx) override;
};

}  // namespace vitrine
