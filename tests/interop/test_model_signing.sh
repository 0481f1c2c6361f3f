#!/bin/bash
# Root digests and resources of models as signatures of OpenSSF Model Signing have them. CORPUS=DIR: a checkout of
# sigstore/model-transparency lies in DIR/model-transparency.
set -euo pipefail
[ -d "${CORPUS:-/nowhere}/model-transparency/scripts/tests" ] || { echo "no CORPUS with model-transparency"; exit 77; }
python3 "$ROOT/tests/interop/model_signing.py" "$SALLYPORT" "$CORPUS"
