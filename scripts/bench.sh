#!/bin/bash
# Builds the benchmarks and runs all of them; what they print goes to build/bench as well.
#
#   scripts/bench.sh                         this machine: every kernel, every training step, how their time grows
#   scripts/bench.sh --torch PYTHON          and each step beside the PyTorch of that python
#   scripts/bench.sh --seconds 1 --quick     less exactly: for a look; --quick leaves the kernels and the growth out
#
# On a machine that does nothing else: with two threads, one busy neighbour halves every figure.
set -eu
cd "$(dirname "$0")/.."
. scripts/packages.sh

usage() {
    sed -n '4,6s/^# //p' "$0" >&2
    exit 2
}
python='' seconds=3 quick=''
while [ $# -gt 0 ]; do
    case $1 in
    --torch) python=${2:?--torch needs a python}; shift ;;
    --seconds) seconds=${2:?--seconds needs a number}; shift ;;
    --quick) quick=yes ;;
    *) usage ;;
    esac
    shift
done
if [ -n "$python" ] && ! "$python" -c 'import torch' 2>/dev/null; then
    echo "$0: $python has no PyTorch: python3 -m venv torch-env && torch-env/bin/pip install torch" >&2
    exit 2
fi

install_missing "${build_tools[@]}" "${data_headers[@]}" "${example_headers[@]}" libbenchmark-dev:benchmark/benchmark.h python3:python3
choose_tools
out=build/bench
mkdir -p "$out"
if ! { cmake --preset release -DVITRINE_BUILD_BENCH=ON && cmake --build --preset release --target limits ops steps simt; } >"$out/build.log" 2>&1; then
    tail -40 "$out/build.log" >&2
    echo "$0: the build failed; all of it is in $out/build.log" >&2
    exit 1
fi

threads=$(nproc)
echo "What this machine can do:"
build/release/bench/limits | tee "$out/limits.md"
echo "Training steps:"
for step in mnist_vae cifar_cnn char_rnn char_rnn_products gpt resnet18 tiny; do
    build/release/bench/steps --step "$step" --threads "$threads" --seconds "$seconds" --json
done | tee "$out/steps.json"
if [ -z "$quick" ]; then
    echo "Kernels:"
    build/release/bench/ops --benchmark_out="$out/ops.json" --benchmark_out_format=json | tee "$out/ops.txt"
    echo "The emulator:"
    build/release/bench/simt | tee "$out/simt.txt"
    echo "Where the milliseconds go:"
    python3 bench/roofline.py build/release/bench/steps --seconds "$seconds" --threads "$threads" | tee "$out/roofline.md"
    echo "How the time grows:"
    python3 bench/growth.py build/release/bench/steps --seconds "$seconds" --threads "$threads" | tee "$out/growth.md" || true
fi
if [ -n "$python" ]; then
    echo "Beside PyTorch:"
    "$python" bench/compare_torch.py build/release/bench/steps --threads "$threads" --seconds "$seconds" --json | tee "$out/torch.json"
fi
