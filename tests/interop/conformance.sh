#!/bin/bash
# conformance.sh DIR: public corpora that DIR holds, a table each. Nothing of them is kept here.
#   DIR/cel-spec        google/cel-spec: tests/simple/testdata
#   DIR/JSONTestSuite   nst/JSONTestSuite: test_parsing
#   DIR/iam-simulate    cloud-copilot/iam-simulate: cases of its engine and its operators
#   DIR/pathfinding.cloud, DIR/iam-vulnerable   DataDog, BishopFox: paths of privilege escalation, and traps
#   DIR/iam-dataset     iann0036/iam-dataset: aws/managedpolicies, with labels
#   DIR/quacky          vlab-cs-ucsb/quacky: pairs of policies, which of them allows more
#   DIR/parliament      duo-labs/parliament: tests/unit
#   DIR/MAMIP           zoph-io/MAMIP: policies, findings
#   DIR/<others>        files of models: counts by outcome; folders and labels in model_corpus.tsv (picklescan, joblib, onnx, ...; models: your own)
# Ends with 1 when anything differs that docs/cel.md, docs/iam-conformance.md or docs/conformance.md does not tell of; what is not there is skipped.
# ONLY='picklescan joblib' looks at these alone; VERBOSE=1 names every file that is neither clean nor caught; CUTS= leaves out the cuts.
set -uo pipefail
cd "$(dirname "$0")/../.."
dir=$1
B=${BUILD:-build/release}
[ -n "$dir" ] || { echo "conformance: say where the corpora are: make conformance CORPUS=DIR"; exit 0; }
bad=0
ask() { "$@" || bad=1; }

if [ -d "$dir/cel-spec" ]; then
    echo "== CEL"
    ask "$B/conformance/cel" "$dir/cel-spec/tests/simple/testdata"
else
    echo "skip CEL: no $dir/cel-spec"
fi

if [ -d "$dir/JSONTestSuite" ]; then
    echo "== JSON: must accept (y_), must refuse (n_); duplicate keys are refused by choice"
    find "$dir/JSONTestSuite/test_parsing" -name '[yn]_*.json' -print0 | xargs -0 "$B/conformance/json_accept" |
        awk '{n = split($2, p, "/"); f = p[n]; sub(/:$/, "", f); want = f ~ /^y_/ ? "accept" : "refuse"
              total[want]++
              if ($1 == want) right[want]++
              else {print "  differs: " f ": " $1; if (f !~ /^y_object_duplicated_key/) odd++}}
             END {for (w in total) printf "  %-7s %d of %d\n", w, right[w], total[w]; exit odd > 0 || NR == 0}' || bad=1
else
    echo "skip JSON: no $dir/JSONTestSuite"
fi

if [ -d "$dir/iam-simulate" ]; then
    echo "== IAM: requests"
    ask python3 tests/interop/iam_cases.py "$B/conformance/iam_decide" "$dir/iam-simulate"
else
    echo "skip IAM requests: no $dir/iam-simulate"
fi

if [ -d "$dir/iam-dataset" ] && node -e 'require.resolve("@cloud-copilot/iam-simulate")' 2>/dev/null; then
    echo "== IAM: random requests beside iam-simulate"
    ask python3 tests/interop/iam_diff.py "$B/conformance/iam_decide" "${CASES:-100000}" "${SEED:-1}" "$dir/iam-dataset/aws/managedpolicies"
else
    echo "skip IAM random requests: no $dir/iam-dataset, or no @cloud-copilot/iam-simulate that node finds (NODE_PATH)"
fi

if [ -d "$dir/iam-dataset" ]; then
    echo "== IAM: what the managed policies of AWS allow"
    ask python3 tests/interop/iam_expansion.py "$B/conformance/iam_names" "$dir/iam-dataset"
    ask "$B/conformance/iam_each" "$dir"/iam-dataset/aws/managedpolicies/*.json
    echo "== IAM: the managed policies compared"
    ask python3 tests/interop/iam_compare.py "$B/conformance/iam_wider" managed "$dir/iam-dataset"
else
    echo "skip IAM expansion: no $dir/iam-dataset"
fi

if [ -d "$dir/quacky" ]; then
    echo "== IAM: pairs of policies"
    ask python3 tests/interop/iam_compare.py "$B/conformance/iam_wider" quacky "$dir/quacky"
else
    echo "skip IAM pairs: no $dir/quacky"
fi

for what in pathfinding.cloud iam-vulnerable; do
    if [ -d "$dir/$what" ]; then
        echo "== IAM: paths of $what"
        name=${what%.cloud}
        ask python3 tests/interop/iam_escalations.py "$B/sallyport" "${name#iam-}" "$dir/$what"
    else
        echo "skip IAM paths: no $dir/$what"
    fi
done

if [ -d "$dir/parliament" ]; then
    echo "== IAM: lint against the tests of parliament"
    ask python3 tests/interop/iam_parliament.py "$B/sallyport" "$dir/parliament"
else
    echo "skip IAM lint: no $dir/parliament"
fi

if [ -d "$dir/MAMIP" ]; then
    echo "== IAM: lint beside what IAM Access Analyzer says of the managed policies"
    ask python3 tests/interop/iam_analyzer.py "$B/sallyport" "$dir/MAMIP"
else
    echo "skip IAM Access Analyzer: no $dir/MAMIP"
fi

echo "== models"
export CUTS=${CUTS-$B/conformance/model_cuts}
# shellcheck disable=SC2086
ask python3 tests/interop/model_corpus.py "$B/sallyport" "$dir" ${ONLY:-}
exit $bad
