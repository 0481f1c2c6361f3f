#!/bin/bash
# A signature that openssl makes over cosign's payload, put beside an image by hand, is accepted; every change of it is not.
. "$ROOT/fixtures/units/unit.sh"
command -v openssl >/dev/null || { echo "no openssl"; exit 77; }
cat >make.py <<'PY'
import base64
import json
import subprocess
import sys
import units
dir_, key, digest_of, wrong = sys.argv[1:5]
image = units.manifest(dir_, [units.base_layer()])
claimed = "sha256:" + "0" * 64 if digest_of == "other" else image["digest"]
doc = {"critical": {"identity": {"docker-reference": "registry.example/team/app"}, "image": {"docker-manifest-digest": claimed},
                    "type": "cosign container image signature"}, "optional": {"build": "42"}}
if wrong == "critical":
    doc["critical"]["more"] = True
if wrong == "type":
    doc["critical"]["type"] = "something else"
payload = json.dumps(doc).encode()
units.write("payload", payload)
sig = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key, "payload"], stdout=subprocess.PIPE, check=True).stdout
if wrong == "signature":
    sig = sig[:-1] + bytes([sig[-1] ^ 1])
layer = {"mediaType": "application/vnd.dev.cosign.simplesigning.v1+json", **units.blob(dir_, payload),
         "annotations": {"dev.cosignproject.cosign/signature": base64.b64encode(sig).decode()}}
config = {"architecture": "", "os": "", "config": {}, "rootfs": {"type": "layers", "diff_ids": []}}
sm = {"schemaVersion": 2, "mediaType": units.MANIFEST, "config": {"mediaType": units.CONFIG, **units.blob(dir_, units.dump(config))}, "layers": [layer]}
name = "org.opencontainers.image.ref.name"
units.layout(dir_, [{**image, "annotations": {name: "latest"}},
                    {"mediaType": units.MANIFEST, **units.blob(dir_, units.dump(sm)), "annotations": {name: "sha256-" + image["digest"][7:] + ".sig"}}])
PY
for n in good other; do
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $n.key 2>/dev/null
    openssl pkey -in $n.key -pubout -out $n.pub
done
printf 'apiVersion: sallyport/v1\nkind: Trust\nkeys:\n- {name: team, path: good.pub, may_sign: [image]}\n' >trust.yaml
judge() { # OUTCOME DIR KEY DIGEST WRONG
    python3 make.py $2 $3 $4 $5
    got=0
    "$SALLYPORT" scan --trust trust.yaml oci:$2:latest -o json=v.json --effective-time $NOW >out 2>err || got=$?
    holds v.json 'any(.findings[]; .rule == "image-signature-present" and .outcome == $o)' --arg o $1
    case $1 in pass) ;; *) [ $got -ne 0 ] || fail "$2: allowed" ;; esac
}
judge pass one good.key same nothing
judge fail two other.key same nothing
judge fail three good.key other nothing
judge fail four good.key same signature
judge fail five good.key same critical
judge fail six good.key same type
