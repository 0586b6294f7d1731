#!/bin/bash
# Builds and tests everything, in stages. The last line is `N passed, N failed, N skipped`: tests of ctest, and stages.
#
#   scripts/test.sh                all stages
#   scripts/test.sh release asan   these stages: release headers asan check learn consumers clang fuzz cuda
#
# A stage that needs something this machine lacks (nvcc, a GPU) counts as skipped. Logs are in build/logs.
set -u
cd "$(dirname "$0")/.." || exit 1
. scripts/packages.sh

all_stages=(release headers asan check learn consumers clang fuzz cuda)
stages=("${@:-${all_stages[@]}}")
for stage in "${stages[@]}"; do
    case " ${all_stages[*]} " in
    *" $stage "*) ;;
    *)
        echo "$0: $stage is no stage; there are: ${all_stages[*]}" >&2
        exit 2
        ;;
    esac
done

install_missing "${build_tools[@]}" "${data_headers[@]}" "${example_headers[@]}" \
    doctest-dev:doctest/doctest.h libbenchmark-dev:benchmark/benchmark.h clang:clang++ gdb:gdb lldb:lldb \
    libdw-dev:elfutils/libdw.h g++-aarch64-linux-gnu:aarch64-linux-gnu-g++ qemu-user:qemu-aarch64
choose_tools

passed=0 failed=0 skipped=0
root=$PWD
logs=$root/build/logs
mkdir -p "$logs"

# step NAME COMMAND...: runs the command with its output in build/logs/NAME.log; counts as one passed or failed.
step() {
    local name=$1 begin=$SECONDS
    shift
    if "$@" >"$logs/$name.log" 2>&1; then
        passed=$((passed + 1))
        echo "  passed  $name ($((SECONDS - begin)) s)"
    else
        failed=$((failed + 1))
        echo "  FAILED  $name ($((SECONDS - begin)) s); the end of build/logs/$name.log:"
        tail -30 "$logs/$name.log" | sed 's/^/    /'
        return 1
    fi
}

skip() {
    skipped=$((skipped + 1))
    echo "  skipped $1: $2"
}

# count_of WORD FILE: the attribute of a JUnit file.
count_of() { sed -n "s/^.*[[:space:]]$1=\"\([0-9]*\)\".*$/\1/p" "$2" | head -1; }

# tests NAME FOLDER [CTEST ARGUMENT...]: runs ctest and counts each of its tests.
tests() {
    local name=$1 folder=$2 begin=$SECONDS report=$logs/$1.xml total bad not_run
    shift 2
    rm -f "$report"
    ctest --test-dir "$folder" --output-on-failure --no-tests=error --timeout 900 --output-junit "$report" "$@" >"$logs/$name.log" 2>&1
    if ! [ -e "$report" ]; then
        failed=$((failed + 1))
        echo "  FAILED  $name: ctest did not run; see build/logs/$name.log"
        return 1
    fi
    total=$(count_of tests "$report") bad=$(count_of failures "$report")
    not_run=$(($(count_of skipped "$report") + $(count_of disabled "$report")))
    passed=$((passed + total - bad - not_run)) failed=$((failed + bad)) skipped=$((skipped + not_run))
    echo "  $name: $total tests, $bad failed, $not_run skipped ($((SECONDS - begin)) s)"
    [ "$not_run" -gt 0 ] && grep -E '\(Skipped\)|\(Disabled\)|Not Run' "$logs/$name.log" | sed 's/^/    /' | sort -u
    if [ "$bad" -gt 0 ]; then
        awk '/ Start +[0-9]+: /{on = 0} /\*\*\*(Failed|Timeout|Exception)/{on = 1; n = 0} on && n++ < 60' "$logs/$name.log" | sed 's/^/    /'
        sed -n '/^The following tests FAILED/,$p' "$logs/$name.log" | sed 's/^/    /'
        return 1
    fi
}

# seconds COMMAND...: how long the command takes, as a decimal number.
seconds() {
    local begin=$EPOCHREALTIME
    "$@" >/dev/null 2>&1
    local end=$EPOCHREALTIME
    printf '%d.%02d' $(((${end/./} - ${begin/./}) / 1000000)) $(((${end/./} - ${begin/./}) / 10000 % 100))
}

configure() {
    local preset=$1
    shift
    cmake --preset "$preset" -DVITRINE_WERROR=ON "$@"
}

# Said anew each time: scripts/demo.sh leaves a build folder without tests and bench.
configure_release() { configure release -DVITRINE_BUILD_TESTS=ON -DVITRINE_BUILD_EXAMPLES=ON -DVITRINE_BUILD_BENCH=ON; }

everything_else_off=(-DVITRINE_BUILD_TESTS=OFF -DVITRINE_BUILD_EXAMPLES=OFF -DVITRINE_BUILD_BENCH=OFF
    -DVITRINE_BUILD_DATA=OFF -DVITRINE_BUILD_MODELS=OFF)

stage_release() {
    local begin
    step release-configure configure_release || return
    begin=$SECONDS
    step release-library cmake --build --preset release --target vitrine || return
    echo "  library: $((SECONDS - begin)) s to build (aim: 240), $(($(stat -c %s build/release/libvitrine.a) / 1000000)) MB (aim: 20)"
    echo '#include <vitrine/vitrine.h>' >build/logs/umbrella.cpp
    echo "  #include <vitrine/vitrine.h>: $(seconds c++ -std=c++20 -Ibuild/release/include -c build/logs/umbrella.cpp -o build/logs/umbrella.o) s to compile (aim: 2)"
    step release-build cmake --build --preset release || return
    tests release-tests build/release --parallel "$CMAKE_BUILD_PARALLEL_LEVEL"
}

# Every header compiles alone, but for those that are nvcc's. What a source of the library includes before all else is
# known to: stage release compiles that source, without precompiled headers. The others are compiled here.
stage_headers() {
    step headers-configure configure_release || return
    step headers-alone compile_headers
}
compile_headers() {
    local headers
    headers=$(find core kernels nn optim data models -name '*.h' ! -name 'gpu_cuda*.h' ! -name cuda_device.h |
        grep -vxF "$(included_first)")
    echo "$(wc -l <<<"$headers") headers that no source includes first"
    xargs -P "$CMAKE_BUILD_PARALLEL_LEVEL" -n 4 scripts/compile_alone.sh build/release/include <<<"$headers"
}
# The header in the first line of each source of build/release that is no comment.
included_first() {
    sed -n 's|^ *"file": "'"$root"'/\(.*\)",\{0,1\}$|\1|p' build/release/compile_commands.json |
        grep -E '^(core|kernels|nn|optim|data|models)/' | xargs awk '
            FNR == 1 { code = 0 }
            code || /^[[:space:]]*(\/\/.*)?$/ { next }
            { code = 1 }
            sub(/^#include "/, "") && sub(/".*$/, "") && !sub(/^vitrine\//, "") { folder = FILENAME; sub(/[^\/]*$/, "", folder); $0 = folder $0 }
            /^[a-z_0-9\/]+\.h$/'
}

# The whole library and the test program under AddressSanitizer and UndefinedBehaviorSanitizer; slow tests, finite
# differences, tests of other programs and of the instruction sets without hand-written vectors are left out.
stage_asan() {
    step asan-configure configure asan -DVITRINE_BUILD_EXAMPLES=OFF || return
    step asan-build cmake --build --preset asan --target vitrine_tests strangers_tests write_case || return
    VITRINE_TEST_DERIVATIVES=once tests asan-tests build/asan -LE slow -E '^(tree/|docs/|isa_objects|isa/(naive|generic)|interop/|models/train_kill)' --parallel "$CMAKE_BUILD_PARALLEL_LEVEL"
}

# Device simt with the checker: planted mistakes, every kernel family, every barrier of our kernels taken away.
stage_check() {
    local files
    files=$(cd tests && printf '%s;' simt/*.cpp simt/*.cu)
    step check-configure configure simt-check -DVITRINE_BUILD_DATA=OFF -DVITRINE_BUILD_MODELS=OFF \
        "-DVITRINE_TEST_FILES=${files%;}" || return
    step check-build cmake --build --preset simt-check --target vitrine_tests exercises strangers_tests profile_ops || return
    tests check-tests build/simt-check -R '^(simt|course|strangers)/' -LE slow --parallel "$CMAKE_BUILD_PARALLEL_LEVEL"
}

# The library as one steps through it, an example, and the program that gdb is led through.
stage_learn() {
    step learn-configure configure learn -DVITRINE_BUILD_DATA=OFF -DVITRINE_BUILD_MODELS=OFF || return
    step learn-build cmake --build --preset learn \
        --target vitrine xor step_softmax step_graph step_ops step_simt readme_graph exercises exercise_solutions || return
    step learn-xor build/learn/examples/xor
    tests learn-gdb build/learn -R '^(gdb/|course/.*_gdb)'
}

# Projects of somebody else's, against the installed library and against its sources.
stage_consumers() {
    step installed-configure configure_release || return
    step installed-build cmake --build --preset release --target vitrine || return
    step installed-install cmake --install build/release --prefix "$root/build/prefix" || return
    consumer installed "-DCMAKE_PREFIX_PATH=$root/build/prefix"
    consumer subdirectory "-DVITRINE_SOURCE=$root" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 \
        -DVITRINE_PCH=ON -DVITRINE_BUILD_DATA=OFF -DVITRINE_BUILD_MODELS=OFF
}
consumer() {
    local name=$1
    shift
    step "$name-consumer-configure" cmake -S tests/consumers -B "build/consumer-$name" "$@" || return
    step "$name-consumer-build" cmake --build "build/consumer-$name" || return
    tests "$name-consumer-tests" "build/consumer-$name"
}

# The library and its tests by another compiler; the ops' gradients in f32 against f64, finite differences in stage release.
stage_clang() {
    step clang-configure configure_clang || return
    step clang-build cmake --build build/clang --target vitrine_tests || return
    VITRINE_TEST_DERIVATIVES=once tests clang-tests build/clang -R '^(simt|ops)/' -LE slow --parallel "$CMAKE_BUILD_PARALLEL_LEVEL"
}

# Broken files for every reader, the same in every run, with the library of the stage before.
stage_fuzz() {
    if ! can_fuzz; then
        skip fuzz "clang++ has no libFuzzer on this machine (Debian: libclang-rt-dev)"
        return
    fi
    step fuzz scripts/fuzz.sh check
}

# The CUDA library alone, installed, and programs linked with it. Runs on the GPU where there is one.
stage_cuda() {
    have nvcc || PATH=$PATH:/usr/local/cuda/bin
    if ! have nvcc; then
        skip cuda "no nvcc on this machine; configured with -DVITRINE_CUDA=OFF"
        return
    fi
    step cuda-architectures architectures_by_default || return
    # For one of them: that is half the time, and no kernel asks which it is compiled for.
    step cuda-configure cmake -S . -B build/cuda-library -DVITRINE_CUDA=ON -DCMAKE_CUDA_ARCHITECTURES=80 -DVITRINE_SIMT=OFF -DVITRINE_PCH=ON \
        -DVITRINE_WERROR=ON -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DCMAKE_CUDA_FLAGS_DEBUG=-O0 "${everything_else_off[@]}" || return
    step cuda-build cmake --build build/cuda-library || return
    step cuda-install cmake --install build/cuda-library --prefix "$root/build/prefix-cuda" || return
    consumer cuda "-DCMAKE_PREFIX_PATH=$root/build/prefix-cuda" -DVITRINE_CUDA=ON -DCMAKE_CUDA_ARCHITECTURES=80
}
architectures_by_default() {
    local commands=build/cuda-default/compile_commands.json
    cmake -S . -B build/cuda-default -DVITRINE_CUDA=ON "${everything_else_off[@]}" || return
    grep -q 'arch=compute_80,code=.*sm_80' "$commands" && grep -q 'arch=compute_90,code=.*compute_90,sm_90' "$commands"
}

for stage in "${stages[@]}"; do
    echo "$stage"
    begin=$SECONDS
    "stage_$stage"
    echo "  $((SECONDS - begin)) s"
done
echo "all stages: $SECONDS s"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
