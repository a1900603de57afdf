#!/bin/bash
# Writes the list of the functions that programs run most, for build.rs: first what every start runs, then what
# common imports and the scripts of tests/ run. Needs valgrind and a release binary.
#   crates/cli/scripts/start-order.sh target/release/taipan > crates/cli/start-order.txt
set -e
taipan=$(realpath "$1")
root=$(dirname "$(realpath "$0")")/../../..
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
nm "$taipan" | awk '$2 ~ /[tT]/ {print $3}' | sort -u > "$work/symbols"
run() {
    (cd "$work" && timeout 300 valgrind --tool=callgrind --demangle=no --callgrind-out-file=out "$taipan" "$@" < /dev/null > /dev/null 2>&1) || true
    [ -s "$work/out" ] || return 0
    # Hashes change from build to build.
    grep -oE '^c?fn=\([0-9]+\) .*' "$work/out" | sed -E "s/^c?fn=\([0-9]+\) //; s/'[0-9]+\$//" | sort -u \
        | comm -12 - "$work/symbols" | sed -E 's/17h[0-9a-f]{16}E.*$/17h*/; s/Cs[0-9A-Za-z]+_/Cs*_/g; s/\.llvm\.[0-9]+$/*/' | sort -u
    rm -f "$work/out"
}
{
    run -c pass
    run -c 'import json, re, asyncio, dataclasses, typing, unittest'
    for script in "$root"/tests/language/*.py "$root"/tests/types/*.py; do
        run "$script"
    done
} | awk '!seen[$0]++'
