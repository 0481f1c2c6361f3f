#!/bin/bash
# SARIF against the schemas of OASIS: SARIF_SCHEMA=FILE, any edition; python3 with jsonschema (Debian: python3-jsonschema).
. "$ROOT/fixtures/units/unit.sh"
python3 -c 'import jsonschema' 2>/dev/null || { echo "no jsonschema for python3"; exit 77; }
[ -f "${SARIF_SCHEMA:-}" ] || { echo "SARIF_SCHEMA names no file"; exit 77; }
denied d
allowed a
run 1 gate -c d/sallyport.yaml --effective-time $NOW -o sarif=denied.json
run 0 gate -c a/sallyport.yaml --effective-time $NOW -o sarif=allowed.json
python3 - "$SARIF_SCHEMA" denied.json allowed.json <<'P'
import json, sys
import jsonschema

schema = json.load(open(sys.argv[1]))
check = jsonschema.validators.validator_for(schema)(schema)
faults = [f"{name}: {e.json_path}: {e.message}" for name in sys.argv[2:] for e in check.iter_errors(json.load(open(name)))]
print("\n".join(faults))
sys.exit(1 if faults else 0)
P
