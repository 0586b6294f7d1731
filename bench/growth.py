#!/usr/bin/env python3
"""How the time of each training step grows with batch, width, length and threads, as a Markdown table.

    python3 bench/growth.py build/release/bench/steps

One size at a time is doubled. "FLOPs" and "time" say how many times more the step then has to do and takes; time should not
grow faster. (Smaller steps than the usual have less to share among threads, and their fixed costs weigh more.) A step in
which it grows more than a tenth faster is marked with "!", and the exit code is 1. Each size is measured in every round, a
process of its own each time, and its fastest round counts: whatever else the machine does only ever adds to a time.
"""
import argparse
import json
import subprocess
import sys

# What each step knows of its size, and the sizes to try: the step's own is in the middle.
SIZES = {
    "mnist_vae": {"batch": (32, 64, 128, 256, 512), "width": (200, 400, 800, 1600)},
    "cifar_cnn": {"batch": (32, 64, 128, 256), "width": (16, 32, 64), "length": (16, 32, 64)},
    "char_rnn": {"batch": (32, 64, 128), "width": (256, 512, 1024), "length": (32, 64, 128)},
    "gpt": {"batch": (8, 16, 32), "width": (128, 256, 512), "length": (64, 128, 256)},
    "resnet18": {"batch": (32, 64, 128), "width": (32, 64), "length": (16, 32)},
}
ALLOWED = 1.1


def measured(options, step, threads, **size):
    command = [options.program, "--step", step, "--threads", str(threads), "--seconds", str(options.seconds), "--json"]
    for name, value in size.items():
        command += [f"--{name}", str(value)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def fastest_of_rounds(options, jobs):
    """The fastest result of each job, (step, threads, {axis: value}). A round runs all of them before the next begins."""
    best = [None] * len(jobs)
    for _ in range(options.rounds):
        for i, (step, threads, size) in enumerate(jobs):
            now = measured(options, step, threads, **size)
            if best[i] is None or now["median_ms"] < best[i]["median_ms"]:
                best[i] = now
    return best


def growth_rows(options, step, axis):
    """For each size of one axis: (size, result, growth of the FLOPs, growth of the time) since the size before."""
    results = fastest_of_rounds(options, [(step, options.threads, {axis: value}) for value in SIZES[step][axis]])
    for i, (value, now) in enumerate(zip(SIZES[step][axis], results)):
        before = results[i - 1] if i else None
        yield (value, now, now["gflop"] / before["gflop"], now["median_ms"] / before["median_ms"]) if before else (value, now, None, None)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="build/release/bench/steps")
    parser.add_argument("--seconds", type=float, default=2, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--step", choices=SIZES, action="append", help="this one; may be repeated")
    options = parser.parse_args()
    steps = options.step or list(SIZES)

    too_fast = 0
    print("| step | size | ms | GFLOP/s | FLOPs | time |\n| --- | --- | --- | --- | --- | --- |")
    for step in steps:
        for axis in SIZES[step]:
            for value, now, flops, time in growth_rows(options, step, axis):
                grown = f"{flops:.2f} | {time:.2f}" if flops else "|"
                if flops and time > ALLOWED * flops:
                    grown, too_fast = grown + " !", too_fast + 1
                print(f"| {step} | {axis} {value} | {now['median_ms']:.3g} | {now['gflops']:.0f} | {grown} |", flush=True)

    print("\n| step | one thread, ms | threads | ms | times as fast |\n| --- | --- | --- | --- | --- |")
    for step in steps:
        one, many = (r["median_ms"] for r in fastest_of_rounds(options, [(step, 1, {}), (step, options.threads, {})]))
        print(f"| {step} | {one:.3g} | {options.threads} | {many:.3g} | {one / many:.2f} |", flush=True)
    return 1 if too_fast else 0


if __name__ == "__main__":
    sys.exit(main())
