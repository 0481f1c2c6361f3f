#!/usr/bin/env python3
"""iam_compare.py IAM_WIDER quacky|managed DIR: comparisons of policies.

quacky: pairs of vlab-cs-ucsb/quacky, labelled by an SMT solver. Each row of its tables says of two policies whether the
first allows something that the second does not (SAT), and the reverse. The labels were made with resource types and the
actions of their day; those that rest on how policies were read or encoded there are named in iam_quacky.tsv, with the reason.
managed: the managed policies of iann0036/iam-dataset, each with itself (never wider) and with another.
"""
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent


def rows(root):
    """(old, new, label) for both directions of each row."""
    for table in sorted((root / "results/icse22/raw_md/encoding_mutations").glob("*.md")):
        for line in table.read_text().splitlines():
            cells = line.strip().strip("|").split("|")
            paths = [re.match(r"\[.*?\]\(\.\./(samples/.*?)\)", c) for c in cells[:2]]
            if len(cells) < 16 or not all(paths):
                continue
            one, two = (m[1] for m in paths)
            for old, new, label in ((two, one, cells[2]), (one, two, cells[9])):
                if label.lower() in ("sat", "unsat"):
                    yield old, new, label.lower()


def ask(program, pairs, *options):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
        json.dump([[str(old), str(new)] for old, new in pairs], f)
        f.flush()
        out = subprocess.run([program, *options, f.name], stdout=subprocess.PIPE, text=True)
    answers = [json.loads(line) for line in out.stdout.splitlines()]
    if out.returncode != 0 or len(answers) != len(pairs):
        sys.exit(f"iam_wider: {len(answers)} answers for {len(pairs)} pairs, exit {out.returncode}")
    return answers


def times(answers):
    us = sorted(a["us"] for a in answers if "us" in a)
    print(f"  median {us[len(us) // 2]} us, worst {us[-1]} us, total {sum(us) / 1e6:.2f} s")


def disputes():
    """new policy, old policy -> reason; a `*` stands for any name."""
    out = []
    for line in (HERE / "iam_quacky.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            old, new, label, reason = line.split("\t")
            out.append((re.compile(re.escape(old).replace(r"\*", "[^/]*").replace(r"\?", ".") + "$"),
                        re.compile(re.escape(new).replace(r"\*", "[^/]*").replace(r"\?", ".") + "$"), label, reason))
    return out


def quacky(program, root):
    pairs = list(rows(root))
    answers = ask(program, [(root / old, root / new) for old, new, _ in pairs], "--typed")
    known = disputes()
    count = collections.Counter()
    bad = False
    for (old, new, label), got in zip(pairs, answers):
        want = "yes" if label == "sat" else "no"
        kind = "agree" if got["wider"] == want else f"{got['wider']} for {label}"
        if got["wider"] == "yes" and not got["confirmed"]:
            kind = "not confirmed"
        reasons = [r for a, b, l, r in known if a.match(old) and b.match(new) and l == label]
        if kind not in ("agree", "not confirmed") and reasons:
            kind = f"disputed ({kind}): {reasons[0]}"
        elif kind != "agree":
            bad = True
            if os.environ.get("VERBOSE"):
                print(f"  differs: {old} => {new}: {json.dumps(got)}, label {label}")
        count[kind] += 1
    for kind, n in count.most_common():
        print(f"  {kind}: {n} of {len(pairs)}")
    wider = [a for a in answers if a["wider"] == "yes"]
    print(f"  examples that evaluation confirms: {sum(a['confirmed'] for a in wider)} of {len(wider)}")
    times(answers)
    return not bad


def managed(program, root):
    files = sorted((root / "aws/managedpolicies").glob("*.json"))
    same = ask(program, [(f, f) for f in files])
    print(f"  not wider than themselves: {sum(a['wider'] == 'no' for a in same)} of {len(files)}")
    times(same)
    next_to = ask(program, list(zip(files, files[1:])))
    count = collections.Counter(a["wider"] for a in next_to)
    print("  against their neighbours: " + ", ".join(f"{k} {n}" for k, n in sorted(count.items())))
    wider = [a for a in next_to if a["wider"] == "yes"]
    print(f"  examples that evaluation confirms: {sum(a['confirmed'] for a in wider)} of {len(wider)}")
    times(next_to)
    return all(a["wider"] == "no" for a in same) and all(a["confirmed"] for a in wider)


def main():
    program, what, root = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    sys.exit(0 if {"quacky": quacky, "managed": managed}[what](program, root) else 1)


main()
