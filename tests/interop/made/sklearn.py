"""scikit-learn, by joblib and pickle: each estimator fitted, each protocol, each compressor."""
import pickle

from made import evil, read, write

NEEDS = ("sklearn", "joblib", "numpy")
DISTRIBUTIONS = ("scikit-learn", "joblib", "numpy", "scipy")
COMPRESS = (0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("lzma", 3), ("xz", 3), ("lz4", 1))


def data():
    import numpy as np
    rng = np.random.default_rng(1)
    x = np.abs(rng.normal(size=(60, 6)))
    return x, (x[:, 0] > x[:, 1]).astype(int), x[:, 0] * 2 + x[:, 1]


def arguments(cls):
    """For those that want an estimator, or steps."""
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.svm import SVC
    name = cls.__name__
    steps = [("a", LogisticRegression()), ("b", SVC(probability=False))]
    special = {"Pipeline": {"steps": steps[:1]}, "FeatureUnion": {"transformer_list": [("p", "passthrough")]}, "ColumnTransformer":
               {"transformers": [("a", "passthrough", [0, 1])]}, "VotingClassifier": {"estimators": steps}, "StackingClassifier": {"estimators": steps},
               "VotingRegressor": {"estimators": [("a", Ridge())]}, "StackingRegressor": {"estimators": [("a", Ridge())]},
               "GridSearchCV": {"estimator": Ridge(), "param_grid": {"alpha": [1, 2]}},
               "RandomizedSearchCV": {"estimator": Ridge(), "param_distributions": {"alpha": [1, 2]}, "n_iter": 2},
               "HalvingGridSearchCV": {"estimator": Ridge(), "param_grid": {"alpha": [1, 2]}},
               "HalvingRandomSearchCV": {"estimator": Ridge(), "param_distributions": {"alpha": [1, 2]}},
               "SparseCoder": {"dictionary": data()[0][:6]}, "ClassifierChain": {"estimator": LogisticRegression()},
               "MultiOutputClassifier": {"estimator": LogisticRegression()}, "RegressorChain": {"estimator": Ridge()},
               "MultiOutputRegressor": {"estimator": Ridge()}}
    if name in special:
        return special[name]
    if "estimator" in getattr(cls, "_required_parameters", ["estimator"] if name in ("SelfTrainingClassifier",) else []):
        return {"estimator": Ridge() if "Regress" in name else LogisticRegression()}
    return {}


def fitted():
    """name -> fitted estimator, of all that fit one of the small data sets."""
    from sklearn.utils import all_estimators
    x, y, r = data()
    for name, cls in all_estimators():
        for args in (arguments(cls), {"estimator": None}):
            try:
                one = cls(**args)
            except Exception:  # an argument that this class does not have
                continue
            for target in (y, r, x[:, :2], (x[:, :2] > 1).astype(int), None, [str(v) for v in y]):
                try:
                    one.fit(x, target)
                except Exception:  # other data
                    continue
                break
            yield name, one
            break


def composed():
    """What people build of them."""
    from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, PolynomialFeatures, StandardScaler
    import numpy as np
    x, y, r = data()
    yield "pipeline", make_pipeline(SimpleImputer(), StandardScaler(), PolynomialFeatures(2), LogisticRegression(max_iter=500)).fit(x, y)
    yield "columns", make_pipeline(ColumnTransformer([("n", StandardScaler(), [0, 1]), ("c", OneHotEncoder(handle_unknown="ignore"), [2])]), Ridge()).fit(x, r)
    yield "search", GridSearchCV(make_pipeline(StandardScaler(), LogisticRegression()), {"logisticregression__C": [.1, 1]}, cv=2).fit(x, y)
    yield "log", make_pipeline(FunctionTransformer(np.log1p), Ridge()).fit(x, r)
    yield "target", TransformedTargetRegressor(Ridge(), func=np.log1p, inverse_func=np.expm1).fit(x, r)
    yield "text", make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(["some words", "other things"] * 4, [0, 1] * 4)
    yield "counts", CountVectorizer(ngram_range=(1, 2)).fit(["some words here", "other words there"])
    yield "dict", {"model": Ridge().fit(x, r), "features": list("abcdef"), "version": "1.0", "scores": {"r2": .9}, "scaler": StandardScaler().fit(x)}


def make(out):
    import joblib
    from joblib.compressor import _COMPRESSORS
    ways = [c for c in COMPRESS if not c or c[0] in _COMPRESSORS and (c[0] != "lz4" or getattr(_COMPRESSORS["lz4"], "fileobj_factory", None))]
    keep = {}
    for i, (name, one) in enumerate(list(fitted()) + list(composed())):
        protocol, way = i % 6, ways[i % len(ways)]
        out.benign(f"pickle/{name}-{protocol}.pkl", lambda p: write(p, pickle.dumps(one, protocol)))
        suffix = way[0] if way else "plain"
        out.benign(f"joblib/{name}-{suffix}.joblib", lambda p: joblib.dump(one, p, compress=way))
        keep[name] = one
    model = keep["pipeline"]
    for protocol in range(6):
        out.benign(f"ways/protocol-{protocol}.joblib", lambda p: joblib.dump(model, p, protocol=protocol))
    for way in COMPRESS[1:]:
        out.benign(f"ways/{way[0]}.joblib", lambda p: joblib.dump(model, p, compress=way))
        out.benign(f"ways/forest-{way[0]}.pkl.{way[0]}", lambda p: joblib.dump(keep["RandomForestClassifier"], p, compress=way))
    attacks(out, keep, joblib, ways)


def attacks(out, keep, joblib, ways):
    model, forest = keep["pipeline"], keep["RandomForestClassifier"]
    plain = pickle.dumps(model, 4)
    for what in evil.CALLS:
        out.attack(f"calls/{evil.name_of(what)}.pkl", lambda p: write(p, evil.first(plain, what)))
    for shape in evil.SHAPES:
        for protocol in (0, 2, 5):
            data_ = pickle.dumps(forest, protocol)
            out.attack(f"shapes/{shape.__name__}-{protocol}.pkl", lambda p: write(p, shape(data_, evil.CALLS[0])))
    for i, way in enumerate(ways):
        held = {"model": forest, "hook": evil.Evil(evil.CALLS[i])}
        out.attack(f"joblib/{way[0] if way else 'plain'}.joblib", lambda p: joblib.dump(held, p, compress=way))
    parameter(out, joblib)
    source = out.path("made", "ways/protocol-4.joblib")
    for shape in evil.SHAPES[:1] + evil.SHAPES[3:5]:
        out.attack(f"joblib/{shape.__name__}.joblib", lambda p: write(p, shape(read(source), evil.CALLS[0])))


def parameter(out, joblib):
    """The call where an estimator keeps something: a parameter, an array of objects, a function."""
    import numpy as np
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer
    x, _, r = data()
    bad = Ridge().fit(x, r)
    bad.hook_ = evil.Evil()
    out.attack("inside/attribute.joblib", lambda p: joblib.dump(bad, p))
    out.attack("inside/attribute.pkl", lambda p: write(p, pickle.dumps(bad)))
    held = Ridge().fit(x, r)
    held.names_ = np.array([evil.Evil(evil.CALLS[2]), "b"], dtype=object)
    out.attack("inside/objects.joblib", lambda p: joblib.dump(held, p))
    out.attack("inside/objects.pkl", lambda p: write(p, pickle.dumps(held)))
    for module, name, _ in evil.CALLS[:6]:
        func = getattr(__import__(module, fromlist=["x"]), name)
        pipe = make_pipeline(FunctionTransformer(func), Ridge())
        out.attack(f"inside/function-{module}.{name}.joblib", lambda p: joblib.dump(pipe, p))
