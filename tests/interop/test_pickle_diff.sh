#!/bin/bash
# No import that CPython's unpicklers ask for may be missing from what the pickle machine tells: random and mutated pickles.
set -euo pipefail
command -v python3 >/dev/null || { echo "no python3"; exit 77; }
cli=$ROOT/${BUILD:-build/release}/tests/formats_cli
case ${BUILD:-} in /*) cli=$BUILD/tests/formats_cli ;; esac
[ -x "$cli" ] || { echo "formats_cli is not built: make interop builds it"; exit 77; }
python3 "$ROOT/tests/interop/pickle_diff.py" "$cli" --cases "${CASES:-20000}" --seconds 300 --seed "${SEED:-1}"
