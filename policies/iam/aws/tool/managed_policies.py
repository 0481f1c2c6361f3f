#!/usr/bin/env python3
"""managed_policies.py DATASET COMMIT DATE >policies/iam/aws/data/managed_policies.txt

The managed policies of AWS as one line each: ARN, a tab, the document without blanks; sorted by ARN.
DATASET is a clone of https://github.com/iann0036/iam-dataset (MIT), of which aws/managedpolicies is read;
COMMIT and DATE name the state of it. A file without an ARN is of a policy that AWS has withdrawn and is
left out. The dataset lacks two that everybody has; they stand below.
"""
import json
import pathlib
import sys

# SPEC: AWS Managed Policy Reference Guide, "AdministratorAccess" (v1), "PowerUserAccess" (v12)
BY_HAND = {
    "arn:aws:iam::aws:policy/AdministratorAccess": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    },
    "arn:aws:iam::aws:policy/PowerUserAccess": {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"},
            {
                "Effect": "Allow",
                "Action": [
                    "account:GetAccountInformation",
                    "account:GetGovCloudAccountInformation",
                    "account:GetPrimaryEmail",
                    "account:ListRegions",
                    "iam:CreateServiceLinkedRole",
                    "iam:DeleteServiceLinkedRole",
                    "iam:ListRoles",
                    "organizations:DescribeEffectivePolicy",
                    "organizations:DescribeOrganization",
                ],
                "Resource": "*",
            },
        ],
    },
}

HEAD = """\
# What the managed policies of AWS say (default versions): ARN, tab, document.
# Source: https://github.com/iann0036/iam-dataset, aws/managedpolicies, commit {commit} of {date};
# AdministratorAccess and PowerUserAccess from the AWS Managed Policy Reference Guide.
# Made by policies/iam/aws/tool/managed_policies.py; do not edit. iam-dataset is under the MIT License:
#
"""


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    root, commit, date = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    policies = dict(BY_HAND)
    for file in sorted((root / "aws" / "managedpolicies").glob("*.json")):
        policy = json.loads(file.read_text(encoding="utf-8"))
        if not policy.get("arn"):
            continue
        if policy["arn"] in policies:
            sys.exit(f"{file}: {policy['arn']} is there twice")
        policies[policy["arn"]] = policy["document"]
    out = HEAD.format(commit=commit, date=date)
    for line in (root / "LICENSE").read_text(encoding="utf-8").splitlines():
        out += ("# " + line).rstrip() + "\n"
    for arn in sorted(policies, key=lambda s: s.encode()):
        text = json.dumps(policies[arn], separators=(",", ":"), ensure_ascii=False)
        assert "\t" not in arn and "\n" not in text
        out += f"{arn}\t{text}\n"
    sys.stdout.buffer.write(out.encode("utf-8"))


main()
