#!/bin/bash
# Builds one example and watches it learn: a variational autoencoder that draws digits. No network (once the packages
# are there), no data files, no GPU. Arguments are passed on to the example, e.g. `scripts/demo.sh --device simt`.
set -eu
cd "$(dirname "$0")/.."
. scripts/packages.sh

install_missing "${build_tools[@]}" "${data_headers[@]}" "${example_headers[@]}"
choose_tools

echo "Building the library and examples/mnist_vae ..."
mkdir -p build
if ! { cmake --preset release -DVITRINE_BUILD_TESTS=OFF -DVITRINE_BUILD_BENCH=OFF && cmake --build --preset release --target mnist_vae; } >build/demo.log 2>&1; then
    tail -40 build/demo.log >&2
    echo "$0: the build failed; all of it is in build/demo.log" >&2
    exit 1
fi

# Threads that wait sleep instead of spinning: on a machine that is busy otherwise this is 20 times as fast.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}
echo "Training on digits that the library draws itself:"
exec build/release/examples/mnist_vae --data digits --out build/demo "$@"
