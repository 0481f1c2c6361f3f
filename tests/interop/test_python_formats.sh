#!/bin/bash
# What the standard library of python reads of an archive or a model is what our facts tell of it.
. "$ROOT/fixtures/units/unit.sh"
python3 - <<'PY'
import io, pickle, struct, tarfile, zipfile
import units
units.write("m.safetensors", units.safetensors(("a.weight", "b.bias"), 3, 5))
with zipfile.ZipFile("m.zip", "w") as z:
    z.writestr("config.json", '{"a": 1}')
    z.writestr("w/model.safetensors", units.safetensors())
    z.writestr(zipfile.ZipInfo("deflated.txt"), "text " * 500, zipfile.ZIP_DEFLATED)
units.write("m.tar.gz", units.gzipped(units.tar([units.entry("README.json", "{}"), units.entry("w.safetensors", units.safetensors())])))
import collections, datetime, fractions
units.write("m.pkl", pickle.dumps([collections.OrderedDict(a=1), datetime.date(2026, 1, 1), fractions.Fraction(1, 3)], protocol=2))
shape = (4, 6)
head = "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 6), }"
head += " " * (-(len(head) + 11) % 64) + "\n"
units.write("m.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + bytes(4 * 24))
PY
for f in m.safetensors m.zip m.tar.gz m.pkl m.npy; do
    run 0 inspect --model $f
    cp out $f.json
done
python3 - <<'PY'
import hashlib, json, pickletools, tarfile, zipfile
def facts(name, kind):
    return [f for f in json.load(open(name + ".json"))["facts"] if f["type"] == kind]
def by_path(name):
    return {f["attributes"]["path"].split("!")[-1]: f["attributes"] for f in facts(name, "model.file")}
def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()
for name in ("m.safetensors", "m.pkl", "m.npy"):
    one = by_path(name)[name]
    data = open(name, "rb").read()
    assert one["bytes"] == len(data) and one["sha256"] == digest(data), one
    assert one["format"] == {"m.safetensors": "safetensors", "m.pkl": "pickle", "m.npy": "npy"}[name], one
inside = by_path("m.zip")
with zipfile.ZipFile("m.zip") as z:
    for i in z.infolist():
        a = inside[i.filename]
        assert a["bytes"] == i.file_size and a["sha256"] == digest(z.read(i)), (i, a)
inside = by_path("m.tar.gz")
with tarfile.open("m.tar.gz") as t:
    for i in t:
        a = inside[i.name]
        assert a["bytes"] == i.size and a["sha256"] == digest(t.extractfile(i).read()), (i, a)
# Imports: what pickletools shows as GLOBAL is what we tell.
wanted = {arg.replace(" ", ".") for op, arg, _ in pickletools.genops(open("m.pkl", "rb").read()) if op.name == "GLOBAL"}
told = {f["attributes"].get("full") or f["attributes"]["module"] + "." + f["attributes"]["name"] for f in facts("m.pkl", "model.import")}
assert wanted and wanted <= {t.replace("_collections", "collections") for t in told} | told, (wanted, told)
PY
