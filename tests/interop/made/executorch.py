"""Programs of ExecuTorch: plain, for XNNPACK, with their tensors apart, with frames; and those whose delegate or operators are others."""
import os

from made import read, write

NEEDS = ("executorch", "torch")
DISTRIBUTIONS = ("executorch", "torch")


def make(out):
    import torch
    from executorch.exir import ExecutorchBackendConfig, to_edge, to_edge_transform_and_lower
    from torch.export import export

    nn = torch.nn
    models = {
        "linear": (nn.Sequential(nn.Linear(16, 8), nn.ReLU(), nn.BatchNorm1d(8), nn.Softmax(-1)), (torch.ones(2, 16),)),
        "convolution": (nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4)), (torch.ones(1, 3, 16, 16),)),
        "transformer": (nn.TransformerEncoderLayer(32, 4, 64, batch_first=True, dropout=0.0), (torch.ones(1, 6, 32),)),
        "embedding": (nn.Sequential(nn.Embedding(100, 32), nn.Linear(32, 8)), (torch.zeros(1, 6, dtype=torch.long),)),
        "recurrent": (nn.LSTM(8, 16, batch_first=True), (torch.ones(1, 5, 8),)),
    }
    settings = {"plain": {}, "frames": {"emit_stacktrace": True}, "inline": {"extract_delegate_segments": False}, "apart": {"external_constants": True}}

    def partitions():
        from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
        return [XnnpackPartitioner()]

    def save(path, edge, config, apart=False):
        program = edge.to_executorch(ExecutorchBackendConfig(**config))
        if apart:
            os.makedirs(path)
            program.write_tensor_data_to_file(path)
            path = os.path.join(path, "model.pte")
        write(path, program.buffer)

    for name, (model, inputs) in models.items():
        graph = export(model.eval(), inputs)
        for how, config in settings.items():
            out.benign(f"{name}-{how}.pte", lambda p: save(p, to_edge(graph), config, how == "apart"))
        for how in ("plain", "inline"):
            out.benign(f"{name}-xnnpack-{how}.pte", lambda p: save(p, to_edge_transform_and_lower(graph, partitioner=partitions()), settings[how]))
    both = {"forward": export(*models["linear"]), "other": export(*models["convolution"])}
    out.benign("methods.pte", lambda p: save(p, to_edge(both, constant_methods={"get_max_len": 128, "get_name": "x", "get_flags": [1, 2]}), {}))
    attacks(out)


def attacks(out):
    """The same programs with other names of the same length; what is behind a name is NUL."""
    delegate, plain = (os.path.join(out.root, "made", out.family, n) for n in ("linear-xnnpack-plain.pte", "linear-plain.pte"))

    def renamed(path, source, old, new):
        data, name = read(source), new + bytes(len(old) - len(new))
        if len(old).to_bytes(4, "little") + old not in data:
            raise ValueError(f"no {old.decode()} in it")
        write(path, data.replace(len(old).to_bytes(4, "little") + old, len(new).to_bytes(4, "little") + name))
    for new in (b"CudaBackend", b"MetalBackend", b"MyBackend"):
        out.attack(f"delegate-{new.decode()}.pte", lambda p: renamed(p, delegate, b"XnnpackBackend", new))
    out.attack("operator.pte", lambda p: renamed(p, plain, b"aten::relu", b"mine::relu"))
    out.attack("cut.pte", lambda p: write(p, read(plain)[:-1]))
