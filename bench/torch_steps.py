"""The steps of bench/steps in PyTorch. Run by compare_torch.py, each in a process of its own:

    python torch_steps.py STEP OPTIONS THREADS SECONDS

measures one step and prints one JSON object. OPTIONS is a comma-separated list of channels_last, fused, compile and
autocast, or `none`.
"""
import contextlib
import json
import statistics
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

    def forward(self, x):
        h = torch.relu(self.fc1(x))
        mu, logvar = self.fc21(h), self.fc22(h)
        z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
        logits = self.fc4(torch.relu(self.fc3(z)))
        bce = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        return (bce - 0.5 * torch.sum(1 + logvar - mu * mu - logvar.exp())) / x.shape[0]


def cifar_cnn():
    layers, channels = [], 3
    for width in (32, 64, 128):
        for _ in range(2):
            layers += [torch.nn.Conv2d(channels, width, 3, padding=1, bias=False), torch.nn.BatchNorm2d(width), torch.nn.ReLU()]
            channels = width
        layers.append(torch.nn.MaxPool2d(2))
    return torch.nn.Sequential(*layers, torch.nn.Flatten(), torch.nn.Linear(128 * 4 * 4, 10))


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


def resnet18():
    layers, channels = [torch.nn.Conv2d(3, 64, 3, padding=1, bias=False), torch.nn.BatchNorm2d(64), torch.nn.ReLU()], 64
    for width in (64, 128, 256, 512):
        layers += [Block(channels, width, 1 if width == 64 else 2), Block(width, width, 1)]
        channels = width
    return torch.nn.Sequential(*layers, torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(512, 10))


class CharRnn(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.lstm, self.head = torch.nn.Embedding(65, 512), torch.nn.LSTM(512, 512, 2), torch.nn.Linear(512, 65)

    def forward(self, x):
        return self.head(self.lstm(self.embedding(x))[0])


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


def cross_entropy(logits, y):
    return torch.nn.functional.cross_entropy(logits.flatten(0, -2), y.flatten())


def sgd(parameters, fused):
    return torch.optim.SGD(parameters, lr=1e-3, momentum=0.9, weight_decay=5e-4, fused=fused)


def adam(parameters, fused):
    return torch.optim.Adam(parameters, lr=1e-3, fused=fused)


def adamw(parameters, fused):
    return torch.optim.AdamW(parameters, lr=1e-3, fused=fused)


def pictures(batch):
    return torch.randn(batch, 3, 32, 32), torch.full((batch,), 3)


def characters(*shape):
    return torch.randint(65, shape), torch.randint(65, shape)


# model, (input, target), optimizer, largest norm of the gradient
STEPS = {
    "mnist_vae": lambda: (Vae(), (torch.rand(128, 784), None), adam, None),
    "cifar_cnn": lambda: (cifar_cnn(), pictures(128), sgd, None),
    "char_rnn": lambda: (CharRnn(), characters(64, 64), adam, 5),
    "char_rnn_products": lambda: (CharRnn(), characters(64, 64), adam, 5),  # vitrine makes the same products in this one
    "gpt": lambda: (Gpt(), characters(16, 128), adamw, None),
    "resnet18": lambda: (resnet18(), pictures(64), sgd, None),
}


def training_step(name, options):
    """A training step: forward, backward, update."""
    model, (x, y), optimizer, clip = STEPS[name]()
    if "channels_last" in options:
        model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    optimizer = optimizer(model.parameters(), "fused" in options)
    net = torch.compile(model) if "compile" in options else model
    half = lambda: torch.autocast("cpu", dtype=torch.bfloat16) if "autocast" in options else contextlib.nullcontext()

    def step():
        optimizer.zero_grad()
        with half():
            loss = net(x) if y is None else cross_entropy(net(x), y)
        loss.backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()

    return step


def median_ms(step, seconds):
    times, end = [], time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        start = time.perf_counter()
        step()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times)


def tiny(seconds, ops=1000):
    """Microseconds of y + x on 8 floats, forward with the graph, and of its backward."""
    x, dy = torch.ones(8, requires_grad=True), torch.ones(8)
    forward_ms, backward_ms, end = [], [], time.perf_counter() + seconds
    while not forward_ms or time.perf_counter() < end:
        start = time.perf_counter()
        y = x
        for _ in range(ops):
            y = y + x
        middle = time.perf_counter()
        y.backward(dy)
        forward_ms.append(1e3 * (middle - start))
        backward_ms.append(1e3 * (time.perf_counter() - middle))
    return {"forward_us": 1e3 * statistics.median(forward_ms) / ops, "backward_us": 1e3 * statistics.median(backward_ms) / ops}


def peak_rss_mb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


def main():
    name, options, threads, seconds = sys.argv[1], sys.argv[2].split(","), int(sys.argv[3]), float(sys.argv[4])
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    if name == "tiny":
        result = tiny(seconds)
    else:
        step = training_step(name, options)
        median_ms(step, 0.5)
        result = {"median_ms": median_ms(step, seconds)}
    result["peak_rss_mb"] = peak_rss_mb()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
