#!/bin/bash
# What sallyport signs, openssl and jq verify by the recipe of docs/signing.md, and the other way round.
for tool in openssl jq; do command -v $tool >/dev/null || { echo "no $tool"; exit 77; }; done
exec bash "$ROOT/tests/interop/signing_openssl.sh"
