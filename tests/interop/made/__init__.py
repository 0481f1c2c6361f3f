"""Models made with the frameworks themselves, in every way that their manuals show, and attacks made of them. One module for each family; make_models.py runs
them. A module has NEEDS, the packages without which it is skipped, and make(out), which saves through `out`.

Nothing that is made here is ever loaded again by a framework, and what the attacks would run is `true`.
"""
import importlib
import importlib.metadata
import importlib.util
import os
import pkgutil
import shutil
import warnings


class Out:
    """Where one family of frameworks saves: benign models below DIR/made/NAME, attacks below DIR/made-malicious/NAME."""

    def __init__(self, root, family):
        self.root, self.family = root, family
        self.made = {"made": 0, "made-malicious": 0}
        self.left = []

    def path(self, kind, name):
        path = os.path.join(self.root, kind, self.family, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def save(self, kind, name, save):
        """`save(path)` writes a file or a folder; a folder is one model, and gets the name NAME.d. Gives where it is. What this version of the
        framework does not write is told, and nothing of it is left."""
        path = self.path(kind, name)
        remove(path)
        remove(path + ".d")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                save(path)
        except Exception as e:  # whatever a framework raises: it does not save this
            remove(path)
            self.left.append(f"{name}: {type(e).__name__}: {' '.join(str(e).split())[:120]}")
            return None
        if not os.path.exists(path):
            self.left.append(f"{name}: nothing was written")
            return None
        self.made[kind] += 1
        if os.path.isdir(path):
            os.rename(path, path + ".d")
            return path + ".d"
        return path

    def benign(self, name, save):
        return self.save("made", name, save)

    def attack(self, name, save):
        return self.save("made-malicious", name, save)


def remove(path):
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.remove(path)


def there(package):
    return importlib.util.find_spec(package) is not None


def version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "?"


def families():
    """name -> module, of the modules that make models."""
    found = {}
    for m in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        module = importlib.import_module("made." + m)
        if hasattr(module, "make"):
            found[m] = module
    return found


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)


def read(path):
    with open(path, "rb") as f:
        return f.read()
