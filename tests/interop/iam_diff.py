#!/usr/bin/env python3
"""iam_diff.py IAM_DECIDE COUNT SEED [POLICIES]: random requests decided by us and by @cloud-copilot/iam-simulate.

POLICIES is a folder of managed policies (iam-dataset: aws/managedpolicies); without it, made ones alone. Differences that are known
(docs/iam-conformance.md says who is right) are counted by class; any other fails, and is printed as a case of its own.
"""
import collections
import json
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import iam_known  # noqa: E402
import iam_random  # noqa: E402
import iam_reduce  # noqa: E402

SHOW = 20 # unexplained cases, made small

HERE = pathlib.Path(__file__).parent


def answers(command, cases):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    lines = done.stdout.split("\n")[:-1]
    if done.returncode != 0 or len(lines) != len(cases):
        sys.exit(f"{command[0]}: {len(lines)} answers for {len(cases)} cases: {done.stderr[-2000:]}")
    return lines, done.stderr.strip().split("\n")[-1]


def decide(program, cases, pool):
    if not cases:
        return [], [], "", ""
    with tempfile.TemporaryDirectory() as d:
        files = [str(pathlib.Path(d) / n) for n in ("cases.json", "pool.json")]
        for f, what in zip(files, (cases, pool)):
            pathlib.Path(f).write_text(json.dumps(what))
        ours, speed = answers([program, *files], cases)
        theirs, slow = answers(["node", str(HERE / "iam_simulate.js"), *files], cases)
    return ours, theirs, speed, slow


def explain(program, cases, pool, ours, theirs):
    """The class of each case that differs; None: unexplained."""
    inline = [iam_reduce.inlined(c, pool) for c in cases]
    tries = [(i, name, c) for i, whole in enumerate(inline) for name, c in iam_known.rewritten(whole).items()]
    a, b = decide(program, *iam_reduce.outlined([c for _, _, c in tries]))[:2] if tries else ([], [])
    found = {}
    for (i, name, _), x, y in zip(tries, a, b):
        if x == y == ours[i]:
            found.setdefault(i, name)
    for i, whole in enumerate(inline):
        if i not in found and iam_known.denied_anyway(whole, ours[i], theirs[i]):
            found[i] = "an explicit deny of what only AWS may change"
        why = iam_known.undecided(whole)
        if i not in found and why and ours[i] == "Undecided":
            found[i] = "undecided: " + why
        if i not in found and why and "Allowed" not in (ours[i], theirs[i]):
            found[i] = "denied either way, undecided how: " + why
    return [found.get(i) for i in range(len(cases))]


def unexplained(program, cases):
    """The two answers to each (inlined) case, or None where they agree or a class explains them."""
    short, pool = iam_reduce.outlined(cases)
    ours, theirs = decide(program, short, pool)[:2]
    differ = [i for i in range(len(cases)) if ours[i] != theirs[i]]
    classes = explain(program, [short[i] for i in differ], pool, [ours[i] for i in differ], [theirs[i] for i in differ])
    odd = {i for i, c in zip(differ, classes) if c is None}
    return [(ours[i], theirs[i]) if i in odd else None for i in range(len(cases))]


def main():
    program, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    m = iam_random.Maker(random.Random(seed), sys.argv[4] if len(sys.argv) > 4 else None)
    cases = [m.case() for _ in range(count)]
    ours, theirs, speed, slow = decide(program, cases, m.pool)
    differ = [i for i in range(count) if ours[i] != theirs[i]]
    classes = explain(program, [cases[i] for i in differ], m.pool, [ours[i] for i in differ], [theirs[i] for i in differ])
    print(f"  {count} requests, seed {seed}: " + ", ".join(f"{n} {k}" for k, n in collections.Counter(theirs).most_common()))
    print(f"  agree: {count - len(differ)}; explained: {sum(c is not None for c in classes)}; not explained: {classes.count(None)}")
    for name, n in collections.Counter(c for c in classes if c).most_common():
        print(f"  {n:6} {name}")
    us = [float(x.split(", ")[1].split(" ")[0]) for x in (speed, slow)]
    print(f"  {us[0]:.2f} us a decision, iam-simulate {us[1]:.2f} us, ratio {us[1] / us[0]:.0f}")
    for i in [i for i, c in zip(differ, classes) if c is None][:SHOW]:
        (a, b), small = iam_reduce.reduce(cases[i], m.pool, lambda c: unexplained(program, c))
        print(f"  unexplained: ours {a}, theirs {b}: {json.dumps(small)}")
    sys.exit(1 if None in classes else 0)


main()
