"""NumPy, SciPy and pandas: arrays, matrices and frames, each way that their manuals show."""
import pickle

from made import evil, read, write

NEEDS = ("numpy", "scipy", "pandas")


def arrays():
    import numpy as np
    rng = np.random.default_rng(1)
    yield "f8", rng.normal(size=(4, 5))
    yield "f4-fortran", np.asfortranarray(rng.normal(size=(4, 5)).astype("f4"))
    for t in "? i1 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8 g c8 c16 S5 U5 >f4 >i8 M8[ns] m8[s]".split():
        yield "type-" + t.replace("?", "bool").replace(">", "big-").replace("[", "-").replace("]", ""), np.zeros((3, 2), dtype=t)
    yield "empty", np.zeros((0, 3))
    yield "scalar", np.array(3.5)
    yield "many", np.zeros((1,) * 20)
    yield "record", np.array([(1, 2.5, b"x")], dtype=[("a", "<i4"), ("b", "<f8"), ("c", "S3")])
    yield "nested", np.zeros(2, dtype=[("a", [("b", "f4", (2, 2)), ("c", "U2")]), ("d", "i8")])
    yield "aligned", np.zeros(2, dtype=np.dtype([("a", "i1"), ("b", "f8")], align=True))
    yield "titles", np.zeros(2, dtype=[(("Title", "a"), "i4")])
    yield "masked", np.ma.masked_array([1, 2, 3], mask=[0, 1, 0])
    yield "objects", np.array(["a", 1, None, {"k": [1, 2]}], dtype=object)
    yield "matrix", np.matrix([[1, 2], [3, 4]])
    yield "records", np.rec.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")])
    if hasattr(np, "dtypes") and hasattr(np.dtypes, "StringDType"):
        yield "strings", np.array(["one", "two"], dtype=np.dtypes.StringDType())


def generators():
    import numpy as np
    yield "state", np.random.RandomState(1)
    yield "state-values", np.random.RandomState(1).get_state()
    for name in ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"):
        yield name, np.random.Generator(getattr(np.random, name)(1))
        yield name + "-values", getattr(np.random, name)(1).state
    yield "seeds", np.random.SeedSequence(1)
    yield "poly", np.poly1d([1, 2, 3])
    yield "polynomial", np.polynomial.Polynomial([1, 2, 3])
    yield "scalars", [np.float64(1), np.int32(2), np.bool_(True), np.datetime64("2026-01-01"), np.str_("a"), np.float16(1), np.complex64(1j)]
    yield "dtypes", [np.dtype("f4"), np.dtype([("a", "i4")]), np.float32, np.int64]
    yield "functions", [np.log1p, np.mean, np.sum, np.exp]


def make(out):
    import numpy as np
    for i, (name, a) in enumerate(arrays()):
        out.benign(f"npy/{name}.npy", lambda p: np.save(p, a, allow_pickle=True))
        for protocol in {0, 2, 5} if name in ("f8", "f4-fortran", "objects", "record", "masked", "strings", "matrix") else {i % 6}:
            out.benign(f"pickle/{name}-{protocol}.pkl", lambda p: write(p, pickle.dumps(a, protocol)))
    some = dict(list((n.replace("-", "_"), a) for n, a in arrays() if n != "masked"))
    out.benign("npz/stored.npz", lambda p: np.savez(p, **some))
    out.benign("npz/compressed.npz", lambda p: np.savez_compressed(p, **some))
    out.benign("npz/positions.npz", lambda p: np.savez(p, np.zeros(3), np.ones(2)))
    out.benign("text/a.txt", lambda p: np.savetxt(p, np.eye(3)))
    out.benign("text/a.txt.gz", lambda p: np.savetxt(p, np.eye(3)))
    out.benign("text/a.csv", lambda p: np.savetxt(p, np.eye(3), delimiter=","))
    out.benign("raw/a.bin", lambda p: np.linspace(1, 2, 50).tofile(p))
    for version in ((1, 0), (2, 0), (3, 0)):
        def one(p):
            with open(p, "wb") as f:
                np.lib.format.write_array(f, np.eye(3), version=version)
        out.benign(f"npy/version-{version[0]}.npy", one)
    for i, (name, g) in enumerate(generators()):
        out.benign(f"random/{name}-{i % 6}.pkl", lambda p: write(p, pickle.dumps(g, i % 6)))
    sparse(out)
    frames(out)
    attacks(out)


def sparse(out):
    import numpy as np
    import scipy.io
    import scipy.sparse as s
    import scipy.spatial
    import scipy.interpolate
    eye = np.eye(4)
    for kind in ("csr", "csc", "coo", "bsr", "dia", "lil", "dok"):
        for form in ("matrix", "array"):
            m = getattr(s, f"{kind}_{form}", None)
            if m is None:
                continue
            out.benign(f"sparse/{kind}-{form}.pkl", lambda p: write(p, pickle.dumps(m(eye))))
            if kind in ("csr", "csc", "coo", "bsr", "dia"):
                out.benign(f"sparse/{kind}-{form}.npz", lambda p: s.save_npz(p, m(eye)))
    out.benign("sparse/plain.npz", lambda p: s.save_npz(p, s.csr_matrix(eye), compressed=False))
    out.benign("mat/five.mat", lambda p: scipy.io.savemat(p, {"a": eye, "s": "text", "c": {"x": 1.0}}))
    out.benign("mat/compressed.mat", lambda p: scipy.io.savemat(p, {"a": eye}, do_compression=True))
    out.benign("mat/four.mat", lambda p: scipy.io.savemat(p, {"a": eye}, format="4"))
    out.benign("mat/market.mtx", lambda p: scipy.io.mmwrite(p, s.csr_matrix(eye)))
    x = np.linspace(0, 1, 9)
    for name, make_ in (("KDTree", lambda: scipy.spatial.KDTree(np.eye(3))), ("cKDTree", lambda: scipy.spatial.cKDTree(np.eye(3))),
                        ("interp1d", lambda: scipy.interpolate.interp1d(x, x)), ("CubicSpline", lambda: scipy.interpolate.CubicSpline(x, x)),
                        ("BSpline", lambda: scipy.interpolate.make_interp_spline(x, x)), ("Rotation", lambda: scipy.spatial.transform.Rotation.identity())):
        out.benign(f"scipy/{name}.pkl", lambda p: write(p, pickle.dumps(make_())))


def frames(out):
    import numpy as np
    import pandas as pd
    f = pd.DataFrame({"a": [1, 2, 3], "b": [.5, .25, np.nan], "c": list("xyz"), "d": pd.to_datetime(["2026-01-01"] * 3), "e": pd.Categorical(list("aba"))})
    kinds = {"frame": f, "series": f["b"], "categories": f["e"], "times": f["d"], "strings": f["c"], "multi": f.set_index(["a", "c"]),
             "nullable": pd.array([1, None], dtype="Int64"), "zones": pd.date_range("2026-01-01", periods=2, tz="UTC"),
             "periods": pd.period_range("2026-01", periods=2, freq="M"), "intervals": pd.interval_range(0, 3), "deltas": pd.to_timedelta([1, 2], unit="s"),
             "sparse": pd.arrays.SparseArray([0, 0, 1]), "stamp": pd.Timestamp("2026-01-01"), "boolean": pd.array([True, None], dtype="boolean"),
             "arrow": None, "na": pd.NA}
    if "arrow" in kinds:
        try:
            kinds["arrow"] = pd.Series([1, 2], dtype="int64[pyarrow]")
        except Exception:  # no pyarrow
            del kinds["arrow"]
    for i, (name, v) in enumerate(kinds.items()):
        for protocol in (i % 6, 5):
            out.benign(f"pandas/{name}-{protocol}.pkl", lambda p: write(p, pickle.dumps(v, protocol)))
    for ext in ("", ".gz", ".bz2", ".xz", ".zip", ".zst", ".tar"):
        out.benign("pandas/to_pickle.pkl" + ext, lambda p: f.to_pickle(p))
    out.benign("pandas/table.parquet", lambda p: f.to_parquet(p))
    out.benign("pandas/table.feather", lambda p: f.to_feather(p))
    out.benign("pandas/table.csv", lambda p: f.to_csv(p))
    out.benign("pandas/table.json", lambda p: f.to_json(p))
    out.benign("pandas/fixed.h5", lambda p: f[["a", "b"]].to_hdf(p, key="t", format="fixed"))
    out.benign("pandas/table.h5", lambda p: f[["a", "b"]].to_hdf(p, key="t", format="table"))


def attacks(out):
    import numpy as np
    import pandas as pd
    objects = np.array([evil.Evil(), 1], dtype=object)
    out.attack("objects.npy", lambda p: np.save(p, objects, allow_pickle=True))
    out.attack("objects.npz", lambda p: np.savez(p, a=np.eye(2), b=objects))
    out.attack("objects-compressed.npz", lambda p: np.savez_compressed(p, a=np.eye(2), b=objects))
    source = out.path("made", "npy/objects.npy")
    for shape in evil.SHAPES:
        def one(p):
            data = read(source)
            start = 10 + int.from_bytes(data[8:10], "little")
            write(p, data[:start] + shape(data[start:], evil.CALLS[0]))
        # What follows the pickle of an array is read by nobody, but it is there.
        out.attack(f"npy-{shape.__name__}.npy", one)
    held = pd.DataFrame({"a": [evil.Evil(), 1]})
    for ext in ("", ".gz", ".bz2", ".xz", ".zip", ".zst", ".tar"):
        out.attack("frame.pkl" + ext, lambda p: held.to_pickle(p))
    for what in evil.CALLS[:20]:
        frame = pickle.dumps(pd.Series([1, 2]), 4)
        out.attack(f"series/{evil.name_of(what)}.pkl", lambda p: write(p, evil.last(frame, what)))
