#!/usr/bin/env python3
"""What share of a copy's speed the kernels that move bytes reach, by the cache their data sit in, as a Markdown table.

    OMP_NUM_THREADS=1 bench/shares.py build/release/bench/ops --rounds 3

A share is bytes / time / (bytes a second of a copy, or a triad, of as many bytes in the same process). Time is the
thread's CPU time: other programs do not count, but for what they take of caches and memory. Of the rounds, each a process
of its own, the least time of a benchmark and the fastest copy.
"""
import argparse
import json
import subprocess
import tempfile

KERNELS = "unary|binary_(forward|number|backward)|(batch|layer|group)_norm|pool|softmax|dropout|(sgd|adam|rmsprop)_step|copy_(rows|transposed)"
LEVELS = (("second-level", 1e6), ("third-level", 15e6), ("between", 64e6), ("memory", float("inf")))


def level(size):
    return next(name for name, most in LEVELS if size <= most)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ops", help="the program bench/ops")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--filter", default=KERNELS)
    parser.add_argument("--seconds", type=float, default=0.1, help="for each benchmark of a round")
    args = parser.parse_args()

    seconds, peak, size = {}, {}, {}
    for _ in range(args.rounds):
        with tempfile.NamedTemporaryFile(suffix=".json") as out:
            subprocess.run([args.ops, f"--benchmark_filter={args.filter}", f"--benchmark_min_time={args.seconds}", f"--benchmark_out={out.name}",
                            "--benchmark_out_format=json"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
            benchmarks = json.load(out)["benchmarks"]
        for b in benchmarks:
            if "GB/s" not in b:
                continue
            name, nano = b["name"].replace("/real_time", ""), {"ns": 1, "us": 1e3, "ms": 1e6}[b["time_unit"]]
            size[name] = b["GB/s"] * b["real_time"] * nano
            seconds[name] = min(seconds.get(name, float("inf")), b["cpu_time"] * nano * 1e-9)
            peak[name] = max(peak.get(name, 0), b["peak"])

    print("| kernel and size | MB | data in | GB/s | % of a copy |\n| --- | --- | --- | --- | --- |")
    for name in size:
        speed = size[name] / seconds[name] / 1e9
        print(f"| {name} | {size[name] / 1e6:.3g} | {level(size[name])} | {speed:.0f} | {100 * speed / peak[name]:.0f} |")


if __name__ == "__main__":
    main()
