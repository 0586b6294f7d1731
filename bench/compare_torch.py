#!/usr/bin/env python3
"""The steps of bench/steps in PyTorch and in vitrine, interleaved in one run, with the ratio.

    python3 -m venv torch-env && torch-env/bin/pip install torch
    torch-env/bin/python bench/compare_torch.py build/release/bench/steps --threads 2

Rounds alternate between the two, so that a clock that changes from minute to minute hits both. A ratio above 1 means that
vitrine is faster.
"""
import argparse
import json
import statistics
import subprocess
import sys
import time

import torch


class Vae(torch.nn.Module):
    """784-400-20: the model of models/vae.h."""

    def __init__(self):
        super().__init__()
        self.fc1 = torch.nn.Linear(784, 400)
        self.fc21, self.fc22 = torch.nn.Linear(400, 20), torch.nn.Linear(400, 20)
        self.fc3, self.fc4 = torch.nn.Linear(20, 400), torch.nn.Linear(400, 784)

    def loss(self, x):
        h = torch.relu(self.fc1(x))
        mu, logvar = self.fc21(h), self.fc22(h)
        z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
        logits = self.fc4(torch.relu(self.fc3(z)))
        bce = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        return (bce - 0.5 * torch.sum(1 + logvar - mu * mu - logvar.exp())) / x.shape[0]


def mnist_vae_step():
    model, x = Vae(), torch.rand(128, 784)
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)

    def step():
        adam.zero_grad()
        model.loss(x).backward()
        adam.step()

    return step


def trainer(model, loss_of, optimizer, clip=None):
    """A training step: forward, backward, update."""

    def step():
        optimizer.zero_grad()
        loss_of(model).backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()

    return step


def sgd(model):
    return torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9, weight_decay=5e-4)


def picture_step(model, batch):
    x, y = torch.randn(batch, 3, 32, 32), torch.full((batch,), 3)
    return trainer(model, lambda net: torch.nn.functional.cross_entropy(net(x), y), sgd(model))


def cifar_cnn_step():
    layers, channels = [], 3
    for width in (32, 64, 128):
        for _ in range(2):
            layers += [torch.nn.Conv2d(channels, width, 3, padding=1, bias=False), torch.nn.BatchNorm2d(width), torch.nn.ReLU()]
            channels = width
        layers.append(torch.nn.MaxPool2d(2))
    net = torch.nn.Sequential(*layers, torch.nn.Flatten(), torch.nn.Linear(128 * 4 * 4, 10))
    return picture_step(net, 128)


class Block(torch.nn.Module):
    """Two 3x3 convolutions beside an identity, or beside a 1x1 convolution where the size changes."""

    def __init__(self, channels, width, stride):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(channels, width, 3, stride, 1, bias=False)
        self.conv2 = torch.nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn1, self.bn2 = torch.nn.BatchNorm2d(width), torch.nn.BatchNorm2d(width)
        self.down = None
        if stride != 1 or channels != width:
            self.down = torch.nn.Sequential(torch.nn.Conv2d(channels, width, 1, stride, bias=False), torch.nn.BatchNorm2d(width))

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(y)) + (x if self.down is None else self.down(x)))


def resnet18_step():
    layers, channels = [torch.nn.Conv2d(3, 64, 3, padding=1, bias=False), torch.nn.BatchNorm2d(64), torch.nn.ReLU()], 64
    for width in (64, 128, 256, 512):
        layers += [Block(channels, width, 1 if width == 64 else 2), Block(width, width, 1)]
        channels = width
    net = torch.nn.Sequential(*layers, torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(512, 10))
    return picture_step(net, 64)


class CharRnn(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.lstm, self.head = torch.nn.Embedding(65, 512), torch.nn.LSTM(512, 512, 2), torch.nn.Linear(512, 65)

    def forward(self, x):
        return self.head(self.lstm(self.embedding(x))[0])


def char_rnn_step():
    model, x, y = CharRnn(), torch.randint(65, (64, 64)), torch.randint(65, (64, 64))
    loss = lambda net: torch.nn.functional.cross_entropy(net(x).flatten(0, 1), y.flatten())
    return trainer(model, loss, torch.optim.Adam(model.parameters(), lr=1e-3), clip=5)


class GptBlock(torch.nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2 = torch.nn.LayerNorm(width), torch.nn.LayerNorm(width)
        self.c_attn, self.c_proj = torch.nn.Linear(width, 3 * width), torch.nn.Linear(width, width)
        self.mlp = torch.nn.Sequential(torch.nn.Linear(width, 4 * width), torch.nn.GELU("tanh"), torch.nn.Linear(4 * width, width))

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = (part.view(B, T, self.heads, C // self.heads).transpose(1, 2) for part in self.c_attn(self.ln_1(x)).split(C, 2))
        y = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.c_proj(y.transpose(1, 2).reshape(B, T, C))
        return x + self.mlp(self.ln_2(x))


class Gpt(torch.nn.Module):
    def __init__(self, width=256, layers=4, heads=4, context=128):
        super().__init__()
        self.wte, self.wpe = torch.nn.Embedding(65, width), torch.nn.Embedding(context, width)
        self.blocks = torch.nn.Sequential(*(GptBlock(width, heads) for _ in range(layers)))
        self.ln_f, self.head = torch.nn.LayerNorm(width), torch.nn.Linear(width, 65, bias=False)

    def forward(self, ids):
        return self.head(self.ln_f(self.blocks(self.wte(ids) + self.wpe(torch.arange(ids.shape[1])))))


def gpt_step():
    model, x, y = Gpt(), torch.randint(65, (16, 128)), torch.randint(65, (16, 128))
    loss = lambda net: torch.nn.functional.cross_entropy(net(x).flatten(0, 1), y.flatten())
    return trainer(model, loss, torch.optim.AdamW(model.parameters(), lr=1e-3))


STEPS = {"mnist_vae": mnist_vae_step, "cifar_cnn": cifar_cnn_step, "char_rnn": char_rnn_step, "gpt": gpt_step, "resnet18": resnet18_step}


def tiny_steps(ops=1000):
    x = torch.ones(8, requires_grad=True)
    state = {}

    def forward():
        y = x
        for _ in range(ops):
            y = y + x
        state["y"] = y

    def backward():
        state["y"].backward(torch.ones(8))

    return forward, backward, ops


def median_ms(step, seconds):
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        step()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times)


def torch_round(name, seconds):
    if name in STEPS:
        step = STEPS[name]()
        median_ms(step, 0.5)
        return {"median_ms": median_ms(step, seconds)}
    forward, backward, ops = tiny_steps()
    forward_ms, backward_ms, end = [], [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        forward()
        middle = time.perf_counter()
        backward()
        forward_ms.append(1e3 * (middle - start))
        backward_ms.append(1e3 * (time.perf_counter() - middle))
    return {"forward_us": 1e3 * statistics.median(forward_ms) / ops, "backward_us": 1e3 * statistics.median(backward_ms) / ops}


def vitrine_round(program, name, threads, seconds):
    command = [program, "--step", name, "--threads", str(threads), "--seconds", str(seconds), "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="build/release/bench/steps")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=3, help="of each step in each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--step", choices=[*STEPS, "tiny"], help="this one alone")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    print(f"PyTorch {torch.__version__}, {options.threads} threads, {options.rounds} rounds of {options.seconds} s")
    for name in [options.step] if options.step else [*STEPS, "tiny"]:
        figures = ["median_ms"] if name in STEPS else ["forward_us", "backward_us"]
        rounds = []
        for _ in range(options.rounds):
            ours = vitrine_round(options.program, name, options.threads, options.seconds)
            theirs = torch_round(name, options.seconds)
            rounds.append((ours, theirs))
        for figure in figures:
            ours = statistics.median(r[0][figure] for r in rounds)
            theirs = statistics.median(r[1][figure] for r in rounds)
            ratios = sorted(r[1][figure] / r[0][figure] for r in rounds)
            print(f"{name:10} {figure:12} vitrine {ours:8.3f}   PyTorch {theirs:8.3f}   ratio {statistics.median(ratios):5.2f}"
                  f"   (rounds {ratios[0]:.2f} to {ratios[-1]:.2f})")


if __name__ == "__main__":
    sys.exit(main())
