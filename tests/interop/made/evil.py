"""What makes an attack of a model: calls in pickles, members of archives. What is called is given `true`, or names that are not there."""
import io
import os
import pickle
import pickletools
import shutil
import zipfile

# module, name, arguments: what attacks on models were seen to call, and some that no list of bad names has
CALLS = (
    ("os", "system", ("true",)),
    ("posix", "system", ("true",)),
    ("subprocess", "Popen", (["true"],)),
    ("subprocess", "check_output", ("true",)),
    ("builtins", "exec", ("pass",)),
    ("builtins", "eval", ("1",)),
    ("builtins", "compile", ("1", "x", "eval")),
    ("builtins", "__import__", ("this",)),
    ("builtins", "getattr", ("a", "b")),
    ("builtins", "open", ("/nowhere",)),
    ("runpy", "run_path", ("/nowhere",)),
    ("runpy", "_run_code", ("pass", {})),
    ("importlib", "import_module", ("this",)),
    ("webbrowser", "open", ("true",)),
    ("pty", "spawn", ("true",)),
    ("socket", "create_connection", (("127.0.0.1", 9),)),
    ("shutil", "rmtree", ("/nowhere",)),
    ("os", "remove", ("/nowhere",)),
    ("ctypes", "CDLL", ("/nowhere",)),
    ("timeit", "timeit", ("pass",)),
    ("pdb", "run", ("pass",)),
    ("bdb", "Bdb", ()),
    ("code", "InteractiveInterpreter", ()),
    ("types", "CodeType", ()),
    ("marshal", "loads", (b"N",)),
    ("pickle", "loads", (b"N.",)),
    ("pydoc", "pipepager", ("", "true")),
    ("pydoc", "locate", ("this",)),
    ("pip", "main", (["--version"],)),
    ("pkgutil", "resolve_name", ("this:x",)),
    ("urllib.request", "urlopen", ("http://127.0.0.1:9/",)),
    ("logging.config", "dictConfig", ({},)),
    ("pathlib", "Path.write_text", ("/nowhere", "")),
    ("cProfile", "run", ("pass",)),
    ("doctest", "debug_script", ("pass",)),
    ("torch", "load", ("/nowhere",)),
    ("torch.hub", "load", ("/nowhere", "x")),
    ("torch.utils.cpp_extension", "load", ("x", [])),
    ("torch.jit", "load", ("/nowhere",)),
    ("numpy.testing._private.utils", "runstring", ("pass", {})),
    ("numpy", "load", ("/nowhere",)),
    ("numpy.f2py.crackfortran", "getlincoef", ("1", {})),
    ("joblib", "load", ("/nowhere",)),
    ("pandas", "read_pickle", ("/nowhere",)),
    ("pandas.core.computation.eval", "eval", ("1",)),
    ("dill", "loads", (b"N.",)),
    ("cloudpickle", "loads", (b"N.",)),
    ("sklearn.datasets", "load_files", ("/nowhere",)),
    ("a_package_of_nobody", "anything", ()),
)


def name_of(call):
    return f"{call[0]}.{call[1]}"


def arguments(args):
    """Opcodes of the tuple, without PROTO, FRAME, memo and STOP."""
    body = unframed(pickletools.optimize(pickle.dumps(args, 2)))
    return body[2:-1]


def unframed(data):
    """The same pickle without FRAME, so that bytes may be put anywhere."""
    out, at = io.BytesIO(), 0
    for op, _, pos in pickletools.genops(data):
        if op.name == "FRAME":
            out.write(data[at:pos])
            at = pos + 9
    out.write(data[at:])
    return out.getvalue()


def length(data):
    """Bytes of the first pickle in `data`."""
    for op, _, pos in pickletools.genops(data):
        if op.name == "STOP":
            return pos + 1
    raise ValueError("no STOP")


def call(module, name, args):
    """Opcodes that call and leave the result on the stack."""
    if "." in name:
        at = short(module) + short(name) + b"\x93"
    else:
        at = f"c{module}\n{name}\n".encode()
    return at + arguments(args) + b"R"


def short(text):
    return b"\x8c" + bytes([len(text)]) + text.encode()


def first(data, what):
    """The pickle with the call before everything else, its result dropped."""
    head = 2 if data[:1] == b"\x80" else 0
    return data[:head] + call(*what) + b"0" + data[head:]


def last(data, what):
    """The call behind everything else: the object is what it was."""
    end = length(data)
    whole = unframed(data[:end])
    return whole[:-1] + call(*what) + b"0" + b"." + data[end:]


def wrapped(data, what):
    """What is loaded is a tuple of the object and of what the call gave."""
    end = length(data)
    whole = unframed(data[:end])
    return whole[:-1] + call(*what) + b"\x86." + data[end:]


def built(data, what):
    """By an instance: INST, opcode of the first protocol."""
    module, name, _ = what
    head = 2 if data[:1] == b"\x80" else 0
    return data[:head] + b"(" + f"i{module}\n{name}\n".encode() + b"0" + data[head:]


def objected(data, what):
    """By OBJ."""
    module, name, args = what
    head = 2 if data[:1] == b"\x80" else 0
    return data[:head] + f"(c{module}\n{name}\n".encode() + b"".join(arguments((a,))[:-1] for a in args) + b"o0" + data[head:]


def second(data, what):
    """Another pickle behind this one."""
    return data + b"\x80\x02" + call(*what) + b"."


def broken(data, what):
    """The call, and then what no loader reads to its end."""
    head = 2 if data[:1] == b"\x80" else 0
    return data[:head] + call(*what) + b"0" + data[head:head + max(1, len(data) // 2)] + b"\xff"


SHAPES = (first, last, wrapped, built, objected, second, broken)


class Evil:
    """An object whose pickle calls: for frameworks that pickle for themselves. The name is looked up when it is pickled, and called by nobody."""

    def __init__(self, what=CALLS[0]):
        self.what = what

    def __reduce__(self):
        module, name, args = self.what
        found = __import__(module, fromlist=["x"])
        for part in name.split("."):
            found = getattr(found, part)
        return found, args


def rezipped(source, target, change=None, more=(), drop=()):
    """A copy of a zip. `change` maps a member's last name to a function of its bytes; `more` are (name, bytes) beside them."""
    changed = set()
    with zipfile.ZipFile(source) as z, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as out:
        for i in z.infolist():
            data, base = z.read(i), os.path.basename(i.filename)
            if base in drop:
                continue
            if change and base in change:
                data = change[base](data)
                changed.add(base)
            out.writestr(zipfile.ZipInfo(i.filename, (1980, 1, 1, 0, 0, 0)), data, i.compress_type)
        for name, data in more:
            out.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    if set(change or ()) - changed:
        raise ValueError(f"no member {sorted(set(change) - changed)} in {source}")


def copied(source, target):
    if os.path.isdir(source):
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)
