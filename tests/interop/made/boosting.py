"""XGBoost, LightGBM and CatBoost: each format of their own, and pickles."""
import json
import pickle

from made import evil, there, write

NEEDS = ("numpy", "sklearn")
DISTRIBUTIONS = ("xgboost", "lightgbm", "catboost")


def data():
    import numpy as np
    rng = np.random.default_rng(1)
    x = rng.normal(size=(80, 5))
    return x, (x[:, 0] > 0).astype(int), x[:, 0] + x[:, 1]


def make(out):
    for name, one in (("xgboost", xgboost), ("lightgbm", lightgbm), ("catboost", catboost)):
        if there(name):
            one(out)
        else:
            out.left.append(name + ": not installed")


def pickled(out, name, model):
    import joblib
    for protocol in (2, 4, 5):
        out.benign(f"{name}-{protocol}.pkl", lambda p: write(p, pickle.dumps(model, protocol)))
    out.benign(f"{name}.joblib", lambda p: joblib.dump(model, p))
    out.benign(f"{name}-zlib.joblib", lambda p: joblib.dump(model, p, compress=3))
    for shape in evil.SHAPES:
        out.attack(f"{name}-{shape.__name__}.pkl", lambda p: write(p, shape(pickle.dumps(model), evil.CALLS[0])))
    out.attack(f"{name}.joblib", lambda p: joblib.dump([model, evil.Evil()], p))


def xgboost(out):
    import xgboost as xgb
    x, y, r = data()
    for booster in ("gbtree", "gblinear", "dart"):
        for objective in ("reg:squarederror", "binary:logistic", "multi:softprob", "rank:pairwise", "survival:aft"):
            params = {"booster": booster, "objective": objective, "max_depth": 3}
            if objective == "multi:softprob":
                params["num_class"] = 2
            m = xgb.DMatrix(x, label=abs(r) if objective.startswith("surv") else y)
            try:
                b = xgb.train(params, m, 3)
            except Exception:  # not each objective has each booster
                continue
            name = f"xgboost/{booster}-{objective.replace(':', '-')}"
            for ext in ("json", "ubj", "model", "deprecated"):
                out.benign(f"{name}.{ext}", lambda p: b.save_model(p))
            out.benign(f"{name}.raw", lambda p: write(p, bytes(b.save_raw())))
            out.benign(f"{name}-config.json", lambda p: write(p, b.save_config().encode()))
            out.benign(f"{name}-dump.txt", lambda p: b.dump_model(p))
            out.benign(f"{name}-dump.json", lambda p: b.dump_model(p, dump_format="json"))
            out.benign(f"{name}.pkl", lambda p: write(p, pickle.dumps(b)))
    out.benign("xgboost/matrix.buffer", lambda p: xgb.DMatrix(x, label=y).save_binary(p))
    for cls, target in ((xgb.XGBClassifier, y), (xgb.XGBRegressor, r), (xgb.XGBRFClassifier, y), (xgb.XGBRFRegressor, r)):
        m = cls(n_estimators=3).fit(x, target)
        out.benign(f"xgboost/{cls.__name__}.json", lambda p: m.save_model(p))
        pickled(out, f"xgboost/{cls.__name__}", m)


def lightgbm(out):
    import lightgbm as lgb
    x, y, r = data()
    for objective in ("regression", "binary", "multiclass", "quantile", "poisson", "cross_entropy"):
        for boosting in ("gbdt", "dart", "rf", "goss"):
            params = {"objective": objective, "boosting": boosting, "verbose": -1, "min_data_in_leaf": 2, "bagging_freq": 1, "bagging_fraction": .5}
            if objective == "multiclass":
                params["num_class"] = 2
            try:
                b = lgb.train(params, lgb.Dataset(x, label=abs(r) if objective == "poisson" else y), 3)
            except Exception:  # not each objective has each kind of boosting
                continue
            name = f"lightgbm/{objective}-{boosting}"
            out.benign(f"{name}.txt", lambda p: b.save_model(p))
            out.benign(f"{name}-text.txt", lambda p: write(p, b.model_to_string().encode()))
            out.benign(f"{name}.json", lambda p: write(p, json.dumps(b.dump_model()).encode()))
            out.benign(f"{name}.pkl", lambda p: write(p, pickle.dumps(b)))
    out.benign("lightgbm/data.bin", lambda p: lgb.Dataset(x, label=y).construct().save_binary(p))
    for cls, target in ((lgb.LGBMClassifier, y), (lgb.LGBMRegressor, r)):
        pickled(out, f"lightgbm/{cls.__name__}", cls(n_estimators=3, verbose=-1).fit(x, target))


def catboost(out):
    import catboost as cb
    x, y, r = data()
    for cls, target in ((cb.CatBoostClassifier, y), (cb.CatBoostRegressor, r)):
        m = cls(iterations=3, verbose=0, allow_writing_files=False).fit(x, target)
        name = f"catboost/{cls.__name__}"
        for form in ("cbm", "json", "onnx", "coreml", "pmml"):  # cpp and python are sources: a finding by design
            out.benign(f"{name}.{'mlmodel' if form == 'coreml' else form}", lambda p: m.save_model(p, format=form))
        pickled(out, name, m)
    rank = cb.CatBoost({"iterations": 2, "verbose": 0, "allow_writing_files": False}).fit(x, r)
    out.benign("catboost/plain.cbm", lambda p: rank.save_model(p))
    words = cb.CatBoostClassifier(iterations=2, verbose=0, allow_writing_files=False, cat_features=[0])
    words.fit([[("a", "b")[i % 2], float(i)] for i in range(40)], [i % 2 for i in range(40)])
    out.benign("catboost/categories.cbm", lambda p: words.save_model(p))
    out.benign("catboost/categories.json", lambda p: words.save_model(p, format="json"))
