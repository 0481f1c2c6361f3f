"""ONNX by its own helper and by skl2onnx: models, tensors, external data, what ONNX Runtime writes."""
import os

from made import read, there, write

NEEDS = ("onnx", "numpy")
DISTRIBUTIONS = ("onnx", "skl2onnx", "onnxruntime")


def model(nodes=(), tensors=(), functions=(), opsets=(), metadata=None):
    """x -> Relu -> the nodes -> y, with an initializer that is large enough to be kept outside."""
    import numpy as np
    import onnx
    from onnx import helper as h
    w = onnx.numpy_helper.from_array(np.zeros((4, 512), "f4"), "w")
    x, y = h.make_tensor_value_info("x", 1, [None, 4]), h.make_tensor_value_info("y", 1, [None, 512])
    g = h.make_graph([h.make_node("MatMul", ["x", "w"], ["y"]), *nodes], "g", [x], [y], [w, *tensors])
    m = h.make_model(g, functions=functions, opset_imports=[h.make_opsetid("", 17), *opsets])
    if metadata:
        h.set_model_props(m, metadata)
    return m


def make(out):
    import numpy as np
    import onnx
    from onnx import helper as h, numpy_helper as n
    out.benign("plain.onnx", lambda p: onnx.save(model(), p))
    out.benign("metadata.onnx", lambda p: onnx.save(model(metadata={"author": "a", "labels": "x,y"}), p))
    for form in ("protobuf", "textproto", "json", "onnxtxt") if hasattr(onnx, "serialization") else ():
        out.benign(f"form.{form}", lambda p: onnx.save(model(), p, format=form))

    def outside(p, one):
        os.makedirs(p)
        onnx.save(model(), os.path.join(p, "model.onnx"), save_as_external_data=True, all_tensors_to_one_file=one, size_threshold=16,
                  **({"location": "weights.bin"} if one else {}))
    out.benign("external-one", lambda p: outside(p, True))
    out.benign("external-each", lambda p: outside(p, False))
    for t in "? i1 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8 c8 c16".split():
        out.benign(f"tensor/{t.replace('?', 'bool')}.pb", lambda p: write(p, n.from_array(np.ones((2, 3), t), "t").SerializeToString()))
    out.benign("tensor/text.pb", lambda p: write(p, n.from_array(np.array(["a", "b"], dtype=object), "t").SerializeToString()))
    local = h.make_function("mine", "Twice", ["a"], ["b"], [h.make_node("Add", ["a", "a"], ["b"])], [h.make_opsetid("", 17)])
    out.benign("function.onnx", lambda p: onnx.save(model([h.make_node("Twice", ["y"], ["z"], domain="mine")], functions=[local],
                                                         opsets=[h.make_opsetid("mine", 1)]), p))
    branch = h.make_graph([h.make_node("Identity", ["y"], ["q"])], "b", [], [h.make_tensor_value_info("q", 1, None)])
    cond = n.from_array(np.array(True), "c")
    out.benign("branches.onnx", lambda p: onnx.save(model([h.make_node("If", ["c"], ["z"], then_branch=branch, else_branch=branch)], [cond]), p))
    if there("skl2onnx"):
        converted(out)
    if there("onnxruntime"):
        optimized(out)
    attacks(out, onnx, h)


def converted(out):
    import made.sklearn as made_sklearn
    from skl2onnx import to_onnx
    x = made_sklearn.data()[0].astype("f4")
    for name, one in list(made_sklearn.fitted()) + list(made_sklearn.composed()):
        if name not in ("text", "counts", "dict"):
            path = out.path("made", f"sklearn/{name}.onnx")
            try:
                text = to_onnx(one, x[:1], options={"zipmap": False} if hasattr(one, "predict_proba") else None).SerializeToString()
            except Exception:  # the converter does not have each estimator
                continue
            out.benign(os.path.relpath(path, out.path("made", "")), lambda p: write(p, text))


def optimized(out):
    import onnxruntime as ort
    for name, level in (("basic", "ORT_ENABLE_BASIC"), ("all", "ORT_ENABLE_ALL")):
        for ext in ("onnx", "ort"):
            def save(p):
                o = ort.SessionOptions()
                o.graph_optimization_level, o.optimized_model_filepath, o.log_severity_level = getattr(ort.GraphOptimizationLevel, level), p, 4
                if ext == "ort":
                    o.add_session_config_entry("session.save_model_format", "ORT")
                ort.InferenceSession(read(out.path("made", "plain.onnx")), o, providers=["CPUExecutionProvider"])
            out.benign(f"runtime/{name}.{ext}", save)


LOCATIONS = ("/etc/passwd", "../../etc/passwd", "a/../../x", "C:\\x", "\\\\host\\x", "file:///etc/passwd", "..", "x\0y")
OPERATORS = (("PyOp", "pyopmulti"), ("PyOp", "ai.onnx.contrib"), ("ReadFile", "nobody"), ("Exec", ""), ("PyCustomOp", "ai.onnx.contrib"),
             ("PythonOp", "com.microsoft"), ("ATen", "org.pytorch.aten"))


def attacks(out, onnx, h):
    for i, location in enumerate(LOCATIONS):
        def outside(p):
            m = model()
            t = m.graph.initializer[0]
            t.ClearField("raw_data")
            t.data_location = onnx.TensorProto.EXTERNAL
            t.external_data.add(key="location", value=location)
            write(p, m.SerializeToString())
        out.attack(f"external-{i}.onnx", outside)
    for op, domain in OPERATORS:
        node = h.make_node(op, ["y"], ["z"], domain=domain, module="os", code="import os")
        out.attack(f"op-{domain or 'standard'}-{op}.onnx",
                   lambda p: write(p, model([node], opsets=[h.make_opsetid(domain, 1)] if domain else []).SerializeToString()))

    def inside(p, where):
        bad = h.make_node("PyOp", ["y"], ["q"], domain="ai.onnx.contrib")
        g = h.make_graph([bad], "b", [], [h.make_tensor_value_info("q", 1, None)])
        if where == "branch":
            m = model([h.make_node("If", ["c"], ["z"], then_branch=g, else_branch=g)])
        else:
            f = h.make_function("mine", "F", ["y"], ["q"], [bad], [h.make_opsetid("", 17), h.make_opsetid("ai.onnx.contrib", 1)])
            m = model([h.make_node("F", ["y"], ["z"], domain="mine")], functions=[f], opsets=[h.make_opsetid("mine", 1)])
        write(p, m.SerializeToString())
    for where in ("branch", "function"):
        out.attack(f"inside-{where}.onnx", lambda p: inside(p, where))

    def attribute(p):
        m = model()
        t = h.make_tensor("value", 1, [512], [0.] * 512)
        t.ClearField("float_data")
        t.data_location = onnx.TensorProto.EXTERNAL
        t.external_data.add(key="location", value="/etc/passwd")
        m.graph.node.append(h.make_node("Constant", [], ["k"], value=t))
        write(p, m.SerializeToString())
    out.attack("external-attribute.onnx", attribute)
