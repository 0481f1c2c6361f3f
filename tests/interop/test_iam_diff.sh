#!/bin/bash
# Random policies and requests are decided as @cloud-copilot/iam-simulate decides them, but for the differences of docs/iam-conformance.md.
set -euo pipefail
command -v python3 >/dev/null || { echo "no python3"; exit 77; }
command -v node >/dev/null || { echo "no node"; exit 77; }
node -e 'require.resolve("@cloud-copilot/iam-simulate")' 2>/dev/null ||
    { echo "no @cloud-copilot/iam-simulate that node finds (npm install it, then NODE_PATH=DIR/node_modules)"; exit 77; }
decide=$ROOT/${BUILD:-build/release}/conformance/iam_decide
case ${BUILD:-} in /*) decide=$BUILD/conformance/iam_decide ;; esac
[ -x "$decide" ] || { echo "iam_decide is not built: make interop builds it"; exit 77; }
python3 "$ROOT/tests/interop/iam_diff.py" "$decide" "${CASES:-20000}" "${SEED:-1}"
