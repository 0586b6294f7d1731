// The README's first program: a classifier of digits.
#include <vitrine/vitrine.h>

#include <iostream>

namespace vt = vitrine;

int main() {
    vt::manual_seed(1);
    vt::nn::Sequential net(vt::nn::Linear(784, 128), vt::nn::ReLU(), vt::nn::Linear(128, 10));
    vt::optim::Adam adam(net.parameters(), {.lr = 1e-3});
    vt::data::Digits train(8192);  // or vt::data::Mnist train("data/mnist", vt::data::Split::train);
    for (auto& [x, y] : vt::data::DataLoader(train, {.batch_size = 128, .shuffle = true})) {
        vt::Tensor loss = vt::cross_entropy(net(x.flatten(1)), y);
        adam.zero_grad();
        loss.backward();
        adam.step();
        std::cout << "loss " << loss.item<float>() << '\n';
    }
}
