#!/bin/bash
# Feeds broken files to every reader, with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer.
#
#   scripts/fuzz.sh                   an hour for each reader, for ever further from where the last run stopped
#   scripts/fuzz.sh 36000 npy image   ten hours each for these two
#   scripts/fuzz.sh check             the same 20,000 inputs each in every run, as CI does
#
# What was learned is kept in build/fuzz/corpus, which `check` leaves alone. A file that breaks a reader lands in build/fuzz/found, with the report
# beside it; `build/clang/tests/fuzz/fuzz_READER FILE` shows it again. The exit status is 1 when there is one.
set -u
cd "$(dirname "$0")/.." || exit 1
. scripts/packages.sh

seconds=${1:-3600}
case $seconds in
check) ;;
'' | *[!0-9]*)
    echo "$0: \"$seconds\" are no seconds; usage: $0 [SECONDS|check [READER...]]" >&2
    exit 2
    ;;
esac
shift
if ! can_fuzz; then
    echo "$0: clang++ with libFuzzer is needed (Debian: apt-get install clang libclang-rt-dev)" >&2
    exit 2
fi
choose_tools

mkdir -p build/fuzz/found
if ! { configure_clang -DVITRINE_FUZZ=ON && cmake --build build/clang --target fuzz_programs; } >build/fuzz/build.log 2>&1; then
    tail -40 build/fuzz/build.log >&2
    echo "$0: the build failed; all of it is in build/fuzz/build.log" >&2
    exit 1
fi
programs=build/clang/tests/fuzz
$programs/fuzz_seeds build/fuzz/seeds || exit 1

all=()
for file in tests/fuzz/*.cpp; do
    reader=$(basename "$file" .cpp)
    [ "$reader" = seeds ] || all+=("$reader")
done
readers=("${@:-${all[@]}}")

# One reader. Sanitizers stop at the first finding; a single allocation of more than 256 MB is one.
fuzz() {
    local reader=$1 report=build/fuzz/found/$1.report corpus=build/fuzz/corpus limits=("-max_total_time=$seconds") same_addresses=()
    if [ "$seconds" = check ]; then
        corpus=build/fuzz/check limits=(-runs=20000 -seed=1)
        rm -rf "$corpus/$reader"
        # What libFuzzer tries next depends on addresses too.
        setarch -R true 2>/dev/null && same_addresses=(setarch -R)
    fi
    mkdir -p "$corpus/$reader" "build/fuzz/seeds/$reader"
    if "${same_addresses[@]}" "$programs/fuzz_$reader" "${limits[@]}" "$corpus/$reader" "build/fuzz/seeds/$reader" -max_len=65536 -timeout=20 -rss_limit_mb=2048 \
        -malloc_limit_mb=256 -print_final_stats=1 "-artifact_prefix=build/fuzz/found/$reader-" >"$report" 2>&1; then
        echo "  $reader: $(sed -n 's/^stat::number_of_executed_units: *//p' "$report") inputs, nothing found"
        rm "$report"
    else
        echo "  $reader: FOUND something; the end of $report:"
        grep -E 'ERROR|SUMMARY|runtime error|what\(\)|Test unit written' "$report" | sed 's/^/    /'
        return 1
    fi
}

for reader in "${readers[@]}"; do
    if ! [ -x "$programs/fuzz_$reader" ]; then
        echo "$0: $reader is no reader; there are: ${all[*]}" >&2
        exit 2
    fi
done

# An hour is for one reader; what `check` does, all cores do.
at_once=1
[ "$seconds" = check ] && at_once=$CMAKE_BUILD_PARALLEL_LEVEL
found=0 running=0
for reader in "${readers[@]}"; do
    if [ "$running" -ge "$at_once" ]; then
        wait -n || found=1
        running=$((running - 1))
    fi
    fuzz "$reader" &
    running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
    wait -n || found=1
    running=$((running - 1))
done
exit $found
