// A small task for trainers: two moons' worth of points, a net with dropout.
#pragma once

#include "vitrine/core/ops/binary.h"
#include "vitrine/core/ops/copy.h"
#include "vitrine/core/ops/cross_entropy.h"
#include "vitrine/core/ops/dropout.h"
#include "vitrine/core/ops/random.h"
#include "vitrine/core/ops/reduce.h"
#include "vitrine/core/ops/unary.h"
#include "vitrine/data/data_loader.h"
#include "vitrine/data/tensor_dataset.h"
#include "vitrine/models/train/callbacks.h"
#include "vitrine/nn/linear.h"
#include "vitrine/optim/adam.h"
#include "vitrine/optim/sgd.h"

struct SmallNet : vitrine::nn::Module<SmallNet> {
    vitrine::nn::Linear fc1{2, 8}, fc2{8, 2};
    double p = 0.1;
    vitrine::Tensor forward(const vitrine::Tensor& x) {
        const vitrine::Tensor h = vitrine::tanh(fc1(x));
        return fc2(is_training() ? vitrine::dropout(h, p) : h);
    }
    void members(vitrine::nn::Members& m) override { m("fc1", fc1), m("fc2", fc2); }
};

/// 22 points of seed 5, whose class says whether their sum is positive.
inline vitrine::data::TensorDataset points(std::int64_t count = 22) {
    vitrine::Generator generator(5);
    const vitrine::Tensor x = vitrine::randn({count, 2}, {}, generator);
    return {x, (vitrine::sum(x, {1}) > 0).to(vitrine::int64)};
}

using PointLoader = vitrine::data::DataLoader<vitrine::data::TensorDataset>;

/// Everything of a run with seed 3: 6 batches of 4 (the last has 2) an epoch.
struct SmallRun {
    vitrine::data::TensorDataset data = points();
    PointLoader loader{data, {.batch_size = 4, .shuffle = true, .seed = 9}};
    SmallNet net = seeded();
    vitrine::optim::Adam adam{net.parameters(), {.lr = 0.05}};

    static SmallNet seeded() {
        vitrine::manual_seed(3);
        return SmallNet();
    }
    auto step() {
        return [this](vitrine::data::Example& batch) -> vitrine::models::StepResult {
            const vitrine::Tensor logits = net(batch.x);
            return {vitrine::cross_entropy(logits, batch.y),
                    {{"accuracy", vitrine::models::accuracy(logits, batch.y)}}};
        };
    }
    std::vector<float> weights() const {
        std::vector<float> all;
        for (const auto& w : net.parameters())
            for (const float v : w.to_vector<float>()) all.push_back(v);
        return all;
    }
};
