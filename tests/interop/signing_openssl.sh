#!/bin/bash
# Signatures across tools, in TAP: what sallyport signs is verified by the recipe of docs/signing.md with openssl and jq alone, and what openssl signs
# is verified by sallyport. SALLYPORT names the program (default build/release/sallyport).
set -u
cd "$(dirname "$0")/../.." || exit 2
bin=$(realpath "${SALLYPORT:-build/release/sallyport}")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
count=0 failed=0
unset SALLYPORT_KEY_PASSWORD

ok() { # RC NAME
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; failed=1; fi
}
no() { # RC NAME: a failure is wanted
    if [ "$1" -eq 0 ]; then ok 1 "$2"; else ok 0 "$2"; fi
}

# The recipe: FILE PUBLIC-KEY KIND; leaves payload, pae and sig in $tmp.
recipe() {
    (
        cd "$tmp" || exit 2
        f=$1 k=$2
        jq -rj .payload "$f" | base64 -d >payload || exit 1
        t=$(jq -rj .payloadType "$f")
        { printf 'DSSEv1 %d %s %d ' ${#t} "$t" "$(stat -c %s payload)"; cat payload; } >pae
        jq -rj '.signatures[0].sig' "$f" | base64 -d >sig || exit 1
        case $3 in
        ecdsa-p256) openssl dgst -sha256 -verify "$k" -signature sig pae ;;
        ecdsa-p384) openssl dgst -sha384 -verify "$k" -signature sig pae ;;
        ed25519) openssl pkeyutl -verify -pubin -inkey "$k" -rawin -in pae -sigfile sig ;;
        rsa-pss) openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -verify "$k" -signature sig pae ;;
        esac
    ) >/dev/null 2>&1
}

sign_raw() { # PRIVATE-KEY KIND FILE: signature on stdout, by openssl
    case $2 in
    ecdsa-p256) openssl dgst -sha256 -sign "$1" "$3" ;;
    ecdsa-p384) openssl dgst -sha384 -sign "$1" "$3" ;;
    ed25519) openssl pkeyutl -sign -inkey "$1" -rawin -in "$3" ;;
    rsa-pss) openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -sign "$1" "$3" ;;
    esac
}

printf '{"Resources": {}}\n' >"$tmp/template.json"
for kind in ecdsa-p256 ecdsa-p384 ed25519 rsa-pss; do
    k=$tmp/$kind
    "$bin" keygen --type $kind --no-password -o "$k" >/dev/null 2>&1
    ok $? "$kind: keygen"
    openssl pkey -in "$k.key" -pubout 2>/dev/null | cmp -s - "$k.pub"
    ok $? "$kind: openssl derives the same public key"
    (cd "$tmp" && "$bin" gate --key "$k.key" --attest-output "$kind.d" file:template.json >/dev/null 2>&1)
    f=$(find "$tmp/$kind.d" -name '*.vsa.dsse.json' | head -n 1)
    [ -n "$f" ]
    ok $? "$kind: gate writes an envelope"
    recipe "$f" "$k.pub" $kind
    ok $? "$kind: openssl verifies it"
    jq -e '._type == "https://in-toto.io/Statement/v1"' "$tmp/payload" >/dev/null
    ok $? "$kind: the payload is a statement"
    jq -c '.payload |= (@base64d | sub("FAILED|PASSED"; "PASSEd") | @base64)' "$f" >"$tmp/mutant.json"
    recipe "$tmp/mutant.json" "$k.pub" $kind
    no $? "$kind: openssl refuses a changed payload"
    jq .dsseEnvelope "${f%.dsse.json}.sigstore.json" >"$tmp/inner.json"
    recipe "$tmp/inner.json" "$k.pub" $kind
    ok $? "$kind: openssl verifies the envelope of the bundle"

    # The other way: openssl signs a statement of its own.
    digest=$(sha256sum <"$tmp/template.json" | cut -d' ' -f1)
    keyid=$(openssl pkey -pubin -in "$k.pub" -outform DER | sha256sum | cut -d' ' -f1)
    jq -cj -n --arg d "$digest" --arg t "$(date -u +%Y-%m-%dT%H:%M:%SZ)" '{_type: "https://in-toto.io/Statement/v1",
        subject: [{name: "template.json", digest: {sha256: $d}}], predicateType: "https://slsa.dev/verification_summary/v1",
        predicate: {verifier: {id: "urn:sallyport:gate:v1"}, timeVerified: $t, resourceUri: "template.json", policy: {uri: "urn:p"},
        verificationResult: "PASSED", verifiedLevels: ["SLSA_BUILD_LEVEL_0"], slsaVersion: "1.0"}}' >"$tmp/statement"
    t=application/vnd.in-toto+json
    { printf 'DSSEv1 %d %s %d ' ${#t} $t "$(stat -c %s "$tmp/statement")"; cat "$tmp/statement"; } >"$tmp/pae"
    printf '{"payload":"%s","payloadType":"%s","signatures":[{"keyid":"%s","sig":"%s"}]}\n' "$(base64 -w0 "$tmp/statement")" $t \
        "$keyid" "$(sign_raw "$k.key" $kind "$tmp/pae" | base64 -w0)" >"$tmp/made.json"
    "$bin" verify --key "$k.pub" --subject "sha256:$digest" "$tmp/made.json" >/dev/null 2>&1
    ok $? "$kind: sallyport verifies what openssl signed"
    sed 's/"sig":"\(.\)/"sig":"\1A/' "$tmp/made.json" >"$tmp/mutant.json"
    "$bin" verify --key "$k.pub" --subject "sha256:$digest" "$tmp/mutant.json" >/dev/null 2>&1
    no $? "$kind: sallyport refuses a changed signature"
    "$bin" verify --key fixtures/pem/good/ed25519-b.pub --subject "sha256:$digest" "$tmp/made.json" >/dev/null 2>&1
    no $? "$kind: sallyport refuses another key"
done
SALLYPORT_KEY_PASSWORD=hello "$bin" keygen --type ed25519 -o "$tmp/sealed" >/dev/null 2>&1
openssl pkey -in "$tmp/sealed.key" -passin pass:hello -pubout 2>/dev/null | cmp -s - "$tmp/sealed.pub"
ok $? "openssl opens a key that sallyport sealed"
openssl pkey -in "$tmp/sealed.key" -passin pass:hallo -noout 2>/dev/null
no $? "and not with another password"
echo "1..$count"
exit $failed
