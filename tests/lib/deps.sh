#!/bin/bash
# deps.sh: installs what the build and the tests need on Debian and Ubuntu, and only what is missing.
set -euo pipefail
packages=(
    gcc make pkg-config binutils
    libssl-dev libarchive-dev libbz2-dev liblzma-dev libyaml-dev libzstd-dev libisal-dev libseccomp-dev libvectorscan-dev
    libjansson-dev libcriterion-dev
    jq openssl zstd bzip2 xz-utils python3 procps util-linux ca-certificates
)
lint=(clang clang-tidy clang-format libclang-rt-dev)
want=("${packages[@]}")
case "$*" in *lint* | *fuzz* | *tidy*) want+=("${lint[@]}") ;; esac

missing=()
for p in "${want[@]}"; do
    dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$p")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
    echo "deps: not a Debian or Ubuntu system; install by hand what these packages hold: ${missing[*]}" >&2
    exit 1
fi
sudo=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "deps: missing ${missing[*]}; run as root once: make deps" >&2; exit 1; }
    sudo=sudo
fi
echo "deps: installing ${missing[*]}" >&2
log=$(mktemp)
$sudo apt-get update -qq >"$log" 2>&1 || true
if ! $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$log" 2>&1; then
    tail -20 "$log" >&2
    exit 1
fi
rm -f "$log"
