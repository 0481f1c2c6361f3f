#!/bin/bash
# conformance.sh DIR: public corpora that DIR holds, a table each. Nothing of them is kept here.
#   DIR/cel-spec        google/cel-spec: tests/simple/testdata
#   DIR/JSONTestSuite   nst/JSONTestSuite: test_parsing
#   DIR/picklescan      mmaitre314/picklescan: tests/data, tests/data2 (names with "malicious" and "benign")
#   DIR/models          any folder of model files: counts by outcome
set -uo pipefail
dir=$1
B=${BUILD:-build/release}
[ -n "$dir" ] || { echo "conformance: say where the corpora are: make conformance CORPUS=DIR"; exit 0; }

if [ -d "$dir/cel-spec" ]; then
    echo "== CEL"
    "$B/conformance/cel" "$dir/cel-spec/tests/simple/testdata"
else
    echo "skip CEL: no $dir/cel-spec"
fi

if [ -d "$dir/JSONTestSuite" ]; then
    echo "== JSON: must accept (y_), must refuse (n_); duplicate keys are refused by choice"
    find "$dir/JSONTestSuite/test_parsing" -name '[yn]_*.json' -print0 | xargs -0 "$B/conformance/json_accept" |
        awk '{n = split($2, p, "/"); f = p[n]; sub(/:$/, "", f); want = f ~ /^y_/ ? "accept" : "refuse"
              total[want]++; if ($1 == want) right[want]++; else print "  differs: " f ": " $1}
             END {for (w in total) printf "  %-7s %d of %d\n", w, right[w], total[w]}'
else
    echo "skip JSON: no $dir/JSONTestSuite"
fi

for corpus in picklescan models; do
    [ -d "$dir/$corpus" ] || { echo "skip $corpus: no $dir/$corpus"; continue; }
    echo "== $corpus"
    find "$dir/$corpus" -type f \( -name '*.pkl' -o -name '*.pt' -o -name '*.pth' -o -name '*.bin' -o -name '*.zip' -o -name '*.npy' -o -name '*.npz' \
        -o -name '*.safetensors' -o -name '*.joblib' -o -name '*.dat' -o -name '*.7z' \) | sort | while read -r f; do
        "$B/sallyport" scan --kind model "$f" -o json 2>/dev/null | jq -r --arg f "$(basename "$f")" '[$f, .decision] | @tsv'
    done | awk -F'\t' '{kind = $1 ~ /malicious/ ? "malicious" : $1 ~ /benign/ ? "benign" : "other"; n[kind " " $2]++}
                       END {for (k in n) printf "  %-24s %d\n", k, n[k]}' | sort
done
