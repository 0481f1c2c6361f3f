#!/usr/bin/env python3
"""model_signing.py SALLYPORT CORPUS: what `sallyport inspect --identity` says of models beside what signatures and golden
manifests of CORPUS/model-transparency (a checkout of sigstore/model-transparency) say of them. Prints what differs."""
import base64
import json
import pathlib
import subprocess
import sys
import tempfile
import types

tool, corpus = sys.argv[1], pathlib.Path(sys.argv[2]) / "model-transparency"
seen = wrong = 0


def identity(path, *ignore):
    args = [tool, "inspect", "--model", str(path), "--identity"]
    for p in ignore:
        args += ["--ignore", p]
    run = subprocess.run(args, capture_output=True, text=True, check=False)
    try:
        return json.loads(run.stdout)
    except ValueError:
        return {"error": run.stderr.strip()}


def resources(statement):
    return {("" if r["name"] == "." else r["name"]): r["digest"] for r in statement["predicate"]["resources"]}


def compare(what, ours, theirs, single):
    """Root and resources; a single file is called "." by the reference implementation."""
    global seen, wrong
    seen += 1
    if "error" in ours:
        wrong += 1
        print(f"{what}: {ours['error']}")
        return
    if theirs["predicateType"].endswith("/Digests/v0.1"):  # no root yet: the files are the subjects
        want = {s["name"]: s["digest"]["sha256"] for s in theirs["subject"]}
        same = resources(ours) == want
    else:
        got, want = resources(ours), resources(theirs)
        same = ours["subject"][0]["digest"] == theirs["subject"][0]["digest"]
        same = same and (sorted(got.values()) == sorted(want.values()) if single else got == want)
    if not same:
        wrong += 1
        print(f"{what}: {json.dumps(ours)} is not {json.dumps(theirs)}")


def signed():
    for sig in sorted(corpus.glob("scripts/tests/v*/model.sig")):
        statement = json.loads(base64.b64decode(json.loads(sig.read_text())["dsseEnvelope"]["payload"]))
        names = [r["name"] for r in statement["predicate"].get("resources", [])]
        single = names == ["."]
        path = sig.parent / statement["subject"][0]["name"] if single else sig.parent
        extra = [] if single else ["model.sig", "ignore-me"]
        compare(sig.parent.name, identity(path, *extra), statement, single)


def fixtures():
    """The functions of the corpus's tests/conftest.py that make its models."""
    pytest = types.ModuleType("pytest")
    pytest.fixture = lambda f: f
    pytest.TempPathFactory = object
    support = types.ModuleType("tests.test_support")
    for line in (corpus / "tests/test_support.py").read_text().splitlines():
        if line.startswith(("KNOWN_MODEL_TEXT", "ANOTHER_MODEL_TEXT")):
            exec(line, support.__dict__)
    tests = types.ModuleType("tests")
    tests.test_support = support
    sys.modules.update({"pytest": pytest, "tests": tests, "tests.test_support": support})
    made = {}
    exec((corpus / "tests/conftest.py").read_text(), made)
    return made


class Factory:
    @staticmethod
    def mktemp(_):
        return pathlib.Path(tempfile.mkdtemp(dir="."))


def golden():
    global seen, wrong
    made = fixtures()
    for path in sorted(corpus.glob("tests/_signing/testdata/signing/TestPayload/*")):
        if path.name.endswith("shard") or path.name.endswith("shards"):
            continue  # files mode only
        model = made[path.name](Factory)
        statement = json.loads(path.read_text())
        ours = identity(model)
        if path.name in ("symlink_model_folder", "empty_model_folder"):  # refused, and said so
            seen += 1
            wrong += "error" not in ours or not ours["error"]
            continue
        compare(path.name, ours, statement, model.is_file())


signed()
golden()
print(f"{seen} models, {wrong} differ")
sys.exit(wrong > 0 or seen == 0)
