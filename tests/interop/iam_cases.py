#!/usr/bin/env python3
"""iam_cases.py IAM_DECIDE DIR: the cases of cloud-copilot/iam-simulate, read where they are.

Strict cases of the core engine, and the tables of its operator tests; what disagrees is named.
Cases of the discovery mode ask another question and are left out.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile


def decide(program, cases, *flags):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
        json.dump(cases, f)
        f.flush()
        out = subprocess.run([program, *flags, f.name], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = out.stdout.split("\n")[:-1]
    if len(lines) != len(cases):
        sys.exit(f"iam_decide: {len(lines)} answers for {len(cases)} cases: {out.stderr}")
    return lines


def core(root):
    for path in sorted((root / "src/core_engine/coreEngineTests").rglob("*.json")):
        for case in json.loads(path.read_text()):
            if case.get("simulation", {}).get("mode", "Strict") != "Strict":
                continue
            yield path.name, case["name"], case, case["expected"]["response"]


def blocked(root):
    """The cases that name the sides which stand in the way."""
    names = {"pb": "boundary", "vpce": "endpoint", "scp": "SCP", "rcp": "RCP"}
    for group, name, case, response in core(root):
        sides = case["expected"].get("blockedBy")
        if sides is not None:
            yield group, name, case, " ".join([response, *sorted(names.get(s, s) for s in sides)])


def balanced(text, start):
    """The text from the bracket at `start` to the one that closes it, strings and comments understood."""
    depth, i = 0, start
    while i < len(text):
        c = text[i]
        if c in "'\"`":
            i += 1
            while text[i] != c:
                i += 2 if text[i] == "\\" else 1
        elif text.startswith("//", i):
            i = text.index("\n", i)
        elif c in "[{(":
            depth += 1
        elif c in "]})":
            depth -= 1
            if depth == 0:
                return text[start:i + 1]
        i += 1
    raise ValueError("no closing bracket")


def literal(text):
    """A TypeScript literal of strings, numbers, lists and objects as Python has it."""
    strings = []

    def keep(m):
        raw = m[0]
        if raw.startswith("//"):
            return ""
        strings.append(re.sub(r"\\(.)", r"\1", raw[1:-1]))
        return f"\0{len(strings) - 1}\0"

    text = re.sub(r"//[^\n]*|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`(?:\\.|[^`\\])*`", keep, text)
    text = re.sub(r"\((\d+) ([-+]) (\d+)\)\.toString\(\)",
                  lambda m: '"%d"' % (int(m[1]) + (int(m[3]) if m[2] == "+" else -int(m[3]))), text)
    text = re.sub(r"([A-Za-z_]\w*)\s*:", r'"\1":', text)
    text = re.sub(r",(\s*[\]}])", r"\1", text)
    text = re.sub("\0(\\d+)\0", lambda m: json.dumps(strings[int(m[1])]), text)
    return json.loads(text)


def operators(root):
    for path in sorted((root / "src/condition").glob("*/*.test.ts")):
        text = path.read_text()
        m = re.search(r":\s*BaseOperatorTest\[\]\s*=\s*\[", text)
        if m is None:
            continue
        for case in literal(balanced(text, m.end() - 1)):
            context = dict(case.get("requestContext", {}))
            context["sallyport:Tested"] = case["testValue"]
            policy = {"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Action": "*", "Resource": "*",
                "Condition": {path.name[:-8]: {"sallyport:Tested": case["policyValues"]}}}]}
            ask = {"request": {"action": "s3:GetObject", "principal": "arn:aws:iam::123456789012:user/u",
                               "resource": {"resource": "arn:aws:s3:::b/k", "accountId": "123456789012"},
                               "context": context}, "identityPolicies": [policy]}
            yield path.name[:-8], case["name"], ask, "Allowed" if case["expected"] else "ImplicitlyDenied"


def asked(program, rows, *flags):
    return [" ".join([a.split()[0], *sorted(a.split()[1:])]) for a in decide(program, [r[2] for r in rows], *flags)]


def table(title, rows, program, *flags):
    """In the reading of iam-simulate all must agree; as AWS documents, what differs is named."""
    rows = list(rows)
    agree = 0
    for (group, name, _, want), got in zip(rows, asked(program, rows, "-s", *flags)):
        agree += got == want
        if got != want:
            print(f"  differs: {group}: {name}: {got}, expected {want}")
    other = [(r, got) for r, got in zip(rows, asked(program, rows, *flags)) if got != r[3]]
    print(f"  {title}: {agree} of {len(rows)}; {len(rows) - len(other)} as AWS documents (docs/iam-conformance.md)")
    for (group, name, _, want), got in other:
        print(f"    by AWS {got}, by iam-simulate {want}: {group}: {name}")
    return agree == len(rows) > 0


def main():
    program, root = sys.argv[1], pathlib.Path(sys.argv[2])
    ok = table("strict cases", core(root), program)
    ok = table("who stands in the way", blocked(root), program, "-b") and ok
    ok = table("operator cases", operators(root), program) and ok
    sys.exit(0 if ok else 1)


main()
