#!/usr/bin/env python3
"""iam_expansion.py IAM_NAMES DIR: patterns of the managed policies of AWS against the labels of iann0036/iam-dataset.

Recall over all labels, policies whose expansion is the same, and the names that only one side has: those are of another day.
"""
import collections
import json
import pathlib
import subprocess
import sys


def main():
    program, root = sys.argv[1], pathlib.Path(sys.argv[2])
    policies = []
    for path in sorted((root / "aws/managedpolicies").glob("*.json")):
        data = json.loads(path.read_text())
        labels = collections.defaultdict(set)
        for e in data["effective_actions"]:
            labels[e["action"]].add(e["effective_action"].lower())
        policies.append((path.stem, labels))
    patterns = sorted({p for _, labels in policies for p in labels})
    out = subprocess.run([program], input="\n".join(patterns) + "\n", stdout=subprocess.PIPE, text=True, check=True)
    ours = dict(zip(patterns, (set(line.lower().split()) for line in out.stdout.split("\n"))))
    exact = missing = extra = total = 0
    only_theirs, only_ours = collections.Counter(), collections.Counter()
    for _, labels in policies:
        lost = [(p, a) for p, names in labels.items() for a in names - ours[p]]
        more = [(p, a) for p, names in labels.items() for a in ours[p] - names]
        total += sum(len(names) for names in labels.values())
        missing += len(lost)
        extra += len(more)
        exact += not lost and not more
        only_theirs.update(a for _, a in lost)
        only_ours.update(a for _, a in more)
    everything = {a for names in ours.values() for a in names}
    theirs = {a for _, labels in policies for names in labels.values() for a in names}
    print(f"  labels {total}, missing {missing}, recall {100 * (total - missing) / total:.2f} %")
    print(f"  more than the labels {extra}; policies that are the same {exact} of {len(policies)}")
    known = {line for line in subprocess.run([program], input="*\n", stdout=subprocess.PIPE, text=True).stdout.lower().split()}
    wrong = [a for a in only_theirs if a in known]
    print(f"  names that only the labels have {len(only_theirs)}, of which the table has {len(wrong)}: "
          + " ".join(sorted(only_theirs)[:40]))
    odd = [a for a in only_ours if a in theirs]
    print(f"  names that only the table has {len(only_ours)}, of which some label has {len(odd)}: "
          + " ".join(sorted(odd)[:40]))
    sys.exit(0 if (total - missing) / total >= 0.998 and exact >= 1521 and not wrong else 1)


main()
