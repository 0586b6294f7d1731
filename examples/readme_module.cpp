// The README's second program: a module of one's own learns which of two pictures shows the larger digit.
#include <vitrine/vitrine.h>

#include <iostream>
#include <vector>

namespace vt = vitrine;

struct Larger : vt::nn::Module<Larger> {
    vt::nn::Linear left{784, 64}, right{784, 64}, out{64, 1};
    std::vector<vt::nn::Linear> layers;

    explicit Larger(int depth) {
        for (int i = 0; i < depth; ++i) layers.emplace_back(64, 64);
        right.weight = left.weight;  // tied: one parameter
    }
    vt::Tensor forward(const vt::Tensor& x, const vt::Tensor& z) {
        vt::Tensor h = vt::relu(left(x)) - vt::relu(right(z));
        for (auto& layer : layers) h = h + vt::relu(layer(h));  // a branch around each layer
        return is_training() ? out(h) : vt::sigmoid(out(h));
    }
    void members(vt::nn::Members& m) override {
        m("left", left), m("right", right), m("layers", layers), m("out", out);
    }
};

// The first half of a batch beside the second.
struct Pairs {
    vt::Tensor x, z, larger;
    explicit Pairs(const vt::data::Example& batch) {
        const vt::Tensor pictures = batch.x.flatten(1), &digits = batch.y;
        const std::int64_t n = digits.size(0) / 2;
        x = pictures.slice(0, 0, n), z = pictures.slice(0, n, 2 * n);
        larger = (digits.slice(0, 0, n) > digits.slice(0, n, 2 * n)).unsqueeze(1);
    }
};

int main() {
    vt::manual_seed(1);
    Larger net(2);
    std::cout << net.summary();
    vt::optim::Adam adam(net.parameters());
    vt::data::Digits train(16384), test(2048, {.seed = 1});
    vt::data::DataLoader batches(train, {.batch_size = 256, .shuffle = true});
    for (int epoch = 1; epoch <= 5; ++epoch) {
        for (auto& batch : batches) {
            const Pairs pairs(batch);
            adam.zero_grad();
            vt::binary_cross_entropy_with_logits(net(pairs.x, pairs.z), pairs.larger.to(vt::DType::f32)).backward();
            adam.step();
        }
        net.eval();
        for (auto& batch : vt::data::DataLoader(test, {.batch_size = 2048})) {
            const Pairs pairs(batch);
            const vt::Tensor said = vt::no_grad([&] { return net(pairs.x, pairs.z) > 0.5; });
            const vt::Tensor right = vt::mean((said == pairs.larger).to(vt::DType::f32));
            std::cout << "epoch " << epoch << ": " << 100 * right.item<double>() << " % right\n";
        }
        net.train();
    }
}
