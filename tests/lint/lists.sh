#!/bin/bash
# lists.sh: each .def list and its files agree, both ways.
set -uo pipefail
cd "$(dirname "$0")/../.."
bad=0
check() { # DEF MACRO FILE-PATTERN-WITH-%
    local def=$1 macro=$2 pattern=$3 name f stem
    [ -f "$def" ] || { echo "lists: no $def"; bad=1; return; }
    for name in $(sed -n "s/^$macro(\([a-z0-9_]*\).*/\1/p" "$def"); do
        f=${pattern/\%/$name}
        [ -f "$f" ] || { echo "lists: $def has $name, but there is no $f"; bad=1; }
    done
    for f in ${pattern/\%/*}; do
        [ -f "$f" ] || continue
        stem=$(basename "$f" .c)
        name=${stem#"$(basename "${pattern%%\%*}")"}
        grep -q "^$macro($name[,)]" "$def" || { echo "lists: $f has no line in $def"; bad=1; }
    done
}
check scanner/formats/formats.def FORMAT scanner/formats/format_%.c
check scanner/config/configs.def CONFIG scanner/config/config_%.c
check reports/reports.def REPORT reports/report_%.c
check gate/commands.def COMMAND gate/cmd_%.c
for f in scanner/formats/format_*.c; do
    n=$(basename "$f" .c); n=${n#format_}
    [ -d "fixtures/$n" ] || { echo "lists: format $n has no fixtures/$n"; bad=1; }
done
exit $bad
