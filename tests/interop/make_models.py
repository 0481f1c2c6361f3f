#!/usr/bin/env python3
"""make_models.py OUT [FAMILY...]: models made with the frameworks that this Python has, for `make conformance CORPUS=OUT`.

OUT/made/FAMILY/...            as the frameworks save them
OUT/made-malicious/FAMILY/...  attacks made of these
Families are the modules of the folder made/; one whose packages are not installed is skipped. What a version of a framework cannot save is told.
Run it with the Python of each environment that has some of them: what others made stays. SUFFIX=-old keeps what an older set of versions makes apart.
"""
import os
import sys
import time
import traceback
import warnings

sys.dont_write_bytecode = True
os.environ.setdefault("PYTHONWARNINGS", "ignore")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing is fetched
os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
# The folder of the package, last, and not the one of the modules: they have the names of the frameworks.
sys.path.append(sys.path.pop(0))
import made  # noqa: E402


def main():
    if len(sys.argv) < 2 or not sys.argv[1]:
        sys.exit("make_models.py: say where: make made OUT=DIR")
    root, only = os.path.abspath(sys.argv[1]), sys.argv[2:]
    found = made.families()
    for name in sorted(set(only) - set(found)):
        sys.exit(f"make_models.py: no family {name}; there are: {' '.join(found)}")
    warnings.simplefilter("ignore")
    broken = []
    for name, module in found.items():
        if only and name not in only:
            continue
        missing = [p for p in module.NEEDS if not made.there(p)]
        if missing:
            print(f"skip {name}: not installed: {' '.join(missing)}")
            continue
        start, out = time.monotonic(), made.Out(root, name + os.environ.get("SUFFIX", ""))
        try:
            module.make(out)
        except Exception:  # the rest of this family is not there, others are
            traceback.print_exc()
            broken.append(name)
        with_ = " ".join(f"{p} {made.version(p)}" for p in getattr(module, "DISTRIBUTIONS", module.NEEDS))
        print(f"{name}: {out.made['made']} models, {out.made['made-malicious']} attacks, {time.monotonic() - start:.0f} s, with {with_}", flush=True)
        for line in out.left:
            print("  left out: " + line)
    if broken:
        sys.exit("make_models.py: not whole: " + " ".join(broken))


main()
