#!/usr/bin/env python3
"""The steps of bench/steps in PyTorch and in vitrine, interleaved in one run, with the ratios.

    python3 -m venv torch-env && torch-env/bin/pip install torch
    torch-env/bin/python bench/compare_torch.py build/release/bench/steps --threads 2

PyTorch runs twice: as installed, and tuned. Tuned is the fastest of several ways, tried once at the beginning: a malloc
that keeps its memory in huge pages, with that channels_last, fused optimizers, and torch.compile (attention is
scaled_dot_product_attention always). Every measurement is a process of its own, and rounds go from one to the next, so that
a clock that changes from minute to minute hits all. A ratio above 1 means that vitrine is faster. With --autocast all
three run in bfloat16.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

HUGE_PAGES = "glibc.malloc.hugetlb=1:" + ":".join(
    f"glibc.malloc.{name}={2**32}" for name in ("mmap_threshold", "trim_threshold")) + f":glibc.malloc.top_pad={2**28}"

PICTURES = ("cifar_cnn", "resnet18")
STEPS = ("mnist_vae", "cifar_cnn", "char_rnn", "char_rnn_products", "gpt", "resnet18", "tiny")


def ways(step):
    """Settings of the tuned PyTorch."""
    if step == "tiny":
        return ["none"]
    found = ["none", "fused", "fused,compile"]
    if step in PICTURES:
        found += ["channels_last", "fused,channels_last", "fused,channels_last,compile"]
    return found


def measured(command, **environment):
    """What the last line of a program says; None, with the reason on stderr, where it fails."""
    result = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
    if result.returncode != 0:
        print(f"{' '.join(command)} failed: {result.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return json.loads(result.stdout.splitlines()[-1])


class Comparison:
    def __init__(self, options, step):
        self.options, self.step = options, step
        self.figures = ["forward_us", "backward_us"] if step == "tiny" else ["median_ms"]
        self.rounds = {"vitrine": [], "installed": [], "tuned": []}
        self.way = None

    def torch(self, way, tuned, seconds):
        script = str(pathlib.Path(__file__).with_name("torch_steps.py"))
        if self.options.autocast:
            way += ",autocast"
        command = [sys.executable, script, self.step, way, str(self.options.threads), str(seconds)]
        return measured(command, **({"GLIBC_TUNABLES": HUGE_PAGES} if tuned else {}))

    def vitrine(self):
        command = [self.options.program, "--step", self.step, "--threads", str(self.options.threads),
                   "--seconds", str(self.options.seconds), "--json"]
        return measured(command + (["--autocast"] if self.options.autocast else []))

    def tune(self):
        """The fastest of the ways, which is then tuned PyTorch."""
        tried = {way: self.torch(way, True, min(2, self.options.seconds)) for way in ways(self.step)}
        tried = {way: result[self.figures[0]] for way, result in tried.items() if result}
        if not tried:
            sys.exit(f"{self.step}: PyTorch ran in no way")
        self.way = min(tried, key=tried.get)
        return tried

    def round(self):
        results = {"vitrine": self.vitrine(), "installed": self.torch("none", False, self.options.seconds),
                   "tuned": self.torch(self.way, True, self.options.seconds)}
        if None in results.values():
            sys.exit(f"{self.step}: no comparison without each of {', '.join(results)}")
        for name, result in results.items():
            self.rounds[name].append(result)

    def median(self, name, figure):
        return statistics.median(result[figure] for result in self.rounds[name])

    def ratios(self, name, figure):
        return sorted(theirs[figure] / ours[figure] for ours, theirs in zip(self.rounds["vitrine"], self.rounds[name]))

    def results(self, tried):
        for figure in self.figures + ["peak_rss_mb"]:
            result = {"step": self.step, "figure": figure, "threads": self.options.threads, "tuned_by": self.way, "tried": tried}
            for name in self.rounds:
                result[name] = self.median(name, figure)
            for name in ("installed", "tuned"):
                ratios = self.ratios(name, figure)
                result[f"ratio_{name}"] = {"median": statistics.median(ratios), "least": ratios[0], "most": ratios[-1]}
            yield result


def text_of(result):
    text = f"{result['step']:17} {result['figure']:12} vitrine {result['vitrine']:8.3f}"
    for name in ("installed", "tuned"):
        ratio = result[f"ratio_{name}"]
        text += f"   {name} {result[name]:8.3f}: {ratio['median']:5.2f} ({ratio['least']:.2f} to {ratio['most']:.2f})"
    return text + f"   [{result['tuned_by']}]"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="build/release/bench/steps")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=3, help="of each step in each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--step", choices=STEPS, action="append", help="this one; may be repeated")
    parser.add_argument("--autocast", action="store_true", help="products in bfloat16")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args()
    if not os.access(options.program, os.X_OK):
        parser.error(f"{options.program} is no program; build it: cmake --build build/release --target steps")

    import torch  # only to say which

    if not options.json:
        print(f"PyTorch {torch.__version__}, {options.threads} threads, {options.rounds} rounds of {options.seconds} s")
    for step in options.step or STEPS:
        comparison = Comparison(options, step)
        tried = comparison.tune()
        for _ in range(options.rounds):
            comparison.round()
        for result in comparison.results(tried):
            result["torch"] = torch.__version__
            print(json.dumps(result) if options.json else text_of(result), flush=True)


if __name__ == "__main__":
    main()
