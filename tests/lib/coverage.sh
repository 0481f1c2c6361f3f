#!/bin/bash
# coverage.sh BUILD: line coverage of the program's own files from what the tests ran, by gcov.
set -euo pipefail
build=$1
find "$build" -name '*.gcda' -not -path '*/unit/*' -not -path '*/fuzz/*' | while read -r f; do
    gcov -n -o "$(dirname "$f")" "$f" 2>/dev/null
done | awk '
    /^File / { file = $2; gsub(/'"'"'/, "", file); own = file ~ /^(base|scanner|policies|signing|reports|gate)\/.*\.c$/ }
    /^Lines executed:/ && own {
        split($2, p, /[:%]/); n = $4; hit = p[2] * n / 100
        if (!(file in lines) || hit > hits[file]) { lines[file] = n; hits[file] = hit }
        own = 0
    }
    END {
        for (f in lines) { split(f, d, "/"); L[d[1]] += lines[f]; H[d[1]] += hits[f]; l += lines[f]; h += hits[f] }
        for (r in L) printf "  %-10s %5.1f%% of %d lines\n", r, 100 * H[r] / L[r], L[r]
        printf "  %-10s %5.1f%% of %d lines\n", "all", 100 * h / l, l
    }'
