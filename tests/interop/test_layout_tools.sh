#!/bin/bash
# After `sallyport sign`, skopeo and umoci still read the layout, image and signature; nothing of the image changed.
. "$ROOT/fixtures/units/unit.sh"
command -v skopeo >/dev/null || { echo "no skopeo"; exit 77; }
command -v umoci >/dev/null || { echo "no umoci"; exit 77; }
allowed a
digest=$(jq -r '.manifests[] | select(.annotations["org.opencontainers.image.ref.name"] == "latest").digest' a/image/index.json)
[ "$(skopeo inspect --format '{{.Digest}}' oci:a/image:latest)" = "$digest" ] || fail "skopeo sees another digest"
tag=sha256-${digest#sha256:}.sig
umoci ls --layout a/image | sort >tags
printf 'latest\n%s\n' "$tag" | sort | cmp - tags || fail "tags: $(cat tags)"
skopeo inspect --raw "oci:a/image:$tag" >signature.json
holds signature.json '.layers[0].mediaType == "application/vnd.dev.cosign.simplesigning.v1+json" and (.layers[0].annotations["dev.cosignproject.cosign/signature"] | length) > 10'
umoci stat --image a/image:latest >stat || fail "umoci stat"
# Copied by skopeo, image and signature, and judged again: the signature still holds.
skopeo --insecure-policy copy -q oci:a/image:latest oci:copy:latest
skopeo --insecure-policy copy -q "oci:a/image:$tag" "oci:copy:$tag"
run 0 scan --trust a/trust.yaml oci:copy:latest --effective-time $NOW -o json=v.json
holds v.json 'any(.findings[]; .rule == "image-signature-present" and .outcome == "pass")'
# An image that umoci changed is another image, and the old signature does not count for it.
umoci config --image copy:latest --config.user root --tag changed
run 1 scan --trust a/trust.yaml oci:copy:changed --effective-time $NOW -o json=v.json
holds v.json 'any(.findings[]; .rule == "image-signature-present" and .outcome == "fail") and any(.findings[]; .rule == "image-user-not-root" and .outcome == "fail")'
