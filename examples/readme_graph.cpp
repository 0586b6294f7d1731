// The graph of docs/autograd.md: gradients of a small function, and the picture of its graph.
#include <vitrine/vitrine.h>

#include <fstream>
#include <iostream>

namespace vt = vitrine;
using vt::Tensor;

int main() {
    Tensor x = vt::tensor({3.0, 4.0, 5.0}, {.requires_grad = true});
    Tensor w = vt::scalar(1.0, {.requires_grad = true});
    Tensor y = (x + w) * vt::square(x);                                // [36, 80, 150]

    y.backward(vt::ones({3}), {.retain_graph = true});                 // adds to x.grad() and w.grad()
    Tensor dx = vt::grad({y}, {x}, {.grad_outputs = {vt::ones({3})}})[0];  // gives it back instead

    std::ofstream("graph.dot") << vt::graph_dot(y, {{"x", x}, {"w", w}});
    std::cout << "y " << y << "\ndx " << dx << "\ndw " << w.grad() << "\n";
    return dx.to_vector<float>() == x.grad().to_vector<float>() ? 0 : 1;
}
