// The program that tests/interop/exchange.py runs: for each net there is, in the folder of its argument, NAME.pt
// (weights of PyTorch) and NAME_io.pt (input x and PyTorch's output y). It loads the weights, compares outputs, then
// writes weights of its own with their outputs, NAME_ours.safetensors, for PyTorch to compare.
#include <cmath>
#include <filesystem>
#include <functional>
#include <iostream>

#include <vitrine/vitrine.h>

namespace vt = vitrine;
namespace nn = vitrine::nn;
using vt::Tensor;

namespace {

struct Words : nn::Module<Words> {
    nn::Embedding embedding{11, 6};
    nn::LSTM lstm{6, 5, {.num_layers = 2, .bidirectional = true}};
    nn::GRU gru{10, 4};
    nn::Linear head{4, 3};
    Tensor forward(const Tensor& ids) { return head(gru(lstm(embedding(ids)).output).output); }
    void members(nn::Members& m) override {
        m("embedding", embedding), m("lstm", lstm), m("gru", gru), m("head", head);
    }
};

struct Picture : nn::Module<Picture> {
    nn::Conv2d conv{3, 8, 3, {.stride = 2, .padding = 1}};
    nn::BatchNorm2d norm{8};
    nn::MaxPool2d pool{2};
    nn::ConvTranspose2d up{8, 4, 3, {.stride = 2}};
    nn::Linear head{4 * 9 * 9, 5};
    Tensor forward(const Tensor& x) { return head(vt::relu(up(pool(vt::relu(norm(conv(x)))))).flatten(1)); }
    void members(nn::Members& m) override {
        m("conv", conv), m("norm", norm), m("pool", pool), m("up", up), m("head", head);
    }
};

struct Plain : nn::Module<Plain> {
    nn::Sequential layers{nn::Linear(7, 9), nn::Tanh(), nn::LayerNorm(9), nn::Linear(9, 4)};
    Tensor forward(const Tensor& x) { return layers(x); }
    void members(nn::Members& m) override { m("layers", layers); }
};

struct Sentence : nn::Module<Sentence> {
    nn::TransformerEncoderLayer post{8, 2, {.dim_feedforward = 16, .batch_first = true}};
    nn::TransformerEncoderLayer pre{8, 2, {.dim_feedforward = 16, .activation = nn::TransformerActivation::gelu, .batch_first = true, .norm_first = true}};
    Tensor forward(const Tensor& x) { return pre(post(x)); }
    void members(nn::Members& m) override { m("post", post), m("pre", pre); }
};

vt::models::Gpt small_gpt() { return vt::models::Gpt({.vocabulary = 31, .context = 16, .layers = 2, .heads = 3, .width = 24}); }

double largest_difference(const Tensor& a, const Tensor& b) {
    const std::vector<float> x = a.to_vector<float>(), y = b.to_vector<float>();
    double most = a.shape() == b.shape() ? 0 : INFINITY;
    for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i)
        most = std::max(most, std::abs(double{x[i]} - y[i]) / std::max(1.0, std::abs(double{y[i]})));
    return most;
}

// True when the outputs agree, or when the script left this net out.
template <class Make>
bool exchange(const std::string& folder, const std::string& name, Make make) {
    const vt::NoGrad no_grad;
    if (!std::filesystem::exists(folder + "/" + name + ".pt")) return true;
    auto net = make();
    const auto io = vt::data::load_torch_file(folder + "/" + name + "_io.pt");
    net.load_state_dict(vt::data::load_torch_file(folder + "/" + name + ".pt"));
    net.eval();
    const double difference = largest_difference(net(io.at("x")), io.at("y"));
    std::cout << name << ": PyTorch's weights, outputs differ by " << difference << '\n';

    auto ours = make();
    ours.eval();
    vt::data::NamedTensors file = ours.state_dict();
    file["x"] = io.at("x");
    file["y"] = ours(io.at("x"));
    vt::data::save_safetensors(folder + "/" + name + "_ours.safetensors", file);
    return difference <= 1e-5;
}

// A dictionary with one name too many and one too few.
bool reports_names(const std::string& folder) {
    Plain net;
    auto dict = vt::data::load_torch_file(folder + "/plain.pt");
    dict["extra"] = dict.at("layers.0.bias");
    dict.erase("layers.0.bias");
    const nn::LoadReport report = net.load_state_dict(dict, false);
    return report.missing == std::vector<std::string>{"layers.0.bias"} &&
           report.unexpected == std::vector<std::string>{"extra"};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    try {
        const std::string folder = argv[1];
        int same = 0;
        same += exchange(folder, "plain", [] { return Plain(); });
        same += exchange(folder, "picture", [] { return Picture(); });
        same += exchange(folder, "words", [] { return Words(); });
        same += exchange(folder, "sentence", [] { return Sentence(); });
        same += exchange(folder, "resnet18", [] { return vt::models::resnet18(); });
        same += exchange(folder, "gpt2", small_gpt);
        return same == 6 && reports_names(folder) ? 0 : 1;
    } catch (const vt::Error& e) {
        std::cerr << e.what() << '\n';
        return 2;
    }
}
