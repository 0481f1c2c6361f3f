#!/usr/bin/env python3
"""iam_parliament.py SALLYPORT DIR: the policies of duo-labs/parliament's tests, with the findings that those expect, against `iam lint`.

What one of the two does not look for is left out; where both look and differ, the case is named.
"""
import ast
import json
import pathlib
import subprocess
import sys
import tempfile

# Findings of parliament, and what they are here.
SAME = {
    "MALFORMED_JSON": {"grammar"}, "MALFORMED": {"grammar"}, "INVALID_VERSION": {"grammar"},
    "DUPLICATE_SID": {"duplicate-sid"}, "INVALID_SID": {"bad-sid"},
    "UNKNOWN_PRINCIPAL": {"bad-principal"}, "UNKNOWN_FEDERATION_SOURCE": {"bad-principal"},
    "MISMATCHED_TYPE_OPERATION_TO_NULL": {"bad-value"},
    "MISMATCHED_TYPE": {"key-type", "bad-value"}, "MISMATCHED_TYPE_BUT_USABLE": {"key-as-text"},
    "UNKNOWN_ACTION": {"unknown-action", "bad-action"}, "UNKNOWN_PREFIX": {"unknown-service"},
    "UNKNOWN_OPERATOR": {"unknown-operator"},
    "UNKNOWN_CONDITION_FOR_ACTION": {"key-not-of-action", "unknown-key", "bad-key"},
    "BAD_PATTERN_FOR_MFA": {"mfa-bypass"},
    "INVALID_ARN": {"bad-arn", "short-arn", "bad-account", "bad-region", "bad-partition"},
    "NO_VERSION": {"no-version"}, "OLD_VERSION": {"old-version"},
    "RESOURCE_MISMATCH": {"no-resource", "star-needed"},
}
# Not looked for here, by choice: a star where ARNs could stand is no mistake; ways of escalation are `iam escalations`.
OTHERS = {"RESOURCE_STAR", "RESOURCE_EFFECTIVELY_STAR", "RESOURCE_POLICY_PRIVILEGE_ESCALATION", "EXCEPTION"}
TOLD = 4  # so many differ, and docs/iam-conformance.md says why


def strings(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from strings(child)


def cases(path):
    """(where, policy, expected ids): a call of analyze_policy_string, then the comparison of finding_ids with a set."""
    for function in ast.walk(ast.parse(path.read_text())):
        if not isinstance(function, ast.FunctionDef):
            continue
        policy = None
        for statement in function.body:
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call) and \
                    getattr(statement.value.func, "id", "") == "analyze_policy_string" and statement.value.args:
                arg = statement.value.args[0]
                options = [k.arg for k in statement.value.keywords if k.arg not in ("ignore_private_auditors",)]
                policy = arg.value if isinstance(arg, ast.Constant) and not options else None
            elif isinstance(statement, ast.Assert) and isinstance(statement.test, ast.Compare) and policy is not None and \
                    isinstance(statement.test.left, ast.Attribute) and statement.test.left.attr == "finding_ids":
                yield f"{path.name}:{statement.lineno}", policy, set(strings(statement.test.comparators[0]))


def found(program, policy):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
        f.write(policy)
        f.flush()
        out = subprocess.run([program, "iam", "lint", "--json", f.name], stdout=subprocess.PIPE, text=True)
    return {x["code"] for p in json.loads(out.stdout)["policies"] for x in p["findings"]}


def main():
    program, root = sys.argv[1], pathlib.Path(sys.argv[2])
    agree = n = 0
    for path in sorted((root / "tests/unit").glob("test_*.py")):
        for where, policy, want in cases(path):
            codes = found(program, policy)
            got = {name for name, same in SAME.items() if same & codes}
            # one finding here may be one of several there
            missing = {w for w in want - OTHERS if not SAME[w] & codes}
            more = {g for g in got if not any(SAME[g] & SAME[w] for w in want - OTHERS)}
            n += 1
            agree += not missing and not more
            if missing or more:
                print(f"  differs: {where}: parliament {sorted(want)}, here {sorted(codes)}")
    print(f"  agree {agree} of {n}")
    sys.exit(0 if agree > 0 and n - agree <= TOLD else 1)


main()
