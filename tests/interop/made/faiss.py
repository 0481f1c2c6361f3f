"""Indexes of FAISS by its factory, of floats and of bits; and those that name files elsewhere, or say of themselves what is not so."""
import os
import struct

from made import read, write

NEEDS = ("faiss", "numpy")
DISTRIBUTIONS = ("faiss-cpu", "numpy")
# What is read; additive quantizers, RaBitQ, NSG and hashes are not.
FLOATS = ("Flat", "IDMap,Flat", "IDMap2,Flat", "IVF8,Flat", "IVF8,FlatDedup", "IVF8,SQ8", "IVF8,SQfp16", "IVF8,PQ8", "IVF8,PQ8+4", "IVF8,PQ8x4fs", "PQ8", "PQ8x4fs",
          "SQ8", "SQ4", "HNSW16", "HNSW16,PQ8", "HNSW16,SQ8", "PCA16,Flat", "PCAR16,IVF8,Flat", "OPQ8_16,IVF8,PQ8", "L2norm,Flat", "ITQ16,LSH", "LSH", "LSHr", "LSHt",
          "RR16,Flat", "Pad40,Flat", "PQ8,RFlat", "IVF8,PQ8,RFlat", "IVF8_HNSW8,Flat", "IMI2x4,PQ8", "IVF8,Refine(SQ8)", "HR32,Flat")
BITS = ("BFlat", "BIVF8", "BHNSW16")


def make(out):
    import faiss
    import numpy as np
    rng = np.random.default_rng(1)
    vectors, bits = rng.normal(size=(600, 32)).astype("f4"), rng.integers(0, 256, (600, 8)).astype("u1")

    def floats(path, what, metric):
        index = faiss.index_factory(32, what, metric)
        index.train(vectors)
        if "IDMap" in what:
            index.add_with_ids(vectors, np.arange(len(vectors)) + 5)
        else:
            index.add(vectors)
        faiss.write_index(index, path)

    def binary(path, what):
        index = faiss.index_binary_factory(64, what)
        index.train(bits)
        index.add(bits)
        faiss.write_index_binary(index, path)

    def on_disk(path, lists):
        index = faiss.index_factory(32, "IVF8,Flat")
        index.train(vectors)
        held = faiss.OnDiskInvertedLists(8, index.code_size, lists)  # the index borrows it
        index.replace_invlists(held)
        index.add(vectors)
        faiss.write_index(index, path)
        del index, held
        os.remove(lists)
    for what in FLOATS:
        for name, metric in (("l2", faiss.METRIC_L2), ("ip", faiss.METRIC_INNER_PRODUCT)):
            out.benign(f"{what.replace(',', '_')}-{name}.faiss", lambda p: floats(p, what, metric))
    for what in BITS:
        out.benign(f"{what}.faiss", lambda p: binary(p, what))
    out.attack("lists-elsewhere.faiss", lambda p: on_disk(p, os.path.join(out.root, "lists.ivfdata")))
    plain = os.path.join(out.root, "made", out.family, "Flat-l2.faiss")

    def more(path, at, n):
        data = bytearray(read(plain))
        struct.pack_into("<Q", data, at, n)
        write(path, bytes(data))
    out.attack("more-vectors.faiss", lambda p: more(p, 8, 601))
    out.attack("more-codes.faiss", lambda p: more(p, 37, 1 << 40))
