#!/usr/bin/env python3
"""iam_analyzer.py SALLYPORT DIR: what IAM Access Analyzer said of the managed policies of AWS (zoph-io/MAMIP: policies, findings), against `iam lint`.

A finding is told when lint has one that means the same at the same statement (of the document, when it is about that).
"""
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

# Beginnings of its codes, and what they are here.
SAME = {
    "INVALID_ACTION": {"unknown-action"}, "INVALID_SERVICE_IN_ACTION": {"unknown-service"}, "INVALID_SERVICE_CONDITION_KEY": {"unknown-key"},
    "INVALID_GLOBAL_CONDITION_KEY": {"unknown-key"}, "INVALID_SERVICE_PRINCIPAL_FORMAT": {"key-format"}, "INVALID_SERVICE": {"unknown-arn-service"},
    "MISSING_QUALIFIER": {"set-needed"}, "TYPE_MISMATCH": {"key-type", "key-as-text", "bad-value"}, "EQUIVALENT_TO_NULL": {"any-value"},
    "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS": {"arn-as-text"}, "PASS_ROLE": {"pass-any-role", "allows-everything"},
    "CREATE_SLR": {"any-service-role", "allows-everything"}, "ALLOW_WITH_UNSUPPORTED_TAG": {"key-not-of-action"},
    "DENY_WITH_UNSUPPORTED_TAG": {"key-not-of-action"}, "UNSUPPORTED_ACTION_FOR_CONDITION_KEY": {"key-not-of-action"},
    "FORALLVALUES_WITH_SINGLE_VALUED_KEY": {"set-on-single"}, "REDUNDANT_ACTION": {"redundant-action"}, "REDUNDANT_RESOURCE": {"redundant-resource"},
    "REDUNDANT_STATEMENT": {"redundant-statement"}, "POLICY_SIZE_EXCEEDS": {"too-long", "size"}, "MISSING_VERSION": {"no-version"},
}
MISSED = 6  # so many are not told, and docs/iam-conformance.md says why


def statement_of(finding):
    """Its number from 1; 0: the document."""
    path = finding["locations"][0]["path"] if finding["locations"] else []
    return path[1].get("index", 0) + 1 if len(path) > 1 and path[0].get("value") == "Statement" else 0


def codes_here(program, document):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
        json.dump(document, f)
        f.flush()
        out = subprocess.run([program, "iam", "lint", "--json", f.name], stdout=subprocess.PIPE, text=True)
    here = collections.defaultdict(set)
    for finding in json.loads(out.stdout)["policies"][0]["findings"]:
        here[finding.get("statement") or 0].add(finding["code"])
    return here


def main():
    program, root = sys.argv[1], pathlib.Path(sys.argv[2])
    told, asked = collections.Counter(), collections.Counter()
    for path in sorted((root / "findings").glob("*.json")):
        policy = json.loads((root / "policies" / path.stem).read_text())
        here = codes_here(program, policy.get("PolicyVersion", policy).get("Document", policy))
        for finding in json.loads(path.read_text()):
            code, at = finding["issueCode"], statement_of(finding)
            same = max((s for s in SAME if code.startswith(s)), key=len, default=None)
            asked[code] += 1
            if same is not None and SAME[same] & here[at]:
                told[code] += 1
            else:
                print(f"  differs: {path.stem} statement {at}: {code}, here {sorted(here[at])}")
    for code in sorted(asked):
        print(f"  {code:45} {told[code]:4} of {asked[code]}")
    print(f"  told {sum(told.values())} of {sum(asked.values())}")
    missed = sum(asked.values()) - sum(told.values())
    sys.exit(0 if told and missed <= MISSED else 1)


if __name__ == "__main__":
    main()
