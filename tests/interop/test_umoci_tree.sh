#!/bin/bash
# The tree that umoci unpacks is the tree that we tell of: entries, kinds, modes, bytes and the digest of docs/facts-image.md.
. "$ROOT/fixtures/units/unit.sh"
command -v umoci >/dev/null || { echo "no umoci"; exit 77; }
[ "$(id -u)" -eq 0 ] || { echo "owners need root"; exit 77; }
python3 - <<'PY'
import tarfile
import units
units.image("image", [
    units.base_layer(),
    [units.folder("srv"), units.entry("srv/a", "a" * 3000, 0o755), units.entry("srv/b", "b", 0o4755), units.folder("opt"), units.entry("opt/x", "x"),
     units.entry("opt/y", "y", uid=33, gid=33), units.entry("srv/link", kind=tarfile.SYMTYPE, link="a", mode=0o777),
     units.entry("srv/hard", kind=tarfile.LNKTYPE, link="srv/a"), units.folder("gone"), units.entry("gone/z", "z"), units.entry("kind", "was a file")],
    [units.entry("opt/.wh.x"), units.entry(".wh.gone"), units.folder("tmp", 0o1777), units.entry("srv/b", "changed", 0o644),
     units.entry(".wh.kind")],
    [units.folder("kind"), units.entry("kind/inside", "i"), units.folder("opt"), units.entry("opt/.wh..wh..opq"), units.entry("opt/new", "n", 0o2755)],
])
PY
umoci unpack --image image:latest bundle >unpack.log 2>&1 || { cat unpack.log >&2; fail unpack; }
run 0 inspect oci:image
python3 - <<'PY'
import hashlib
import json
import os
import stat
tree = [f for f in json.load(open("out"))["facts"] if f["type"] == "image.tree"][0]["attributes"]
root = "bundle/rootfs"
seen = dict(entries=0, files=0, directories=0, symlinks=0, bytes=0, setuid=0, setgid=0)
lines = []
def walk(folder, path):
    for name in sorted(os.listdir(folder), key=os.fsencode):
        full, here = os.path.join(folder, name), path + name
        s = os.lstat(full)
        mode, content = s.st_mode & 0o7777, ""
        seen["entries"] += 1
        if stat.S_ISDIR(s.st_mode):
            kind = "directory"
            seen["directories"] += 1
        elif stat.S_ISLNK(s.st_mode):
            kind, mode, content = "symlink", 0o777, os.readlink(full)
            seen["symlinks"] += 1
        else:
            kind = "file"
            seen["files"] += 1
            seen["bytes"] += s.st_size
            seen["setuid"] += bool(mode & 0o4000)
            seen["setgid"] += bool(mode & 0o2000)
            content = "sha256:" + hashlib.sha256(open(full, "rb").read()).hexdigest()
        lines.append("\0".join([here, kind, f"{mode:o}", str(s.st_uid), str(s.st_gid), content]) + "\0\n")
        if kind == "directory":
            walk(full, here + "/")
walk(root, "")
bad = {k: (tree[k], v) for k, v in seen.items() if tree[k] != v}
assert not bad, f"(ours, umoci's): {bad}"
for prefix in ("", "/"):
    text = "".join(prefix + l for l in lines).encode()
    if tree["digest"] == "sha256:" + hashlib.sha256(text).hexdigest():
        break
else:
    raise SystemExit("tree digest differs:\n" + "".join(lines).replace("\0", " "))
PY
