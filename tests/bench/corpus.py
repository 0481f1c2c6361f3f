#!/usr/bin/env python3
"""corpus.py OUT [MIB]: a large image and two large models for speed and memory, MIB (default 2048) each.

OUT/image/         OCI layout, one gzip layer: files of half-random text, so that it compresses about three to one
OUT/model.safetensors, OUT/model.pt (a zip as torch writes it, members stored)
OUT/dense.pkl      31 MB, whatever MIB says: 10 million opcodes, dicts, lists and tuples of small integers and memoized short strings
Made once; the bytes are seeded.
"""
import collections
import hashlib
import io
import json
import os
import pickle
import random
import struct
import sys
import tarfile
import types
import zipfile
import zlib

out, mib = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2048
rng = random.Random(11)
MB = 1 << 20


def text_blocks():
    """16 blocks of 1 MiB: half random bytes, half repeated words."""
    words = b"weights bias gradient layer norm attention head embedding token batch loss epoch ".split()
    blocks = []
    for _ in range(16):
        rows = []
        size = 0
        while size < MB:
            row = rng.randbytes(48) + b" ".join(rng.choice(words) for _ in range(8)) + b"\n"
            rows.append(row)
            size += len(row)
        blocks.append(b"".join(rows)[:MB])
    return blocks


def image(path):
    blobs = os.path.join(path, "blobs/sha256")
    os.makedirs(blobs, exist_ok=True)
    blocks = text_blocks()
    raw, packed, z = hashlib.sha256(), hashlib.sha256(), zlib.compressobj(1, zlib.DEFLATED, 31)
    tmp = os.path.join(path, "layer")
    size = 0
    with open(tmp, "wb") as f:
        def put(data):
            nonlocal size
            raw.update(data)
            piece = z.compress(data)
            packed.update(piece)
            size += len(piece)
            f.write(piece)
        for i in range(mib // 4):
            info = tarfile.TarInfo(f"srv/data/part-{i:05d}")
            info.size, info.mode = 4 * MB, 0o644
            put(info.tobuf(tarfile.PAX_FORMAT))
            for j in range(4):
                put(blocks[(i * 5 + j) % 16])
        put(b"\0" * 1024)
        piece = z.flush()
        packed.update(piece)
        size += len(piece)
        f.write(piece)
    os.rename(tmp, os.path.join(blobs, packed.hexdigest()))

    def blob(doc):
        data = json.dumps(doc, separators=(",", ":")).encode()
        digest = hashlib.sha256(data).hexdigest()
        with open(os.path.join(blobs, digest), "wb") as f:
            f.write(data)
        return {"digest": "sha256:" + digest, "size": len(data)}
    config = blob({"architecture": "amd64", "os": "linux", "config": {"User": "10001"},
                   "rootfs": {"type": "layers", "diff_ids": ["sha256:" + raw.hexdigest()]}})
    manifest = blob({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                     "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **config},
                     "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
                                 "digest": "sha256:" + packed.hexdigest(), "size": size}]})
    with open(os.path.join(path, "index.json"), "w") as f:
        json.dump({"schemaVersion": 2, "manifests": [
            {"mediaType": "application/vnd.oci.image.manifest.v1+json", **manifest,
             "annotations": {"org.opencontainers.image.ref.name": "latest"}}]}, f)
    with open(os.path.join(path, "oci-layout"), "w") as f:
        f.write('{"imageLayoutVersion":"1.0.0"}')


def tensors(n, each):
    blocks = [rng.randbytes(MB) for _ in range(8)]
    for i in range(n):
        for j in range(each):
            yield blocks[(i * 3 + j) % 8]


def safetensors(path):
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for i in range(mib // 8):
        header[f"layers.{i}.weight"] = {"dtype": "BF16", "shape": [1024, 4096], "data_offsets": [at, at + 8 * MB]}
        at += 8 * MB
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for block in tensors(mib // 8, 8):
            f.write(block)


def torch(path):
    for name in ("torch", "torch._utils"):
        sys.modules[name] = types.ModuleType(name)

    def _rebuild_tensor_v2(*args):
        return args

    class FloatStorage:
        pass

    _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    FloatStorage.__module__, FloatStorage.__qualname__ = "torch", "FloatStorage"
    sys.modules["torch._utils"]._rebuild_tensor_v2 = _rebuild_tensor_v2
    sys.modules["torch"].FloatStorage = FloatStorage

    class Storage:
        def __init__(self, key):
            self.key = key

    class Tensor:
        def __init__(self, key):
            self.key = key

        def __reduce__(self):
            return _rebuild_tensor_v2, (Storage(self.key), 0, (2048, 1024), (1024, 1), False, collections.OrderedDict())

    class Pickler(pickle.Pickler):
        def persistent_id(self, obj):
            return ("storage", FloatStorage, obj.key, "cpu", 2 * MB) if isinstance(obj, Storage) else None

    buf = io.BytesIO()
    Pickler(buf, 2).dump(collections.OrderedDict((f"w{i}", Tensor(str(i))) for i in range(mib // 8)))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as z:
        z.writestr("archive/data.pkl", buf.getvalue())
        z.writestr("archive/byteorder", b"little")
        for i in range(mib // 8):
            with z.open(zipfile.ZipInfo(f"archive/data/{i}"), "w", force_zip64=True) as f:
                for block in tensors(1, 8):
                    f.write(block)
        z.writestr("archive/version", b"3\n")


def dense(path):
    """Rows until 31 MB, as large dictionaries of Python are."""
    words = [f"{a}_{b}" for a in "layer weight bias scale mean".split() for b in "in out query key value norm".split()]
    size, rows = 0, []
    with open(path, "wb") as f:
        f.write(b"\x80\x04](")
        for i, w in enumerate(words):
            f.write(b"\x8c" + bytes([len(w)]) + w.encode() + b"q" + bytes([i]))
        while size < 31 * 1000 * 1000:
            row = b"}("
            for _ in range(rng.randrange(4, 12)):
                row += b"h" + bytes([rng.randrange(len(words))])
                row += rng.choice([
                    b"K%c" % rng.randrange(256), b"J" + rng.randbytes(4), b"M" + rng.randbytes(2), b"G" + rng.randbytes(8),
                    b"J" + rng.randbytes(4) + b"K\1M\1\2\x87", b"](" + b"".join(b"J" + rng.randbytes(4) for _ in range(6)) + b"e",
                    b"\x8c\x06" + bytes(rng.choice(b"abcdefgh") for _ in range(6)) + b"\x94"])
            rows.append(row + b"u")
            size += len(row) + 1
        f.write(b"".join(rows) + b"e.")


os.makedirs(out, exist_ok=True)
for name, make in (("image", image), ("model.safetensors", safetensors), ("model.pt", torch), ("dense.pkl", dense)):
    if not os.path.exists(os.path.join(out, name)):
        make(os.path.join(out, name))
