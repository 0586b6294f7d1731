#!/usr/bin/env python3
"""What share of a copy's speed the kernels that move bytes reach, by the cache their data sit in: the tables of
docs/performance/elementwise.md, as Markdown.

    OMP_NUM_THREADS=1 bench/shares.py build/release/bench/ops --rounds 3        # --all: every benchmark, one a line

A share is bytes / time / (bytes a second of a copy, triad or update, in the same process, of arrays that take as much
memory); "of a copy" divides by a copy's where an optimizer, which writes what it reads, is held against an update. Time is the thread's CPU time: other programs do not count, but for what they take of caches and memory. Of the
rounds, each a process of its own, the least time of a benchmark and the fastest copy.
"""
import argparse
import json
import re
import subprocess
import sys
import tempfile

KERNELS = ("^speed|unary|binary_(forward|number|backward)|(batch|layer|group)_norm|pool|softmax|dropout|(sgd|adam|rmsprop)_step"
           "|copy_(rows|transposed)")
LEVELS = (("second-level", 1e5, 1e6), ("third-level", 1e6, 15e6), ("memory", 64e6, float("inf")))

OF_A_COPY = ", of a copy"

# Row, benchmarks, and what bounds it where it stays below 85 %: cycles for 16 values that lie in the first-level cache. A
# copy moves 16 in 2 cycles from the second-level cache, in 4 from the third and in 12 from memory, a triad in 3, 6 and 18.
ROWS = (
    ("add", "binary_forward/add/", "the op around its loop"),
    ("relu", "unary_forward/relu/", "the op around its loop; in memory 80 to 90 % from run to run"),
    ("relu backward", "unary_backward/relu/", "the op and the graph's walk"),
    ("exp", "unary_forward/exp/", "arithmetic: 18 operations, 8 cycles"),
    ("tanh", "unary_forward/tanh/", "arithmetic: 12 cycles"),
    ("gelu", "unary_forward/gelu/", "arithmetic: 17 cycles"),
    ("log, sigmoid, silu, sin, softplus", "unary_forward/(log|sigmoid|silu|sin|softplus)/", "arithmetic: 14 to 25 cycles"),
    ("softmax", "softmax_forward/", "arithmetic: 18 cycles in rows of 1,000, 32 in rows of 64"),
    ("softmax backward", "softmax_backward/", "rows of 64: 5.1 cycles, joining a row's sums"),
    ("batch norm", "batch_norm_forward/", "5.2 cycles in the second level where its bytes take 3: two passes and the columns' factors; third: not counted"),
    ("batch norm backward", "batch_norm_backward/", "6.5 cycles in the second level where its bytes take 5; third: not counted"),
    ("batch norm with relu, backward", "batch_norm_relu_backward/", "the same, and the graph's walk"),
    ("group norm of images", "group_norm_forward/", "8x8 pixels: 5.1 cycles; memory: these one after the other with a copy's 12"),
    ("layer norm", "layer_norm_forward/", "5.4 to 6.4 cycles: 1.0, 1.0 and 2.2 for its passes, the rest joins sums; memory: these after a copy's 12"),
    ("layer norm backward", "layer_norm_backward/", "8.0 to 8.7 cycles: 11 operations and two joined sums; memory: these after a triad's 18"),
    ("max pool 2x2", "max_pool_forward/", "2.2 cycles where a copy of its bytes takes 1.2, and the op"),
    ("max pool 2x2, backward", "max_pool_backward/", "2.1 cycles where a copy of its bytes takes 1.5, and the graph's walk"),
    ("average pool 2x2", "avg_pool_forward/", "2.6 cycles where a copy of its bytes takes 1.2, and the op"),
    ("average pool 2x2, backward", "avg_pool_backward/", "1.5 cycles where a copy of its bytes takes 1.2, and the graph's walk"),
    ("SGD", "sgd_step/", "1.6 cycles: it loads two arrays for one that it writes, where an update loads one"),
    ("Adam", "adam_step/", "9 cycles: a root, a quotient; an update of its bytes takes 4"),
    ("RMSprop", "rmsprop_step/", "7 cycles: a root, a quotient; an update of its bytes takes 3"),
    ("SGD" + OF_A_COPY, "sgd_step/", ""),
    ("Adam" + OF_A_COPY, "adam_step/", "9 cycles: a root, a quotient; a copy of its bytes takes 7"),
    ("RMSprop" + OF_A_COPY, "rmsprop_step/", "7 cycles: a root, a quotient; a copy of its bytes takes 5"),
    ("dropout", "dropout_", "arithmetic: Philox, 60 operations for 32 values"),
    ("copy", "copy_rows/", "the op around its loop"),
    ("copy that transposes", "copy_transposed/", "2.4 cycles of shuffles; lines one below the other, which nothing foresees: 4.6 in the second level, 6.5 in the third"),
)


def measure(args):
    """The benchmarks of all rounds by name: share of the peak, GB/s, bytes of memory; and peaks by loop and memory."""
    found, peaks = {}, {}
    for _ in range(args.rounds):
        with tempfile.NamedTemporaryFile(suffix=".json") as out:
            # Exit code 1, and a line on stderr: something was faster than the peak, while others used the machine.
            run = subprocess.run([args.ops, f"--benchmark_filter={args.filter}", f"--benchmark_min_time={args.seconds}", f"--benchmark_out={out.name}",
                                  "--benchmark_out_format=json"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            if run.returncode not in (0, 1):
                sys.exit(run.stderr)
            print(*(line for line in run.stderr.splitlines() if "of the measured peak" in line), sep="\n", end="", file=sys.stderr)
            benchmarks = json.load(out)["benchmarks"]
        for b in benchmarks:
            name, nano = b["name"].replace("/real_time", ""), {"ns": 1, "us": 1e3, "ms": 1e6}[b["time_unit"]]
            if name.startswith("speed/"):
                _, loop, memory = name.split("/")[:3]
                peaks[loop, int(memory)] = max(peaks.get((loop, int(memory)), 0), b["peak"])
            elif "GB/s" in b:
                known = found.setdefault(name, {"seconds": float("inf"), "peak": 0})
                known["bytes"], known["memory"] = b["GB/s"] * b["real_time"] * nano, b["memory"]
                known["seconds"] = min(known["seconds"], b["cpu_time"] * nano * 1e-9)
                known["peak"] = max(known["peak"], b["peak"])
    for b in found.values():
        b["speed"] = b["bytes"] / b["seconds"] / 1e9
        b["share"] = 100 * b["speed"] / b["peak"]
    return found, peaks


def span(shares):
    low, high = (f"{f(shares):.0f}" for f in (min, max))
    return f"{low} %" if low == high else f"{low} to {high} %"


def print_rows(found, peaks):
    print("| kernel | " + " | ".join(name for name, _, _ in LEVELS) + " | below 85 %: bound by |\n" + "| --- " * (len(LEVELS) + 2) + "|")
    for row, pattern, bound in ROWS:
        benchmarks = [b for name, b in found.items() if re.match(pattern, name)]
        cells = [[b["share"] for b in benchmarks if least <= b["memory"] < most] for _, least, most in LEVELS]
        if row.endswith(OF_A_COPY):
            copies = [peaks["copy", size] for size in sorted({memory for _, memory in peaks})]
            cells = [[100 * b["speed"] / copy for b in benchmarks if least <= b["memory"] < most] for copy, (_, least, most) in zip(copies, LEVELS)]
        if any(cells):
            below = any(min(cell) < 84.5 for cell in cells if cell)
            print(f"| {row} | " + " | ".join(span(cell) if cell else "" for cell in cells) + f" | {bound if below else ''} |")


def print_peaks(peaks):
    sizes = sorted({memory for _, memory in peaks})
    print("| GB/s | " + " | ".join(f"{size / 1e6:.1f} MB" for size in sizes) + " |\n" + "| --- " * (len(sizes) + 1) + "|")
    for loop in dict.fromkeys(loop for loop, _ in peaks):
        print(f"| {loop} | " + " | ".join(f"{peaks[loop, size]:.0f}" for size in sizes) + " |")


def print_all(found):
    print("| kernel and size | memory, MB | GB/s | % of a copy |\n| --- | --- | --- | --- |")
    for name, b in found.items():
        print(f"| {name} | {b['memory'] / 1e6:.3g} | {b['speed']:.0f} | {b['share']:.0f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ops", help="the program bench/ops")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--filter", default=KERNELS)
    parser.add_argument("--seconds", type=float, default=0.1, help="for each benchmark of a round")
    parser.add_argument("--all", action="store_true", help="every benchmark with its size")
    args = parser.parse_args()
    found, peaks = measure(args)
    if args.all:
        return print_all(found)
    print_peaks(peaks)
    print()
    print_rows(found, peaks)


if __name__ == "__main__":
    main()
