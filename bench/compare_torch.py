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


class GptBlock(torch.nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2 = torch.nn.LayerNorm(width), torch.nn.LayerNorm(width)
        self.c_attn, self.attn_proj = torch.nn.Linear(width, 3 * width), torch.nn.Linear(width, width)
        self.c_fc, self.mlp_proj = torch.nn.Linear(width, 4 * width), torch.nn.Linear(4 * width, width)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = (part.view(B, T, self.heads, -1).transpose(1, 2) for part in self.c_attn(self.ln_1(x)).split(C, dim=2))
        o = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.attn_proj(o.transpose(1, 2).reshape(B, T, C))
        return x + self.mlp_proj(torch.nn.functional.gelu(self.c_fc(self.ln_2(x)), approximate="tanh"))


class Gpt(torch.nn.Module):
    """The model of models/gpt.h with a tied head."""

    def __init__(self, vocabulary=65, context=128, layers=4, heads=4, width=256):
        super().__init__()
        self.wte, self.wpe = torch.nn.Embedding(vocabulary, width), torch.nn.Embedding(context, width)
        self.blocks = torch.nn.Sequential(*(GptBlock(width, heads) for _ in range(layers)))
        self.ln_f = torch.nn.LayerNorm(width)

    def loss(self, x, y):
        h = self.blocks(self.wte(x) + self.wpe.weight[: x.shape[1]])
        logits = self.ln_f(h) @ self.wte.weight.T
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())


def gpt_step():
    model, ids = Gpt(), torch.randint(65, (16, 129))
    adam = torch.optim.AdamW(model.parameters(), lr=1e-3)

    def step():
        adam.zero_grad()
        model.loss(ids[:, :-1], ids[:, 1:]).backward()
        adam.step()

    return step


class CharRnn(torch.nn.Module):
    """The model of models/char_rnn.h."""

    def __init__(self, vocabulary=65, hidden=512, layers=2):
        super().__init__()
        self.embedding = torch.nn.Embedding(vocabulary, hidden)
        self.lstm = torch.nn.LSTM(hidden, hidden, layers)
        self.head = torch.nn.Linear(hidden, vocabulary)

    def loss(self, x, y):
        h, _ = self.lstm(self.embedding(x))
        return torch.nn.functional.cross_entropy(self.head(h).flatten(0, 1), y.flatten())


def char_rnn_step():
    model, ids = CharRnn(), torch.randint(65, (65, 64))
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)

    def step():
        adam.zero_grad()
        model.loss(ids[:-1], ids[1:]).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5)
        adam.step()

    return step


STEPS = {"mnist_vae": mnist_vae_step, "gpt": gpt_step, "char_rnn": char_rnn_step}


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
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    print(f"PyTorch {torch.__version__}, {options.threads} threads, {options.rounds} rounds of {options.seconds} s")
    for name, figures in {**{name: ["median_ms"] for name in STEPS}, "tiny": ["forward_us", "backward_us"]}.items():
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
