#!/bin/bash
# No name of an attribute that Jinja's own parser and optimizer see may be missing from what the template judge tells.
set -euo pipefail
command -v python3 >/dev/null && python3 -c 'import jinja2' 2>/dev/null || { echo "no python3 with jinja2"; exit 77; }
cli=$ROOT/${BUILD:-build/release}/sallyport
case ${BUILD:-} in /*) cli=$BUILD/sallyport ;; esac
[ -x "$cli" ] || { echo "sallyport is not built"; exit 77; }
python3 "$ROOT/tests/interop/jinja_diff.py" "$cli" --cases "${CASES:-3000}" --seed "${SEED:-1}"
