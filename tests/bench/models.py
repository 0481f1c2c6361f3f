#!/usr/bin/env python3
"""models.py OUT: three model files for speed and memory, made once; the bytes are seeded.

OUT/torch.pt     1000 MiB: a zip as torch writes it, 402 members, data.pkl of some 60 KB
OUT/dense.pkl    31 MB of pickle that is opcodes and hardly anything else: 8.6 million of them
OUT/bytes.pkl    one bytes object of 500 MB
OUT/small.pkl    what the start of the program costs
"""
import os
import pickle
import random
import struct
import sys
import zipfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../fixtures/models"))
import pack  # noqa: E402

MB = 1 << 20
rng = random.Random(11)


def torch(f):
    """399 storages of half-precision weights."""
    each = 1000 * MB // 399 // 2 * 2
    keys = [str(i) for i in range(399)]
    entries = b"".join(pack.text(f"model.layers.{k}.self_attn.q_proj.weight") + tensor(k, each // 2) for k in keys)
    blocks = [rng.randbytes(MB) for _ in range(8)]
    with zipfile.ZipFile(f, "w", zipfile.ZIP_STORED) as z:
        z.writestr(zipfile.ZipInfo("archive/data.pkl", pack.EPOCH), pack.P2 + pack.ordered(b")") + b"(" + entries + b"u.")
        z.writestr(zipfile.ZipInfo("archive/byteorder", pack.EPOCH), b"little")
        for i, k in enumerate(keys):
            with z.open(zipfile.ZipInfo("archive/data/" + k, pack.EPOCH), "w") as out:
                left = each
                while left > 0:
                    out.write(blocks[(i + left) % 8][:min(left, MB)])
                    left -= MB
        z.writestr(zipfile.ZipInfo("archive/version", pack.EPOCH), b"3\n")


def tensor(key, n):
    return pack.tensor(key, 4, "HalfStorage").replace(b"K\x04tQK\x00K\x04\x85", b"J" + struct.pack("<i", n) + b"tQK\x00J" + struct.pack("<i", n) + b"\x85")


def dense(f):
    pickle.dump([(i & 255, i + 70000, i / 7) for i in range(1_720_000)], f, 4)


def one_object(f):
    f.write(pack.P4 + b"B" + struct.pack("<I", 500_000_000))
    block = rng.randbytes(10_000_000)
    for _ in range(50):
        f.write(block)
    f.write(b".")


def small(f):
    pickle.dump({"a": [1, 2.5, "text"]}, f, 4)


out = sys.argv[1]
os.makedirs(out, exist_ok=True)
for name, make in (("torch.pt", torch), ("dense.pkl", dense), ("bytes.pkl", one_object), ("small.pkl", small)):
    path = os.path.join(out, name)
    if not os.path.exists(path):
        with open(path + ".part", "wb") as f:
            make(f)
        os.rename(path + ".part", path)
