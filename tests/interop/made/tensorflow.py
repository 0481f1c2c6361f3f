"""TensorFlow and Keras: .keras, HDF5, SavedModel, checkpoints, TensorFlow Lite, graphs."""
import json
import os
import pickle

from made import evil, read, write

NEEDS = ("tensorflow",)
DISTRIBUTIONS = ("tensorflow-cpu", "keras", "h5py")


def models():
    import keras
    from keras import layers as l
    yield "sequential", keras.Sequential([keras.Input((8,)), l.Dense(16, activation="relu"), l.Dropout(.1), l.BatchNormalization(), l.Dense(2)])
    yield "cnn", keras.Sequential([keras.Input((16, 16, 3)), l.Rescaling(1 / 255), l.Conv2D(4, 3, padding="same"), l.MaxPooling2D(), l.DepthwiseConv2D(3),
                                   l.SeparableConv2D(4, 1), l.GlobalAveragePooling2D(), l.Dense(3, activation="softmax")])
    yield "rnn", keras.Sequential([keras.Input((5, 4)), l.Bidirectional(l.LSTM(4, return_sequences=True)), l.GRU(3), l.Dense(1)])
    yield "text", keras.Sequential([keras.Input((6,)), l.Embedding(20, 4), l.Conv1D(4, 2), l.TimeDistributed(l.Dense(2)), l.GlobalMaxPooling1D()])
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    c = l.Concatenate()([a, b])
    yield "functional", keras.Model([a, b], [l.Dense(1, name="x")(c), l.Dense(2, name="y")(l.Add()([a, b]))])
    t = keras.Input((5, 8))
    u = l.LayerNormalization()(l.MultiHeadAttention(2, 4)(t, t) + t)
    yield "attention", keras.Model(t, l.Dense(2)(u))
    inner = keras.Sequential([keras.Input((4,)), l.Dense(3)], name="inner")
    yield "nested", keras.Sequential([keras.Input((4,)), inner, l.Dense(1, kernel_regularizer="l2", kernel_initializer="he_normal",
                                                                         kernel_constraint=keras.constraints.MaxNorm(2))])
    yield "augment", keras.Sequential([keras.Input((16, 16, 3)), l.RandomFlip(), l.RandomRotation(.1), l.RandomZoom(.1), l.CenterCrop(8, 8), l.Flatten()])
    yield "norm", keras.Sequential([keras.Input((4,)), l.Normalization(mean=0., variance=1.), l.Dense(1)])


def make(out):
    import keras
    for name, m in models():
        out.benign(f"keras/{name}.keras", lambda p: m.save(p))
        out.benign(f"h5/{name}.h5", lambda p: m.save(p))
        out.benign(f"weights/{name}.weights.h5", lambda p: m.save_weights(p))
        out.benign(f"json/{name}.json", lambda p: write(p, m.to_json().encode()))
        out.benign(f"saved/{name}", lambda p: m.export(p) if hasattr(m, "export") else m.save(p))
        out.benign(f"saved-old/{name}", lambda p: m.save(p, save_format="tf"))
        out.benign(f"lite/{name}.tflite", lambda p: write(p, lite(m)))
        out.benign(f"lite/{name}-quantized.tflite", lambda p: write(p, lite(m, True)))
        out.benign(f"onnx/{name}.onnx", lambda p: m.export(p, format="onnx"))
        # its loader takes an archive with safe_mode off: denied by design
        out.attack(f"pickle/{name}.pkl", lambda p: write(p, pickle.dumps(m)))
    optimizers(out, keras)
    layers(out, keras)
    graphs(out)
    attacks(out, keras)


def lite(m, quantize=False):
    import tensorflow as tf
    c = tf.lite.TFLiteConverter.from_keras_model(m)
    if quantize:
        c.optimizations = [tf.lite.Optimize.DEFAULT]
    c.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
    return c.convert()


def optimizers(out, keras):
    """Trained a step, so that the optimizer has a state."""
    import numpy as np
    x, y = np.zeros((8, 8), "f4"), np.zeros((8, 2), "f4")
    for name in ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl", "Lion", "Lamb", "Muon"):
        def trained(p):
            m = next(m for n, m in models() if n == "sequential")
            m.compile(getattr(keras.optimizers, name)(), loss="mse", metrics=["mae"])
            m.fit(x, y, epochs=1, verbose=0)
            m.save(p)
        out.benign(f"trained/{name}.keras", trained)
        out.benign(f"trained/{name}.h5", trained)
    for name in ("binary_crossentropy", "huber", "log_cosh", "hinge"):
        def compiled(p):
            m = next(m for n, m in models() if n == "sequential")
            m.compile(keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(.1, 10, .9)), loss=name)
            m.save(p)
        out.benign(f"compiled/{name}.keras", compiled)


def layers(out, keras):
    """Each layer that stands alone."""
    shapes = ((8,), (6, 4), (8, 8, 3), (4, 4, 4, 2))
    for name in sorted(dir(keras.layers)):
        cls = getattr(keras.layers, name)
        if not isinstance(cls, type) or not issubclass(cls, keras.layers.Layer) or name in ("Layer", "Wrapper", "Lambda", "TorchModuleWrapper", "InputLayer"):
            continue

        def one(p):
            for args in ((), (2,), (2, 2), (2, (2, 2)), (keras.layers.Dense(2),)):
                for shape in shapes:
                    try:
                        keras.Sequential([keras.Input(shape), cls(*args)]).save(p)
                        return
                    except Exception:  # another rank, or other arguments
                        continue
            raise ValueError("no arguments that it takes")
        out.benign(f"layer/{name}.keras", one)


def graphs(out):
    import tensorflow as tf

    class Module(tf.Module):
        def __init__(self):
            super().__init__()
            self.w = tf.Variable(tf.zeros((4, 2)))
            self.table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(["a"], [1]), 0)

        @tf.function(input_signature=[tf.TensorSpec((None, 4))])
        def __call__(self, x):
            return tf.matmul(x, self.w)

        @tf.function(input_signature=[tf.TensorSpec((None,), tf.string)])
        def look(self, s):
            return self.table.lookup(s)
    m = Module()
    out.benign("module/plain", lambda p: tf.saved_model.save(m, p))
    out.benign("module/signatures", lambda p: tf.saved_model.save(m, p, signatures={"serve": m.__call__, "look": m.look}))

    def assets(p):
        write(out.path("made", "vocab.txt"), b"a\nb\n")
        n = tf.Module()
        n.file = tf.saved_model.Asset(out.path("made", "vocab.txt"))
        tf.saved_model.save(n, p)
        os.remove(out.path("made", "vocab.txt"))
    out.benign("module/assets", assets)

    def checkpoint(p):
        os.makedirs(p)
        c = tf.train.Checkpoint(w=tf.Variable([1., 2.]), step=tf.Variable(1), optimizer=tf.keras.optimizers.Adam())
        tf.train.CheckpointManager(c, p, 3).save()
    out.benign("checkpoint/manager", checkpoint)

    def frozen(p, text=False):
        from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2 as freeze
        g = freeze(m.__call__.get_concrete_function()).graph.as_graph_def()
        tf.io.write_graph(g, os.path.dirname(p), os.path.basename(p), as_text=text)
    out.benign("graph/frozen.pb", frozen)
    out.benign("graph/frozen.pbtxt", lambda p: frozen(p, True))

    def first(p, text=False):
        v1 = tf.compat.v1
        with v1.Graph().as_default(), v1.Session() as s:
            x = v1.placeholder(tf.float32, (None, 4), name="x")
            w = v1.get_variable("w", (4, 2))
            y = tf.matmul(x, w, name="y")
            s.run(v1.global_variables_initializer())
            if text is None:
                os.makedirs(p)
                v1.train.Saver().save(s, os.path.join(p, "model.ckpt"), global_step=1)
            else:
                v1.saved_model.simple_save(s, p, {"x": x}, {"y": y})
    out.benign("first/simple", first)
    out.benign("first/saver", lambda p: first(p, None))

    def records(p):
        with tf.io.TFRecordWriter(p) as w:
            w.write(tf.train.Example(features=tf.train.Features(feature={"a": tf.train.Feature(int64_list=tf.train.Int64List(value=[1]))})).SerializeToString())
    out.benign("data/a.tfrecord", records)

    def summary(p):
        w = tf.summary.create_file_writer(p)
        with w.as_default():
            tf.summary.scalar("loss", .5, step=1)
        w.close()
    out.benign("data/events", summary)


def attacks(out, keras):
    configs(out, keras)
    lambdas(out, keras)
    operators(out)


def reconfigured(source, target, change):
    def one(data):
        config = json.loads(data)
        change(config["config"]["layers"])
        return json.dumps(config).encode()
    evil.rezipped(source, target, {"config.json": one})


NAMES = (("os", "system"), ("subprocess", "Popen"), ("builtins", "exec"), ("importlib", "import_module"), ("keras.utils", "get_file"), ("keras.config",
         "enable_unsafe_deserialization"), ("pickle", "loads"), ("runpy", "run_path"), ("a_package_of_nobody", "Layer"), ("keras.src.utils.file_utils", "get_file"),
         ("keras.layers", "TorchModuleWrapper"), ("keras.saving", "load_model"), ("torch", "load"), ("tensorflow", "io"))


def configs(out, keras):
    """Names in config.json: as a class, as a function, inside an argument, inside another layer."""
    source = out.path("made", "keras/sequential.keras")
    for module, name in NAMES:
        thing = {"module": module, "class_name": name, "config": {"name": "x"}, "registered_name": None}
        function = {"module": module, "class_name": "function", "config": name, "registered_name": name}

        def layer(ls):
            ls.append(dict(thing))

        def argument(ls):
            ls[1]["config"]["activation"] = function

        def wrapped(ls):
            ls.append({"module": "keras.layers", "class_name": "TimeDistributed", "config": {"name": "t", "layer": dict(thing)}, "registered_name": None})

        def initial(ls):
            ls[1]["config"]["kernel_initializer"] = dict(thing)
        for how in (layer, wrapped, initial) if name == "TorchModuleWrapper" else (layer, argument, wrapped, initial):  # no function
            out.attack(f"config/{how.__name__}-{module}.{name}.keras", lambda p: reconfigured(source, p, how))

    def vocabulary(ls):
        ls.append({"module": "keras.layers", "class_name": "StringLookup", "config": {"name": "s", "vocabulary": "/etc/passwd"}, "registered_name": None})
    out.attack("config/vocabulary.keras", lambda p: reconfigured(source, p, vocabulary))
    out.attack("member/pickle.keras", lambda p: evil.rezipped(source, p, more=[("assets/x.pkl", evil.second(b"N.", evil.CALLS[0]))]))
    out.attack("member/out.keras", lambda p: evil.rezipped(source, p, more=[("../../x.py", b"import os\n")]))

    def external(data):
        import h5py
        import io
        b = io.BytesIO(data)
        with h5py.File(b, "a") as f:
            f["evil"] = h5py.ExternalLink("/etc/passwd", "/")
        return b.getvalue()

    def storage(data):
        import h5py
        import io
        b = io.BytesIO(data)
        with h5py.File(b, "a") as f:
            f.create_dataset("evil", (16,), dtype="u1", external=[("/etc/passwd", 0, 16)])
        return b.getvalue()
    for how in (external, storage):
        out.attack(f"weights/{how.__name__}.keras", lambda p: evil.rezipped(source, p, {"model.weights.h5": how}))
        weights = out.path("made", "weights/sequential.weights.h5")
        out.attack(f"weights/{how.__name__}.weights.h5", lambda p: write(p, how(read(weights))))


def lambdas(out, keras):
    """Code in a Lambda, in each form that keeps one."""
    def top(l):
        return [keras.Input((4,)), l.Lambda(lambda x: x * 2)]

    def inside(l):
        return [keras.Input((4,)), keras.Sequential([keras.Input((4,)), l.Lambda(lambda x: x + 1)]), l.Dense(1)]

    def wrapped(l):
        return [keras.Input((4, 2)), l.TimeDistributed(l.Lambda(lambda x: x + 1))]
    for how in (top, inside, wrapped):
        for ext in ("keras", "h5", "json", "tf"):
            def save(p):
                m = keras.Sequential(how(keras.layers))
                if ext == "json":
                    write(p, m.to_json().encode())
                elif ext == "tf":
                    m.save(p, save_format="tf")
                else:
                    m.save(p)
            out.attack(f"lambda/{how.__name__}.{ext}", save)


def operators(out):
    """Operators of TensorFlow that read, write, connect or call back, in each form of a graph."""
    import tensorflow as tf

    def reads(x):
        return tf.io.read_file("/etc/passwd")

    def writes(x):
        tf.io.write_file("/nowhere/x", "y")
        return x

    def prints(x):
        tf.print("x", output_stream="file:///nowhere/x")
        return x

    def finds(x):
        return tf.io.matching_files("/etc/*")

    def calls(x):
        return tf.py_function(lambda v: v, [x], tf.float32)

    def numpy(x):
        return tf.numpy_function(lambda v: v, [x], tf.float32)

    def saves(x):
        tf.raw_ops.Save(filename="/nowhere/x", tensor_names=["a"], data=[x])
        return x

    def restores(x):
        return tf.raw_ops.RestoreV2(prefix="/nowhere/x", tensor_names=["a"], shape_and_slices=[""], dtypes=[tf.float32])[0]

    def lines(x):
        return tf.raw_ops.ReaderReadV2(reader_handle=tf.raw_ops.TextLineReaderV2(), queue_handle=tf.raw_ops.FIFOQueueV2(component_types=[tf.string]))[0]

    def dataset(x):
        return tf.raw_ops.TextLineDataset(filenames="/etc/passwd", compression_type="", buffer_size=0)
    for how in (reads, writes, prints, finds, calls, numpy, saves, restores, lines, dataset):
        def graph():
            return tf.function(how).get_concrete_function(tf.TensorSpec((2,)))

        def saved(p, place="call"):
            m = tf.Module()
            m.f = tf.function(how, input_signature=[tf.TensorSpec((2,))])
            tf.saved_model.save(m, p, signatures=None if how is dataset else m.f.get_concrete_function())
        out.attack(f"saved/{how.__name__}", saved)
        out.attack(f"graph/{how.__name__}.pb", lambda p: write(p, graph().graph.as_graph_def().SerializeToString()))
        out.attack(f"graph/{how.__name__}.pbtxt", lambda p: write(p, str(graph().graph.as_graph_def()).encode()))

        def lite_(p):
            c = tf.lite.TFLiteConverter.from_concrete_functions([graph()])
            c.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
            c.allow_custom_ops = True
            data = c.convert()
            if how in (reads, finds) and b"ReadFile" not in data and b"MatchingFiles" not in data:
                raise ValueError("the converter did it itself")
            write(p, data)
        out.attack(f"lite/{how.__name__}.tflite", lite_)
