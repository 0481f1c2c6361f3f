"""Formats of weights by their own packages: safetensors, GGUF, HDF5, Zarr, SentencePiece, MessagePack."""
import json
import os
import struct

from made import evil, read, there, write

NEEDS = ("numpy",)
DISTRIBUTIONS = ("safetensors", "gguf", "h5py", "zarr", "sentencepiece")


def make(out):
    for name, one in (("safetensors", tensors), ("gguf", gguf), ("h5py", hdf5), ("zarr", zarr), ("sentencepiece", pieces)):
        if there(name):
            one(out)
        else:
            out.left.append(name + ": not installed")


def tensors(out):
    import numpy as np
    from safetensors.numpy import save_file
    for t in "? i1 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8".split():
        out.benign(f"safetensors/{t.replace('?', 'bool')}.safetensors", lambda p: save_file({"a": np.ones((2, 3), t), "b": np.zeros((), t)}, p))
    out.benign("safetensors/metadata.safetensors", lambda p: save_file({"a": np.ones(3, "f4")}, p, {"format": "pt", "note": "some words"}))
    out.benign("safetensors/empty.safetensors", lambda p: save_file({"a": np.zeros((0, 3), "f4")}, p))
    out.benign("safetensors/many.safetensors", lambda p: save_file({f"layers.{i}.w": np.ones(8, "f4") for i in range(300)}, p))

    def raw(p, header, data=b"\0" * 16):
        text = header if isinstance(header, bytes) else json.dumps(header).encode()
        write(p, struct.pack("<Q", len(text)) + text + data)
    one = {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}
    for name, header, data in (
            ("overlap", {"a": one, "b": one}, b"\0" * 16), ("past", {"a": {**one, "data_offsets": [0, 99]}}, b"\0" * 16),
            ("hole", {"a": {**one, "data_offsets": [16, 32]}}, b"\0" * 32), ("shape", {"a": {**one, "shape": [5]}}, b"\0" * 16),
            ("twice", b'{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}', b"\0" * 16),
            ("behind", {"a": one}, b"\0" * 16 + evil.second(b"N.", evil.CALLS[0])), ("type", {"a": {**one, "dtype": "X9"}}, b"\0" * 16)):
        out.attack(f"safetensors/{name}.safetensors", lambda p: raw(p, header, data))


def gguf(out):
    import gguf as g
    import numpy as np

    def one(p, more=None, kind=None):
        w = g.GGUFWriter(p, "llama")
        w.add_block_count(1)
        w.add_context_length(32)
        w.add_embedding_length(32)
        w.add_tokenizer_model("llama")
        w.add_token_list(["<s>", "</s>", "a"])
        w.add_token_scores([0., 0., 0.])
        w.add_array("general.tags", ["a", "b"])
        if more:
            w.add_chat_template(more)
        x = np.zeros((32, 256), "f4")
        w.add_tensor("token_embd.weight", x if kind is None else g.quants.quantize(x, kind), raw_dtype=kind)
        w.write_header_to_file()
        w.write_kv_data_to_file()
        w.write_tensors_to_file()
        w.close()
    out.benign("gguf/plain.gguf", one)
    for kind in g.GGMLQuantizationType:
        out.benign(f"gguf/{kind.name}.gguf", lambda p: one(p, None, kind))
    out.benign("gguf/template.gguf", lambda p: one(p, "{% for m in messages %}{{ m['content'] | trim }}{% endfor %}"))
    from made.transformers import TEMPLATES
    for i, text in enumerate(TEMPLATES):
        out.attack(f"gguf/template-{i}.gguf", lambda p: one(p, text))


def hdf5(out):
    import h5py
    import numpy as np
    x = np.arange(100.).reshape(10, 10)

    def one(p, how, **file):
        with h5py.File(p, "w", **file) as f:
            how(f)
    ways = {"plain": lambda f: f.create_dataset("a", data=x), "gzip": lambda f: f.create_dataset("a", data=x, compression="gzip", shuffle=True),
            "lzf": lambda f: f.create_dataset("a", data=x, compression="lzf"), "checksum": lambda f: f.create_dataset("a", data=x, fletcher32=True),
            "chunks": lambda f: f.create_dataset("a", data=x, chunks=(2, 5), maxshape=(None, 10)), "group": lambda f: f.create_group("g/h").create_dataset("a", data=x),
            "text": lambda f: f.create_dataset("t", data=["a", "b"], dtype=h5py.string_dtype()), "attributes": lambda f: f.attrs.update({"a": 1, "b": "x", "c": [1.5]}),
            "compound": lambda f: f.create_dataset("a", data=np.zeros(3, [("a", "i4"), ("b", "f8")])), "empty": lambda f: f.create_dataset("a", data=h5py.Empty("f")),
            "ragged": lambda f: f.create_dataset("a", (2,), dtype=h5py.vlen_dtype("i4")), "enum": lambda f: f.create_dataset("a", (2,), dtype=h5py.enum_dtype(
                {"R": 0, "G": 1})), "references": lambda f: f.create_dataset("r", data=[f.ref], dtype=h5py.ref_dtype), "soft": lambda f: f.__setitem__(
                "s", h5py.SoftLink("/a"))}
    for name, how in ways.items():
        out.benign(f"hdf5/{name}.h5", lambda p: one(p, how))
        out.benign(f"hdf5/{name}-latest.h5", lambda p: one(p, how, libver="latest"))
    bad = {"external": lambda f: f.__setitem__("e", h5py.ExternalLink("/etc/passwd", "/x")),
           "storage": lambda f: f.create_dataset("e", (16,), dtype="u1", external=[("/etc/passwd", 0, 16)]), "virtual": lambda f: f.create_virtual_dataset(
               "v", _layout(h5py))}
    for name, how in bad.items():
        out.attack(f"hdf5/{name}.h5", lambda p: one(p, how))
        out.attack(f"hdf5/{name}-latest.h5", lambda p: one(p, how, libver="latest"))


def _layout(h5py):
    layout = h5py.VirtualLayout((10,), "f8")
    layout[:] = h5py.VirtualSource("/etc/other.h5", "a", (10,))
    return layout


def zarr(out):
    import numpy as np
    import zarr as z
    x = np.arange(64.).reshape(8, 8)
    for form in (2, 3):
        def one(p):
            g = z.open_group(p, mode="w", zarr_format=form)
            g["a"] = x
            g.attrs["note"] = "words"
        out.benign(f"zarr/group-{form}.zarr", one)

    def zipped(p):
        store = z.storage.ZipStore(p, mode="w")
        z.open_group(store, mode="w")["a"] = x
        store.close()
    out.benign("zarr/store.zarr.zip", zipped)


def pieces(out):
    import sentencepiece as s
    for kind in ("unigram", "bpe", "char", "word"):
        def one(p):
            base = p[:-len(".model")]
            s.SentencePieceTrainer.train(sentence_iterator=iter(["some words to learn from", "and other words here"] * 20), model_prefix=base, vocab_size=30,
                                         model_type=kind, hard_vocab_limit=False, minloglevel=4)
        out.benign(f"sentencepiece/{kind}.model", one)
