"""PyTorch: modules, states, optimizers, TorchScript, exports, packages; each way of saving that its manual shows."""
import io
import os
import pickle
import tarfile

import made
from made import evil, read, write

NEEDS = ("torch",)


def modules():
    """name -> (module, an input for it or None)."""
    import torch
    from torch import nn
    x, s, im = torch.zeros(2, 8), torch.zeros(5, 2, 8), torch.zeros(1, 3, 16, 16)
    yield "linear", nn.Linear(8, 4), (x,)
    yield "mlp", nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(.1), nn.BatchNorm1d(16), nn.Linear(16, 2)), (x,)
    yield "cnn", nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.SiLU(), nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten()), (im,)
    for name in ("LSTM", "GRU", "RNN"):
        yield name.lower(), getattr(nn, name)(8, 4, num_layers=2, bidirectional=True), (s,)
    yield "attention", nn.MultiheadAttention(8, 2), (s, s, s)
    yield "encoder", nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 2), (s,)
    yield "transformer", nn.Transformer(8, 2, 1, 1, 16), (s, s)
    yield "embedding", nn.Embedding(10, 4), (torch.zeros(2, 3, dtype=torch.long),)
    yield "list", nn.ModuleList([nn.Linear(2, 2), nn.GELU()]), None
    yield "dict", nn.ModuleDict({"a": nn.Linear(2, 2), "b": nn.Tanh()}), None
    yield "parameters", nn.ParameterList([nn.Parameter(torch.zeros(2))]), None
    norms = nn.utils.parametrizations
    yield "weight-norm", (norms if hasattr(norms, "weight_norm") else nn.utils).weight_norm(nn.Linear(8, 4)), (x,)
    yield "spectral-norm", nn.utils.spectral_norm(nn.Linear(8, 4)), (x,)
    for name in sorted(dir(nn)):
        one = getattr(nn, name)
        if isinstance(one, type) and issubclass(one, nn.Module) and name[0].isupper() and not name.startswith("Lazy"):
            for args in ((), (4,), (4, 4), (4, 4, 3), (2, 2, 2, 2)):
                try:
                    yield "each-" + name, one(*args), None
                except Exception:  # it wants others
                    continue
                break


def tensors():
    import torch
    for t in ("bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 complex32 complex64 complex128 float8_e4m3fn float8_e5m2 float8_e4m3fnuz "
              "float8_e5m2fnuz float8_e8m0fnu float4_e2m1fn_x2 uint16 uint32 uint64 uint1 uint4 int4").split():
        if hasattr(torch, t):
            yield t, lambda t=t: torch.empty((2, 3), dtype=getattr(torch, t))
    yield "view", lambda: torch.arange(12.).reshape(3, 4)[1:, ::2]
    yield "shared", lambda: (lambda a: [a, a[0], a.t()])(torch.zeros(3, 4))
    yield "empty", lambda: torch.zeros(0, 3)
    yield "scalar", lambda: torch.tensor(1.5)
    yield "conj", lambda: torch.zeros(2, dtype=torch.complex64).conj()
    yield "neg", lambda: torch.zeros(2, dtype=torch.complex64).conj().imag
    yield "coo", lambda: torch.eye(3).to_sparse()
    for name in ("csr", "csc"):
        yield name, lambda name=name: getattr(torch.eye(4), "to_sparse_" + name)()
    for name in ("bsr", "bsc"):
        yield name, lambda name=name: getattr(torch.eye(4), "to_sparse_" + name)((2, 2))
    yield "quantized", lambda: torch.quantize_per_tensor(torch.zeros(2, 3), .1, 0, torch.qint8)
    yield "quantized-channel", lambda: torch.quantize_per_channel(torch.zeros(2, 3), torch.ones(2), torch.zeros(2), 0, torch.quint8)
    yield "meta", lambda: torch.zeros(2, device="meta")
    yield "parameter", lambda: torch.nn.Parameter(torch.zeros(2, 2))
    yield "buffer", lambda: torch.nn.Buffer(torch.zeros(2, 2))
    yield "grad", lambda: torch.zeros(2, requires_grad=True)
    yield "nested", lambda: torch.nested.nested_tensor([torch.zeros(2), torch.zeros(3)])
    yield "jagged", lambda: torch.nested.nested_tensor([torch.zeros(2), torch.zeros(3)], layout=torch.jagged)
    yield "masked", lambda: torch.masked.masked_tensor(torch.zeros(2), torch.tensor([True, False]))
    yield "attribute", lambda: _tagged()
    yield "size", lambda: {"size": torch.Size([1, 2]), "dtype": torch.float16, "device": torch.device("cpu"), "layout": torch.strided,
                           "format": torch.channels_last}
    yield "storage", lambda: torch.zeros(3).untyped_storage()
    yield "typed-storage", lambda: torch.FloatStorage(3)
    yield "generator", lambda: torch.Generator().get_state()
    yield "packed", lambda: torch.nn.utils.rnn.pack_padded_sequence(torch.zeros(3, 2, 4), [3, 2])
    yield "dataset", lambda: torch.utils.data.TensorDataset(torch.zeros(3))
    yield "distribution", lambda: torch.distributions.Normal(torch.zeros(2), torch.ones(2))


def _tagged():
    import torch
    t = torch.zeros(2)
    t.note = "a"
    return t


def checkpoints():
    """What training loops keep."""
    import torch
    from torch import nn, optim
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))
    for name in sorted(dir(optim)):
        one = getattr(optim, name)
        if isinstance(one, type) and issubclass(one, optim.Optimizer) and name != "Optimizer":
            try:
                opt = one(model.parameters(), lr=.1)
                if name != "LBFGS":
                    model(torch.zeros(2, 8)).sum().backward()
                    opt.step()
            except Exception:  # it wants sparse gradients, or matrices alone
                continue
            yield "optimizer-" + name, {"epoch": 1, "model_state_dict": model.state_dict(), "optimizer_state_dict": opt.state_dict(), "loss": torch.tensor(.5)}
    opt = optim.SGD(model.parameters(), lr=.1)
    s = optim.lr_scheduler
    for name, sch in (("step", s.StepLR(opt, 1)), ("cosine", s.CosineAnnealingLR(opt, 3)), ("one-cycle", s.OneCycleLR(opt, .1, total_steps=9)),
                      ("multi", s.MultiStepLR(opt, [1, 2])), ("plateau", s.ReduceLROnPlateau(opt)), ("linear", s.LinearLR(opt)),
                      ("sequential", s.SequentialLR(opt, [s.ConstantLR(opt), s.ExponentialLR(opt, .9)], [2])), ("cyclic", s.CyclicLR(opt, .1, .2))):
        yield "scheduler-" + name, {"scheduler": sch.state_dict(), "state_dict": model.state_dict(), "args": {"lr": .1, "name": "x"}}
    yield "ema", optim.swa_utils.AveragedModel(model).state_dict()
    yield "plain", {"a": [1, 2.5, "x", None, True, b"y", (1,), {1, 2}, 1j, 2 ** 70], "n": {"m": {}}}
    yield "amp", {"scaler": torch.amp.GradScaler("cpu").state_dict() if hasattr(torch, "amp") and hasattr(torch.amp, "GradScaler") else {}}


def make(out):
    import torch
    torch.manual_seed(1)
    for i, (name, m, _) in enumerate(modules()):
        out.benign(f"module/{name}.pt", lambda p: torch.save(m, p))
        out.benign(f"state/{name}.pth", lambda p: torch.save(m.state_dict(), p))
        if not name.startswith("each-"):
            out.benign(f"legacy/{name}.pt", lambda p: torch.save(m, p, _use_new_zipfile_serialization=False))
            out.benign(f"legacy/{name}.bin", lambda p: torch.save(m.state_dict(), p, _use_new_zipfile_serialization=False))
            out.benign(f"protocol/{name}-{i % 4 + 2}.pt", lambda p: torch.save(m, p, pickle_protocol=i % 4 + 2))
            out.benign(f"pickle/{name}-{i % 6}.pkl", lambda p: write(p, pickle.dumps(m, i % 6)))
    for i, (name, t) in enumerate(tensors()):
        out.benign(f"tensor/{name}.pt", lambda p: torch.save(t(), p))
        out.benign(f"tensor/{name}-legacy.pt", lambda p: torch.save(t(), p, _use_new_zipfile_serialization=False))
        out.benign(f"tensor/{name}-{i % 6}.pkl", lambda p: write(p, pickle.dumps(t(), i % 6)))
    for name, c in checkpoints():
        out.benign(f"checkpoint/{name}.ckpt", lambda p: torch.save(c, p))
    buffers(out)
    compiled(out)
    exported(out)
    sized(out)
    packaged(out)
    distributed(out)
    attacks(out)


def buffers(out):
    """In memory, into an open file, beside other things."""
    import torch
    m = torch.nn.Linear(8, 4)

    def memory(p):
        b = io.BytesIO()
        torch.save(m.state_dict(), b)
        write(p, b.getvalue())

    def two(p):
        with open(p, "wb") as f:
            torch.save(m.state_dict(), f, _use_new_zipfile_serialization=False)
            torch.save({"epoch": 1}, f, _use_new_zipfile_serialization=False)

    def inside(p):
        with tarfile.open(p, "w:gz") as t:
            memory(p + ".x")
            t.add(p + ".x", "model.pth")
        os.remove(p + ".x")
    out.benign("file/memory.bin", memory)
    out.benign("file/two.pt", two)
    out.benign("file/model.tar.gz", inside)
    out.benign("file/rng.pt", lambda p: torch.save({"rng": torch.get_rng_state(), "cuda": []}, p))


def compiled(out):
    import torch
    for name, m, x in modules():
        if x is None or name.startswith("each-"):
            continue
        m.eval()
        out.benign(f"script/{name}.pt", lambda p: torch.jit.script(m).save(p))
        out.benign(f"trace/{name}.pt", lambda p: torch.jit.trace(m, x).save(p))
        out.benign(f"script/{name}-frozen.pt", lambda p: torch.jit.save(torch.jit.freeze(torch.jit.script(m)), p))
        out.benign(f"script/{name}.ptl", lambda p: torch.jit.script(m)._save_for_lite_interpreter(p))

    def extra(p):
        torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), p, _extra_files={"labels.txt": "a\nb\n", "config.json": "{}"})
    out.benign("script/extra.pt", extra)
    out.benign("script/function.pt", lambda p: torch.jit.save(torch.jit.trace(lambda a: a * 2 + 1, torch.zeros(2)), p))


def exported(out):
    import torch
    for name, m, x in modules():
        if x is None or name.startswith("each-"):
            continue
        m.eval()
        if hasattr(torch, "export"):
            out.benign(f"export/{name}.pt2", lambda p: torch.export.save(torch.export.export(m, x), p))
        new = hasattr(torch.onnx, "ONNXProgram")
        out.benign(f"onnx/{name}.onnx", lambda p: torch.onnx.export(m, x, p, **({"dynamo": False} if new else {})))
        if new and name in ("mlp", "cnn", "lstm"):
            out.benign(f"onnx/{name}-dynamo.onnx", lambda p: torch.onnx.export(m, x, p, dynamo=True))
            out.benign(f"fx/{name}.pt", lambda p: torch.save(torch.fx.symbolic_trace(m).state_dict(), p))


def sized(out):
    """Exports whose sizes are known when they run: their loader evaluates expressions of them."""
    import torch
    if not hasattr(torch, "export") or not hasattr(torch.export, "Dim") or not hasattr(torch.export.Dim, "AUTO"):
        return
    F = torch.nn.functional
    ways = {
        "halves": (lambda x: (x.view(-1), x[: x.shape[0] // 2], x.sum(0)), torch.ones(8, 3)),
        "bounds": (lambda x: (torch.ones(max(x.shape[0], 4)), x[: min(x.shape[0] - 1, 7)], x[: int(x.shape[0] ** 0.5)]), torch.ones(9)),
        "quotients": (lambda x: (x.repeat(x.shape[0]), torch.full((x.shape[0] * 3 // 2 + 1,), x.shape[0] / 2.0)), torch.ones(9)),
        "remainders": (lambda x: x.reshape(x.shape[0] * 2, -1) if x.shape[1] % 2 == 0 else x, torch.ones(8, 4)),
        "scaled": (lambda x: (F.interpolate(x, scale_factor=0.7), F.avg_pool2d(x, 2, ceil_mode=True), F.max_pool2d(x, 3, 2, 1)), torch.ones(1, 3, 16, 16)),
        "chosen": (lambda x: (x.nonzero(), x[x > 0], x.unfold(0, 2, 1), F.pad(x, (1, 2)), x.chunk(3)), torch.ones(9)),
    }
    for name, (run, x) in ways.items():
        class Run(torch.nn.Module):
            def forward(self, x):
                return run(x)
        free = {i: torch.export.Dim.AUTO for i in range(x.dim()) if x.dim() < 4 or i > 1}
        out.benign(f"export/sized-{name}.pt2", lambda p: torch.export.save(torch.export.export(Run(), (x,), dynamic_shapes=(free,)), p))


def packaged(out):
    import torch
    from torch.package import PackageExporter

    def one(p, obj, text=None):
        with PackageExporter(p) as e:
            e.extern("**")
            e.save_pickle("model", "model.pkl", obj)
            if text:
                e.save_text("model", "labels.txt", text)
                e.save_binary("model", "blob", b"\0\1")
    out.benign("package/state.pt", lambda p: one(p, torch.nn.Linear(2, 2).state_dict()))
    out.benign("package/module.pt", lambda p: one(p, torch.nn.Linear(2, 2), "a b"))
    out.benign("package/plain.zip", lambda p: one(p, {"a": 1}))


def distributed(out):
    import torch
    if not made.there("torch.distributed.checkpoint.state_dict_saver"):
        return  # older ones want processes
    import torch.distributed.checkpoint as dcp
    out.benign("dcp/state", lambda p: dcp.save(torch.nn.Linear(8, 4).state_dict(), checkpoint_id=p, no_dist=True))
    out.benign("dcp/nested", lambda p: dcp.save({"model": torch.nn.Linear(8, 4).state_dict(), "epoch": 3, "list": [1, torch.zeros(2)]}, checkpoint_id=p,
                                                no_dist=True))


def attacks(out):
    import torch
    new, old = out.path("made", "state/mlp.pth"), out.path("made", "legacy/mlp.bin")
    module, script, package = out.path("made", "module/cnn.pt"), out.path("made", "script/mlp.pt"), out.path("made", "package/state.pt")
    for what in evil.CALLS:
        out.attack(f"zip/{evil.name_of(what)}.pt", lambda p: evil.rezipped(new, p, {"data.pkl": lambda d: evil.first(d, what)}))
    for shape in evil.SHAPES:
        n, what = shape.__name__, evil.CALLS[0]
        out.attack(f"shape/{n}.pt", lambda p: evil.rezipped(module, p, {"data.pkl": lambda d: shape(d, what)}))
        out.attack(f"script/{n}-data.pt", lambda p: evil.rezipped(script, p, {"data.pkl": lambda d: shape(d, what)}))
        out.attack(f"script/{n}-constants.pt", lambda p: evil.rezipped(script, p, {"constants.pkl": lambda d: shape(d, what)}))
        out.attack(f"package/{n}.pt", lambda p: evil.rezipped(package, p, {"model.pkl": lambda d: shape(d, what)}))
        for stream in range(5):
            out.attack(f"legacy/{n}-{stream}.bin", lambda p: write(p, streams(read(old), stream, shape, what)))
    for member in ("extra.pkl", "archive/code/evil.py", "archive/.data/x.pkl", "data/0.pkl"):
        text = b"import os\nos.system('true')\n" if member.endswith(".py") else evil.second(b"N.", evil.CALLS[0])
        out.attack(f"member/{member.replace('/', '-')}.pt", lambda p: evil.rezipped(new, p, more=[(member, text)]))
    saved = ("module", torch.nn.Linear(2, 2)), ("checkpoint", {"state": {"w": torch.zeros(2)}}), ("list", [torch.zeros(2)])
    for i, (name, value) in enumerate(saved):
        held = [value, evil.Evil(evil.CALLS[i])]
        out.attack(f"reduce/{name}.pt", lambda p: torch.save(held, p))
        out.attack(f"reduce/{name}-legacy.pt", lambda p: torch.save(held, p, _use_new_zipfile_serialization=False))
        out.attack(f"reduce/{name}.pkl", lambda p: write(p, pickle.dumps(held)))
    hooked = torch.nn.Linear(2, 2)
    hooked.register_forward_hook(os.system)
    out.attack("reduce/hook.pt", lambda p: torch.save(hooked, p))
    tagged = torch.zeros(2)
    tagged.note = evil.Evil()
    out.attack("reduce/tensor-attribute.pt", lambda p: torch.save(tagged, p))
    code(out, package, script)
    exports(out)


def streams(data, which, shape, what):
    """The first format: magic, protocol, system, object and keys, a pickle each, then numbers."""
    at = 0
    for _ in range(which):
        at += evil.length(data[at:])
    end = at + evil.length(data[at:])
    return data[:at] + shape(data[at:end], what) + data[end:]


def code(out, package, script):
    """Sources in a torch.package, operators in TorchScript."""
    text = b"import os\nos.system('true')\n"
    out.attack("package/source.pt", lambda p: evil.rezipped(package, p, more=[("state/model/__init__.py", text), ("state/evil.py", text)]))
    for op in ("aten::save", "aten::from_file", "image::read_file", "torchaudio::sox_io_save_audio_file", "nobody::knows"):
        space, name = op.split("::")
        line = f"\n    _9 = ops.{space}.{name}(x, \"/nowhere\")\n".encode()

        def change(d, line=line):
            at = d.index(b"\n", d.index(b"def forward"))
            while not d[:at].rstrip().endswith(b":"):
                at = d.index(b"\n", at + 1)
            return d[:at] + line.rstrip(b"\n") + d[at:]
        out.attack(f"script/op-{space}-{name}.pt", lambda p: rescripted(script, p, change))


def rescripted(source, target, change):
    """Changes the first source that has a forward()."""
    import zipfile
    with zipfile.ZipFile(source) as z:
        base = [os.path.basename(n) for n in z.namelist() if n.endswith(".py") and b"def forward" in z.read(n)][0]
    evil.rezipped(source, target, {base: change})


def exports(out):
    source = out.path("made", "export/mlp.pt2")
    if not os.path.exists(source):
        return
    payload = evil.second(b"N.", evil.CALLS[0])
    for member in ("mlp/extra/payload.pkl", "mlp/data/weights/evil.pt", "mlp/data/sample_inputs/model.pt", "mlp/data/aotinductor/model/evil.so"):
        body = b"\x7fELF" + b"\0" * 60 if member.endswith(".so") else payload
        out.attack(f"export/{member.replace('/', '-')}.pt2",
                   lambda p: evil.rezipped(source, p, more=[(member, body)], drop=(os.path.basename(member),)))
    part = out.path("made", "dcp/state.d")
    if os.path.isdir(part):
        def table(p):
            evil.copied(part, p)
            meta = os.path.join(p, ".metadata")
            write(meta, evil.first(read(meta), evil.CALLS[0]))

        def shard(p):
            evil.copied(part, p)
            name = [n for n in os.listdir(p) if n.endswith(".distcp")][0]
            data = os.path.join(p, name)
            write(data, evil.second(b"N.", evil.CALLS[0]) + read(data))
        out.attack("dcp/table", table)
        out.attack("dcp/shard", shard)
