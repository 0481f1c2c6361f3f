#!/bin/bash
# run.sh BENCH...: the micro benchmarks, then whole commands beside reference tools on the same input. Ratios, not seconds, are what counts.
# BENCH_MIB (default 512) sets the size of the image and of its model. Peers (picklescan, modelscan) take part when they are on the PATH.
set -euo pipefail
cd "$(dirname "$0")/../.."
B=${BUILD:-build/release}
mib=${BENCH_MIB:-512}
sallyport=$B/sallyport
corpus=build/bench-$mib
for b in "$@"; do
    echo "$b"
    "$B/bench/$b"
done
if node -e 'require.resolve("@cloud-copilot/iam-simulate")' 2>/dev/null; then
    echo "random IAM requests beside iam-simulate"
    python3 tests/interop/iam_diff.py "$B/conformance/iam_decide" 10000 1 | grep ratio
else
    echo "skip iam-simulate: node does not find @cloud-copilot/iam-simulate (NODE_PATH)"
fi
python3 tests/bench/corpus.py "$corpus" "$mib"
layer=$(find "$corpus/image/blobs" -type f -size +1M)
have() { command -v "$1" >/dev/null; }
scanner() { have "$1" && "$1" --help >/dev/null 2>&1; } # one that is installed badly is none
m() { python3 tests/bench/measure.py 3 "$@"; }

echo "image of $mib MiB: two digests of the layer, a digest of each file, every byte searched for secrets"
args=("gzip -dc | sha256sum, and sha256sum of the blob" "gzip -dc $layer | sha256sum; sha256sum $layer")
have igzip && args+=(-- "igzip -dc alone" "igzip -dc $layer")
args+=(-- "sallyport inspect" "$sallyport inspect oci:$corpus/image")
have umoci && args+=(-- "umoci unpack" "d=\$(mktemp -d) && umoci unpack --rootless --image $corpus/image:latest \$d/b; rm -rf \$d")
m "${args[@]}"

echo "safetensors of $mib MiB"
m "openssl dgst -sha256" "openssl dgst -sha256 $corpus/model.safetensors" -- \
    "sallyport inspect" "$sallyport inspect --kind model $corpus/model.safetensors"

python3 tests/bench/models.py build/bench-models
models=build/bench-models
peers() { # FILE: the other scanners that are there, as further arguments of m
    local p
    for p in picklescan modelscan; do
        scanner $p && args+=(-- "$p" "$p -p $1")
    done
    return 0
}
for p in picklescan modelscan; do scanner $p || echo "skip $p: not on the PATH, or it does not start"; done

# One core each, so that the ratio says what a core does.
one=$(taskset -pc $$ | sed 's/.*: *//; s/[-,].*//')
echo "torch zip of 1000 MiB and 402 members, one core"
args=("openssl dgst -sha256" "taskset -c $one openssl dgst -sha256 $models/torch.pt"
    -- "sallyport inspect" "taskset -c $one $sallyport inspect --kind model $models/torch.pt")
peers "$models/torch.pt"
m "${args[@]}"

mkdir -p "$models/folder"
for i in 1 2 3 4; do ln -f "$models/torch.pt" "$models/folder/$i.pt"; done
echo "folder of four of them, all cores"
m "openssl dgst -sha256, one after the other" "openssl dgst -sha256 $models/folder/*.pt" -- \
    "sallyport inspect" "$sallyport inspect --model $models/folder" -- \
    "sallyport inspect --no-hash" "$sallyport inspect --no-hash --model $models/folder"

echo "pickle of 31 MB, 8.6 million opcodes"
args=("sallyport inspect" "$sallyport inspect --kind model $models/dense.pkl")
peers "$models/dense.pkl"
m "${args[@]}"

echo "pickle of one object of 500 MB"
args=("openssl dgst -sha256" "openssl dgst -sha256 $models/bytes.pkl" -- "sallyport inspect" "$sallyport inspect --kind model $models/bytes.pkl")
peers "$models/bytes.pkl"
m "${args[@]}"

echo "pickle of 41 bytes: what a start costs"
args=("sallyport inspect" "$sallyport inspect --kind model $models/small.pkl")
peers "$models/small.pkl"
m "${args[@]}"

echo "pickle of 31 MB, opcodes and little else"
args=("openssl dgst -sha256" "openssl dgst -sha256 $corpus/dense.pkl" -- "sallyport inspect" "$sallyport inspect --kind model $corpus/dense.pkl")
scanner picklescan && args+=(-- "picklescan" "picklescan -p $corpus/dense.pkl")
m "${args[@]}"

if [ -d build/demo/allowed/image ]; then
    echo "the demo's allowed unit: image, model, plan, pipeline, catalogue"
    m "sallyport gate" "cd build/demo/allowed && ../../../$sallyport gate -o text"
fi
