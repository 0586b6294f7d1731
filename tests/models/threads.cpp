// The same bits at one thread and at two: whole training steps of every model, larger than what one thread keeps for
// itself.
#include <doctest/doctest.h>

#include <cstring>
#include <functional>

#include "vitrine/core/device.h"
#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/cross_entropy.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/models/char_rnn.h"
#include "vitrine/models/cifar_cnn.h"
#include "vitrine/models/gpt.h"
#include "vitrine/models/resnet.h"
#include "vitrine/models/vae.h"
#include "vitrine/optim/adam.h"
#include "vitrine/optim/clip.h"

using namespace vitrine;

namespace {

class Threads {
public:
    explicit Threads(int n) : before_(num_threads()) { set_num_threads(n); }
    ~Threads() { set_num_threads(before_); }
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;

private:
    int before_;
};

// The parameters after three steps from seed 1.
template <class Model>
std::vector<Tensor> trained(int threads, const std::function<Model()>& make, const std::function<Tensor(Model&)>& loss) {
    const Threads scope(threads);
    manual_seed(1);
    Model net = make();
    optim::Adam adam(net.parameters(), {.lr = 1e-3});
    for (int step = 0; step < 3; ++step) {
        adam.zero_grad();
        loss(net).backward();
        optim::clip_grad_norm_(net.parameters(), 1);
        adam.step();
    }
    return net.parameters();
}

template <class Model>
void check_same_bits(const std::function<Model()>& make, const std::function<Tensor(Model&)>& loss) {
    const auto one = trained(1, make, loss), two = trained(2, make, loss);
    REQUIRE(one.size() == two.size());
    for (std::size_t i = 0; i < one.size(); ++i) {
        CAPTURE(i);
        REQUIRE(one[i].is_contiguous() == two[i].is_contiguous());
        const Tensor a = one[i].contiguous(), b = two[i].contiguous();
        CHECK(std::memcmp(a.data<float>(), b.data<float>(), static_cast<std::size_t>(a.numel()) * sizeof(float)) == 0);
    }
}

Tensor ids(std::int64_t rows, std::int64_t columns) { return (rand({rows, columns}) * 11).to(DType::i64); }

}  // namespace

TEST_CASE("models/threads: a variational autoencoder trains to the same bits at one thread and at two") {
    check_same_bits<models::Vae>([] { return models::Vae({.inputs = 196, .hidden = 130}); },
                                 [](models::Vae& net) {
                                     const Tensor x = rand({67, 196});
                                     return models::vae_loss(net(x), x);
                                 });
}

TEST_CASE("models/threads: a convolutional net trains to the same bits at one thread and at two") {
    check_same_bits<models::CifarCnn>([] { return models::CifarCnn({.image_size = 16, .channels = {32, 33, 64}}); },
                                      [](models::CifarCnn& net) {
                                          return cross_entropy(net(randn({9, 3, 16, 16})), (rand({9}) * 10).to(DType::i64));
                                      });
}

TEST_CASE("models/threads: a residual net trains to the same bits at one thread and at two") {
    check_same_bits<models::ResNet>([] { return models::resnet18({.classes = 10, .small_images = true, .width = 16}); },
                                    [](models::ResNet& net) {
                                        return cross_entropy(net(randn({5, 3, 16, 16})), (rand({5}) * 10).to(DType::i64));
                                    });
}

TEST_CASE("models/threads: an LSTM trains to the same bits at one thread and at two") {
    check_same_bits<models::CharRnn>([] { return models::CharRnn({.vocabulary = 11, .embedding = 48, .hidden = 100}); },
                                     [](models::CharRnn& net) { return models::next_token_loss(net(ids(33, 21)).logits, ids(33, 21)); });
}

TEST_CASE("models/threads: a transformer trains to the same bits at one thread and at two") {
    check_same_bits<models::Gpt>(
        [] { return models::Gpt({.vocabulary = 11, .context = 40, .layers = 2, .heads = 3, .width = 96, .dropout = 0.1}); },
        [](models::Gpt& net) { return models::next_token_loss(net(ids(7, 40)), ids(7, 40)); });
}
