#!/bin/bash
# SARIF against the OASIS schema, when ajv and the schema (SARIF_SCHEMA=FILE) are there.
. "$ROOT/fixtures/units/unit.sh"
command -v ajv >/dev/null || { echo "no ajv"; exit 77; }
[ -f "${SARIF_SCHEMA:-}" ] || { echo "SARIF_SCHEMA names no file"; exit 77; }
denied d
run 1 gate -c d/sallyport.yaml --effective-time $NOW -o sarif=r.sarif.json
ajv validate --strict=false -c ajv-formats -s "$SARIF_SCHEMA" -d r.sarif.json
