#!/bin/bash
# No member that Python's zipfile, libarchive or PyTorch's miniz read may be missing from what the scan of a zip tells, unless it is refused.
set -euo pipefail
command -v python3 >/dev/null || { echo "no python3"; exit 77; }
peer=$ROOT/${BUILD:-build/release}/tests/zip_peer
case ${BUILD:-} in /*) peer=$BUILD/tests/zip_peer ;; esac
[ -x "$peer" ] || { echo "zip_peer is not built: make interop builds it"; exit 77; }
python3 "$ROOT/tests/interop/zip_diff.py" "$peer" --cases "${CASES:-20000}" --seconds "${SECONDS_EACH:-600}" --seed "${SEED:-1}"
python3 "$ROOT/tests/interop/zip_diff.py" "$peer" --cases 500 --seed "${SEED:-1}" --weaken >/dev/null || { echo "a scan that tells nothing passes"; exit 1; }
