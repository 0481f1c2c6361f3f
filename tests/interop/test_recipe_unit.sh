#!/bin/bash
# Every attestation of a whole unit, allowed and denied, is verified by the five lines of docs/signing.md; the digests in them are those of sha256sum.
. "$ROOT/fixtures/units/unit.sh"
command -v openssl >/dev/null || { echo "no openssl"; exit 77; }
allowed a ecdsa-p256
run 0 gate -c a/sallyport.yaml --effective-time $NOW --key a/gate.key --attest-output att -o json=verdict.json
for f in att/*.dsse.json att/*.sigstore.json; do
    jq '.dsseEnvelope // .' "$f" >envelope.json
    jq -rj .payload envelope.json | base64 -d >payload
    t=$(jq -rj .payloadType envelope.json)
    { printf 'DSSEv1 %d %s %d ' ${#t} "$t" "$(stat -c %s payload)"; cat payload; } >pae
    jq -rj '.signatures[0].sig' envelope.json | base64 -d >sig
    openssl dgst -sha256 -verify a/gate.pub -signature sig pae >said || fail "$f: $(cat said)"
    holds payload '._type == "https://in-toto.io/Statement/v1" and all(.subject[]; .digest.sha256 | test("^[0-9a-f]{64}$"))'
    case $f in
    *.vsa.*)
        holds payload '.predicate["urn:sallyport:verdict:v1"].verdict.digest.sha256 == $d' --arg d "$(sha256sum <verdict.json | cut -c1-64)"
        holds payload '.predicateType == "https://slsa.dev/verification_summary/v1" and .predicate.verificationResult == "PASSED"'
        ;;
    esac
done
payload att/plan.json.vsa.dsse.json >p.json
holds p.json '.subject[0].digest.sha256 == $d' --arg d "$(sha256sum <a/plan.json | cut -c1-64)"
