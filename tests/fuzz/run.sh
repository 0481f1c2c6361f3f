#!/bin/bash
# run.sh SECONDS TARGET...: fuzzes each target for SECONDS, JOBS (default: one a core) at a time; TOTAL=SECONDS bounds the whole, which then gives each its share.
# Seeds are the fixtures, for formats also the probes of fixtures/models; tests/fuzz/dict/TARGET.dict helps where it is. What is new is kept in
# build/fuzz/corpus/, inputs that crash, hang or grow in build/fuzz/findings/: they are printed, and copied to fixtures/ when they are mended.
set -uo pipefail
cd "$(dirname "$0")/../.."
seconds=$1
shift
jobs=${JOBS:-$(nproc)}
if [ -n "${TOTAL:-}" ]; then
    share=$((TOTAL * jobs / $#))
    [ $share -ge "$seconds" ] || seconds=$((share > 1 ? share : 1))
fi
mkdir -p build/fuzz/findings build/fuzz/corpus build/fuzz/log

# The probes as one flat folder, but for bombs: each run of one takes a second.
probes=build/fuzz/probes
if [ ! -d $probes ] && python3 fixtures/models/probes.py build/fuzz/probes.all; then
    mkdir -p $probes
    find build/fuzz/probes.all -type f -size -64k -not -name expect.json -not -path '*bomb*' | while read -r f; do
        cp "$f" "$probes/$(sha256sum <"$f" | cut -c1-16)"
    done
    rm -rf build/fuzz/probes.all
fi

one() {
    local name=$1 seeds=() dict=() d found
    mkdir -p "build/fuzz/corpus/$name"
    for d in "fixtures/$name" "fixtures/${name#format_}" "fixtures/${name#format_}_model" "tests/fuzz/corpus/$name"; do
        [ -d "$d" ] && seeds+=("$d")
    done
    case $name in format_*) [ -d "$probes" ] && seeds+=("$probes") ;; esac
    for d in "tests/fuzz/dict/${name#format_}.dict" "tests/fuzz/dict/$name.dict"; do
        [ -f "$d" ] && dict=("-dict=$d")
    done
    rm -f "build/fuzz/findings/$name-"*
    if "build/fuzz/fuzz/$name" -max_total_time="$seconds" -max_len="${MAX_LEN:-65536}" -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/findings/$name-" "${dict[@]}" "build/fuzz/corpus/$name" "${seeds[@]}" >"build/fuzz/log/$name" 2>&1; then
        echo "ok - fuzz $name: $(sed -n 's/stat::number_of_executed_units: *//p' "build/fuzz/log/$name") runs in $seconds s"
        return 0
    fi
    echo "not ok - fuzz $name: see build/fuzz/log/$name"
    grep -a -m 3 'SUMMARY\|ERROR: \|ABORTING' "build/fuzz/log/$name"
    for found in "build/fuzz/findings/$name-"*; do
        [ -f "$found" ] || continue
        echo "  $found, $(stat -c %s "$found") bytes:"
        head -c 256 "$found" | od -A d -t x1z | head -n 8 | sed 's/^/    /'
    done
    return 1
}
export -f one
export seconds probes
printf '%s\n' "$@" | xargs -P "$jobs" -I{} bash -c 'one {}'
