#!/bin/sh
# Searches every fuzz target for a number of seconds and prints the executions of each at the end.
#
#   fuzz/run.sh SECONDS [TARGET...]
#
# What breaks a target is kept in fuzz/found/TARGET: `cargo test -p archipel-fuzz` replays it from then on. What leads to new
# branches is kept in target/fuzz/corpus/TARGET, and the next run goes on from there.
set -eu
cd "$(dirname "$0")/.."
seconds=$1; shift

# Branches are counted by a pass of the compiler's own back end: nothing but a stable toolchain and a C++ compiler is needed.
# A target triple keeps the flags from build scripts and procedural macros.
host=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS="--cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
RUSTFLAGS="$RUSTFLAGS -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table"
RUSTFLAGS="$RUSTFLAGS -Cllvm-args=-sanitizer-coverage-trace-compares"
export RUSTFLAGS
cargo build --quiet --package archipel-fuzz --features engine --profile fuzz --target "$host" --target-dir target/fuzz/build
fuzzer=target/fuzz/build/$host/fuzz/archipel-fuzz

[ $# -gt 0 ] || set -- $(sed -n 's/^ *name: "\(.*\)",$/\1/p' fuzz/src/targets.rs)

table=
failed=0
for name in "$@"; do
    work=target/fuzz/corpus/$name seeds=target/fuzz/seeds/$name found=fuzz/found/$name log=target/fuzz/$name.log
    rm -rf "$seeds"
    mkdir -p "$work" "$seeds" "$found"
    echo "fuzz: $name for $seconds s"
    verdict=clean
    ARCHIPEL_FUZZ_TARGET=$name ARCHIPEL_FUZZ_SEEDS=$seeds "$fuzzer" "$work" "$seeds" \
        -max_total_time="$seconds" -max_len=65536 -timeout=10 -rss_limit_mb=2048 -artifact_prefix="$found/" \
        -print_final_stats=1 >"$log" 2>&1 || { verdict="broken: see $log"; failed=1; tail -n 25 "$log"; }
    rmdir "$found" 2>/dev/null || true
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
    table="$table$(printf '%-12s %12s executions %8s a second   %s' "$name" "${runs:-?}" "${rate:-?}" "$verdict")
"
done
printf '\n%s' "$table"
exit $failed
