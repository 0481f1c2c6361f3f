"""gensim, spaCy, OpenVINO, MLflow, Flax and Orbax, Lightning, timm, torchvision: as their manuals save."""
import os
import pickle

from made import evil, read, there, write

NEEDS = ("numpy",)
DISTRIBUTIONS = ("gensim", "spacy", "openvino", "mlflow-skinny", "flax", "orbax-checkpoint", "lightning", "timm", "torchvision", "statsmodels")


def make(out):
    for name, one in (("gensim", gensim), ("spacy", spacy), ("openvino", openvino), ("mlflow", mlflow), ("flax", flax), ("orbax.checkpoint", orbax),
                      ("lightning", lightning), ("timm", timm), ("torchvision", torchvision), ("statsmodels", statsmodels)):
        if not there(name.split(".")[0]):
            out.left.append(name + ": not installed")
            continue
        try:
            one(out)
        except Exception as e:  # this one alone is not whole
            out.left.append(f"{name}: {type(e).__name__}: {str(e)[:120]}")


def gensim(out):
    from gensim import corpora, models
    words = [["some", "words"], ["other", "words", "here"], ["some", "other", "thing"]] * 5
    d = corpora.Dictionary(words)
    bags = [d.doc2bow(w) for w in words]
    out.benign("gensim/dictionary", lambda p: d.save(p))
    for name, m in (("word2vec", models.Word2Vec(words, vector_size=8, min_count=1)), ("fasttext", models.FastText(words, vector_size=8, min_count=1, bucket=50)),
                    ("doc2vec", models.Doc2Vec([models.doc2vec.TaggedDocument(w, [i]) for i, w in enumerate(words)], vector_size=8, min_count=1)),
                    ("lda", models.LdaModel(bags, 2, d)), ("tfidf", models.TfidfModel(bags)), ("lsi", models.LsiModel(bags, 2, d)), ("phrases", models.Phrases(words))):
        out.benign(f"gensim/{name}.model", lambda p: m.save(p))
        out.attack(f"gensim/{name}.model", lambda p: write(p, evil.first(read(out.path("made", f"gensim/{name}.model")), evil.CALLS[0])))
        if hasattr(m, "wv"):
            out.benign(f"gensim/{name}.kv", lambda p: m.wv.save(p))
            out.benign(f"gensim/{name}.bin", lambda p: m.wv.save_word2vec_format(p, binary=True))
            out.benign(f"gensim/{name}.txt", lambda p: m.wv.save_word2vec_format(p))


def spacy(out):
    import spacy as s
    for name, pipes in (("blank", ()), ("rules", ("sentencizer", "entity_ruler")), ("trained", ("tagger", "ner", "textcat"))):
        nlp = s.blank("en")
        for pipe in pipes:
            one = nlp.add_pipe(pipe)
            if pipe == "entity_ruler":
                one.add_patterns([{"label": "X", "pattern": "word"}])
            if pipe in ("tagger", "ner", "textcat"):
                one.add_label("A")
                one.add_label("B")
        if name == "trained":
            nlp.initialize()
        out.benign(f"spacy/{name}", lambda p: nlp.to_disk(p))
        out.benign(f"spacy/{name}.bin", lambda p: write(p, nlp.to_bytes()))


def openvino(out):
    import numpy as np
    import openvino as ov
    ops = __import__("openvino", fromlist=["opset13"]).opset13
    x = ops.parameter([1, 4], np.float32, name="x")
    m = ov.Model([ops.relu(ops.matmul(x, ops.constant(np.zeros((4, 2), "f4")), False, False))], [x], "m")

    def save(p, half=False):
        os.makedirs(p)
        ov.save_model(m, os.path.join(p, "m.xml"), compress_to_fp16=half)
    out.benign("openvino/plain", save)
    out.benign("openvino/half", lambda p: save(p, True))


def mlflow(out):
    import mlflow.sklearn
    from sklearn.linear_model import Ridge
    m = Ridge().fit([[0.], [1.]], [0., 1.])
    for form in ("pickle", "cloudpickle", "skops"):
        out.benign(f"mlflow/sklearn-{form}", lambda p: mlflow.sklearn.save_model(m, p, serialization_format=form))

    def bad(p):
        mlflow.sklearn.save_model(m, p, serialization_format="pickle")
        model = os.path.join(p, "model.pkl")
        write(model, evil.first(read(model), evil.CALLS[0]))
    out.attack("mlflow/sklearn", bad)


def flax(out):
    import jax.numpy as jnp
    from flax import serialization as s
    tree = {"params": {"dense": {"kernel": jnp.zeros((4, 2)), "bias": jnp.zeros(2)}}, "step": 3}
    out.benign("flax/state.msgpack", lambda p: write(p, s.to_bytes(tree)))
    out.benign("flax/half.msgpack", lambda p: write(p, s.to_bytes({"w": jnp.zeros(3, jnp.bfloat16)})))
    out.benign("flax/tree.pkl", lambda p: write(p, pickle.dumps({"w": __import__("numpy").asarray(tree["params"]["dense"]["kernel"])})))


def orbax(out):
    import jax.numpy as jnp
    import orbax.checkpoint as o
    tree = {"w": jnp.zeros((4, 2)), "b": jnp.zeros(2), "step": 3}
    out.benign("orbax/standard", lambda p: o.PyTreeCheckpointer().save(p, tree))
    out.benign("orbax/plain", lambda p: o.Checkpointer(o.PyTreeCheckpointHandler(use_ocdbt=False)).save(p, tree))


def lightning(out):
    import lightning as l
    import torch

    class Net(l.LightningModule):
        def __init__(self, width=4):
            super().__init__()
            self.save_hyperparameters()
            self.net = torch.nn.Linear(width, 1)

        def training_step(self, batch, _):
            return self.net(batch[0]).sum()

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters())

    def save(p):
        t = l.Trainer(max_steps=2, logger=False, enable_progress_bar=False, enable_model_summary=False, enable_checkpointing=False, accelerator="cpu")
        t.fit(Net(), torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.zeros(8, 4)), batch_size=4))
        t.save_checkpoint(p)
    out.benign("lightning/model.ckpt", save)


def timm(out):
    import timm as t
    import torch
    for name in ("resnet10t", "mobilenetv3_small_050", "vit_tiny_patch16_224", "efficientnet_lite0", "convnext_atto"):
        m = t.create_model(name, pretrained=False)
        out.benign(f"timm/{name}.pth", lambda p: torch.save(m.state_dict(), p))
        out.benign(f"timm/{name}.pt", lambda p: torch.save(m, p))


def torchvision(out):
    import torch
    from torchvision import models
    for name in ("squeezenet1_1", "shufflenet_v2_x0_5", "mobilenet_v3_small", "mnasnet0_5", "resnet18"):
        m = getattr(models, name)(weights=None).eval()
        out.benign(f"torchvision/{name}.pth", lambda p: torch.save(m.state_dict(), p))
        out.benign(f"torchvision/{name}.pt", lambda p: torch.save(m, p))
        out.benign(f"torchvision/{name}-script.pt", lambda p: torch.jit.script(m).save(p))


def statsmodels(out):
    import numpy as np
    import statsmodels.api as sm
    x = sm.add_constant(np.arange(10.))
    out.benign("statsmodels/ols.pkl", lambda p: sm.OLS(np.arange(10.) * 2, x).fit().save(p))
