"""skops: estimators without pickle, each way of packing, and what may stand in its schema instead."""
import json
import zipfile

from made import evil

NEEDS = ("skops", "sklearn", "numpy")
DISTRIBUTIONS = ("skops", "scikit-learn")


def make(out):
    import skops.io as sio
    import made.sklearn as made_sklearn
    keep = {}
    for i, (name, one) in enumerate(list(made_sklearn.fitted()) + list(made_sklearn.composed())):
        if i % 3 == 0 or name in ("pipeline", "RandomForestClassifier", "search", "columns", "dict"):
            keep[name] = out.benign(f"{name}.skops", lambda p: sio.dump(one, p))
            how = (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)[i % 3]
            out.benign(f"packed/{name}.skops", lambda p: sio.dump(one, p, compression=how))
    source = keep["pipeline"]
    names = (("os", "system"), ("builtins", "eval"), ("subprocess", "Popen"), ("importlib", "import_module"), ("numpy", "load"), ("joblib", "load"),
             ("operator", "methodcaller"), ("a_package_of_nobody", "Thing"))
    for module, name in names:
        for loader in ("TypeNode", "FunctionNode", "ObjectNode", "ReduceNode", "MethodNode", "PartialNode", "OperatorFuncNode"):
            def change(data):
                schema = json.loads(data)
                schema["content"] = {"__class__": name, "__module__": module, "__loader__": loader, "__id__": 1, "content": schema["content"]}
                return json.dumps(schema).encode()
            out.attack(f"{loader}-{module}.{name}.skops", lambda p: evil.rezipped(source, p, {"schema.json": change}))
    out.attack("member.skops", lambda p: evil.rezipped(source, p, more=[("x.pkl", evil.second(b"N.", evil.CALLS[0]))]))
    out.attack("objects.skops", lambda p: evil.rezipped(source, p, more=[("x.npy", evil_array())]))


def evil_array():
    import io
    import numpy as np
    b = io.BytesIO()
    np.save(b, np.array([evil.Evil()], dtype=object), allow_pickle=True)
    return b.getvalue()
