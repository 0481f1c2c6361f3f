#!/bin/bash
# run.sh SECONDS TARGET...: fuzzes each target, two at a time, from its fixtures; findings land in build/fuzz/findings/.
set -uo pipefail
cd "$(dirname "$0")/../.."
seconds=$1
shift
mkdir -p build/fuzz/findings build/fuzz/corpus build/fuzz/log

one() {
    local name=$1 dirs=() d
    mkdir -p "build/fuzz/corpus/$name"
    for d in "fixtures/$name" "fixtures/${name#format_}" "tests/fuzz/corpus/$name"; do
        [ -d "$d" ] && dirs+=("$d")
    done
    if "build/fuzz/fuzz/$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/findings/$name-" "build/fuzz/corpus/$name" "${dirs[@]}" >"build/fuzz/log/$name" 2>&1; then
        echo "ok - fuzz $name: $(sed -n 's/stat::number_of_executed_units: *//p' "build/fuzz/log/$name") runs in $seconds s"
    else
        echo "not ok - fuzz $name: see build/fuzz/log/$name"
        tail -5 "build/fuzz/log/$name"
        return 1
    fi
}
export -f one
export seconds
printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} bash -c 'one {}'
