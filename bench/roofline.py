#!/usr/bin/env python3
"""Where the milliseconds of each training step go, by vitrine's own profiler, as a Markdown table.

    python3 bench/roofline.py build/release/bench/steps

For each op, those that backward calls included: milliseconds of one step without the ops that it called, and the share of
the roofline in percent: the longer of FLOP at the peak and bytes at the speed of a copy, over the time that it took.
(Winograd's convolutions do a quarter of the FLOP counted and may pass 100 %.) The profiler's own work is in these numbers.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile

STEPS = ("mnist_vae", "cifar_cnn", "resnet18", "char_rnn", "gpt")


def profile_of(options, step):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "profile.json"
        subprocess.run([options.program, "--step", step, "--threads", str(options.threads), "--seconds", str(options.seconds),
                        "--profile", str(file)], check=True, capture_output=True)
        return json.loads(file.read_text())


def ops_of(profile):
    """For each op, the longest first: (name, ms of one step, share of the roofline); and the sum of the ms."""
    steps = next(row["calls"] for row in profile["rows"] if row["kind"] == "region" and row["name"] == "backward")
    sums = {}
    for row in profile["rows"]:
        if row["kind"] == "op":
            own, whole, bound = sums.get(row["name"], (0, 0, 0))
            sums[row["name"]] = own + row["self_seconds"], whole + row["seconds"], bound + row["bound_seconds"]
    ops = [(name, 1e3 * own / steps, bound / whole if whole else 0) for name, (own, whole, bound) in sums.items()]
    return sorted(ops, key=lambda op: -op[1]), sum(op[1] for op in ops)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="build/release/bench/steps")
    parser.add_argument("--seconds", type=float, default=3, help="of each step")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--most", type=int, default=7, help="ops shown of each step")
    parser.add_argument("--step", choices=STEPS, action="append", help="this one; may be repeated")
    options = parser.parse_args()
    print("| step | ms of one step (share of the roofline) |\n| --- | --- |")
    for step in options.step or STEPS:
        ops, all_of_them = ops_of(profile_of(options, step))
        shown = ", ".join(f"{name} {ms:.3g} ({share:.0%})".replace("%", " %") for name, ms, share in ops[:options.most])
        print(f"| {step} | {shown}; all {all_of_them:.3g} |", flush=True)


if __name__ == "__main__":
    main()
