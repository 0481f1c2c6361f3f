#!/usr/bin/env python3
"""model_signing.py SALLYPORT CORPUS: what `sallyport inspect --identity` says of models beside what signatures and golden
manifests of CORPUS/model-transparency (a checkout of sigstore/model-transparency) say of them; the signatures by keys there,
verified; and, where the Python package model_signing is installed, its signatures here and ours there. Prints what differs."""
import base64
import json
import pathlib
import re
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


def trust(pem):
    """A folder with a trust file that lets this key sign models."""
    folder = pathlib.Path(tempfile.mkdtemp(dir="."))
    (folder / "key.pub").write_text(pem)
    (folder / "trust.yaml").write_text(
        "apiVersion: sallyport/v1\nkind: Trust\nkeys:\n- {name: k, path: key.pub, may_sign: [model]}\n"
    )
    return folder / "trust.yaml"


def verified(model, signature, trusted):
    """[holds, why] of each signature that is found; the named one last."""
    args = [tool, "inspect", "--type", "signature", "--trust", str(trusted), "--model", str(model)]
    args += ["--signature", str(signature)] if signature else []
    run = subprocess.run(args, capture_output=True, text=True, check=False)
    try:
        return [[f["attributes"]["verified"], f["attributes"]["reason"]] for f in json.loads(run.stdout)["facts"]]
    except ValueError:
        return [[False, run.stderr.strip()]]


def expect(what, got, want):
    global seen, wrong
    seen += 1
    if not got or got[-1][0] != want:
        wrong += 1
        print(f"{what}: {got}, wanted {want}")


def keys():
    """Signatures by a key: of a file alone, of a folder that lists what it ignores, of one that does not."""
    pem = (corpus / "scripts/tests/keys/certificate/signing-key-pub.pem").read_text()
    trusted = trust(re.search("-----BEGIN.*-----END[^\n]*\n", pem, re.S)[0])
    for sig in sorted(corpus.glob("scripts/tests/v*-elliptic-key/model.sig")):
        statement = json.loads(base64.b64decode(json.loads(sig.read_text())["dsseEnvelope"]["payload"]))
        names = [r["name"] for r in statement["predicate"]["resources"]]
        told = "ignore-me" in statement["predicate"]["serialization"].get("ignore_paths", [])
        model = sig.parent / statement["subject"][0]["name"] if names == ["."] else sig.parent
        expect(sig.parent.name, verified(model, sig, trusted), names == ["."] or told)
        other = pathlib.Path(tempfile.mkdtemp(dir=".")) / "other"
        other.write_text("not what was signed")
        expect(f"{sig.parent.name}, another model", verified(other, sig, trusted), False)


def both_ways():
    """model_signing takes ours, and we take what it signs."""
    if subprocess.run([sys.executable, "-m", "model_signing", "--help"], capture_output=True, check=False).returncode != 0:
        print("model_signing is not installed: not asked")
        return
    at = pathlib.Path(tempfile.mkdtemp(dir="."))
    model = at / "llm"
    (model / "sub").mkdir(parents=True)
    (model / "config.json").write_text("{}")
    (model / "sub/weights.txt").write_text("w")
    (model / ".gitattributes").write_text("*")

    def run(*args):
        return subprocess.run(args, capture_output=True, text=True, check=False).returncode == 0

    theirs = [sys.executable, "-m", "model_signing"]
    for kind in "ecdsa-p256", "ecdsa-p384":
        key, public = str(at / f"{kind}.key"), str(at / f"{kind}.pub")
        run(tool, "keygen", "--no-password", "--type", kind, "-o", str(at / kind))
        trusted = trust(pathlib.Path(public).read_text())
        expect(f"{kind}: ours", [[run(tool, "sign", "--key", key, "--model", str(model)), ""]], True)
        sig = str(model / "model.sig")
        expect(f"{kind}: ours, read by it", [[run(*theirs, "verify", "key", "--signature", sig, "--public_key", public, str(model)), ""]], True)
        expect(f"{kind}: its own", [[run(*theirs, "sign", "key", "--signature", sig, "--private_key", key, str(model)), ""]], True)
        expect(f"{kind}: its own, read by us", verified(model, None, trusted), True)
        (model / "config.json").write_text("{ }")
        expect(f"{kind}: its own, of another file", verified(model, None, trusted), False)
        (model / "config.json").write_text("{}")


signed()
golden()
keys()
both_ways()
print(f"{seen} questions, {wrong} differ")
sys.exit(wrong > 0 or seen == 0)
