#!/bin/bash
# symbols.sh: foo.c exports only foo and foo_*; nothing is a writable global, static or not.
# Const tables with pointers in them stand in .data.rel.ro, which is fine.
set -uo pipefail
cd "$(dirname "$0")/../.."
B=${BUILD:-build/release}
bad=0
mapfile -t sources < <(find base scanner policies signing reports gate -name '*.c' -not -path '*/tool/*' | sort)
objects=()
for src in "${sources[@]}"; do
    obj=$B/${src%.c}.o
    if [ -f "$obj" ]; then objects+=("$obj"); else echo "symbols: $src has no object $obj"; bad=1; fi
done
nm -A -f sysv --defined-only "${objects[@]}" | awk -F'|' -v b="$B/" '
    NF < 7 { next }
    {
        at = index($1, ".o:")
        src = substr($1, length(b) + 1, at - length(b) - 1) ".c"
        name = substr($1, at + 3)
        kind = $3
        section = $7
        gsub(/ /, "", name); gsub(/ /, "", kind); gsub(/ /, "", section)
        stem = src
        sub(/.*\//, "", stem); sub(/\.c$/, "", stem)
        if (name ~ /asan|ubsan|sanitizer|^\.L/ && kind ~ /[a-z]/) next # what the sanitizers add is local
        if (section ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*|COMMON)/ && section !~ /^\.data\.rel\.ro/)
            say(src ": " name " is a writable global")
        if (kind ~ /[A-Zuvw]/ && kind != "U" && name != stem && index(name, stem "_") != 1 &&
            !(src == "gate/main.c" && name == "main"))
            say(src " exports " name)
    }
    function say(what) { print "symbols: " what; bad = 1 }
    END { exit bad }
' || bad=1
exit $bad
