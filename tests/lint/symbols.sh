#!/bin/bash
# symbols.sh: foo.c exports only foo, foo_* (and format_x.c its format_x, cmd_x.c its cmd_x); nothing is a writable global.
set -uo pipefail
cd "$(dirname "$0")/../.."
B=${BUILD:-build/release}
bad=0
while IFS= read -r src; do
    obj=$B/${src%.c}.o
    [ -f "$obj" ] || continue
    stem=$(basename "$src" .c)
    while read -r _ kind name; do
        [ "$name" = main ] && continue
        case $name in "$stem" | "$stem"_*) ;; *) echo "symbols: $src exports $name"; bad=1 ;; esac
        case $kind in B | C | D) [[ $(nm -S "$obj" | awk -v n="$name" '$4 == n {print $3}') == D ]] &&
            objdump -t "$obj" | grep -qE "\.data\.rel\.ro.* $name$" || { echo "symbols: $src: $name is a writable global"; bad=1; } ;; esac
    done < <(nm --defined-only -g "$obj" | grep -v '__odr_asan')
done < <(find base scanner policies signing reports gate -name '*.c')
exit $bad
