#!/usr/bin/env python3
"""iam_escalations.py SALLYPORT pathfinding|vulnerable DIR: paths of privilege escalation that others document.

pathfinding: DataDog/pathfinding.cloud. For each path an account is made up: somebody with the permissions that it takes
and no others, administrators to reach, a role that trusts the services it names. The path must be found; without any
one of the permissions, and with any one denied besides, it must not.

vulnerable: BishopFox/iam-vulnerable. Its Terraform files become the snapshot of one account. Whoever a file of
privesc-paths makes must have the path that the file is about; of tool-testing, those called fn must have theirs, and
those called fp none at all.
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ACCOUNT = "123456789012"
OF_USERS = {"iam:PutUserPolicy", "iam:AttachUserPolicy", "iam:PutGroupPolicy", "iam:AttachGroupPolicy",
            "iam:AddUserToGroup"}

# The path that a file of iam-vulnerable is about.
VULNERABLE = {
    "privesc-AssumeRole": "sts-001", "privesc-cloudFormationUpdateStack": "cloudformation-002",
    "privesc-codeBuildCreateProjectPassRole": "codebuild-001", "privesc-ec2InstanceConnect": "ec2instanceconnect-003",
    "privesc-sageMakerCreateNotebookPassRole": "sagemaker-001",
    "privesc-sageMakerCreatePresignedNotebookURL": "sagemaker-004",
    "privesc-sageMakerCreateProcessingJob": "sagemaker-003", "privesc-sageMakerCreateTrainingJob": "sagemaker-002",
    "privesc-ssmSendCommand": "ssm-002", "privesc-ssmStartSession": "ssm-001",
    "privesc1-": "iam-001", "privesc2-": "iam-set-default-policy-version", "privesc3-": "ec2-001",
    "privesc4-": "iam-002", "privesc5-": "iam-004", "privesc6-": "iam-006", "privesc7-": "iam-008",
    "privesc8-": "iam-010", "privesc9-": "iam-009", "privesc10-": "iam-007", "privesc11-": "iam-011",
    "privesc12-": "iam-005", "privesc13-": "iam-013", "privesc14-": "iam-012", "privesc15-": "lambda-001",
    "privesc16-": "lambda-002", "privesc17-": "lambda-003", "privesc18-": "glue-001", "privesc19-": "glue-002",
    "privesc20-": "cloudformation-001", "privesc21-": "datapipeline-001",
    "fn1-": "ec2-001", "fn2-": "iam-001", "fn3-": "iam-001", "fn4-": "ssm-001",
}


# ---- snapshots, as `aws iam get-account-authorization-details` writes them ----

def arn(kind, name):
    return f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(*principals):
    return document(*({"Effect": "Allow", "Principal": p, "Action": "sts:AssumeRole"} for p in principals))


def statement(effect, action):
    return {"Effect": effect, "Action": action, "Resource": "*"}


def attach(name):
    return {"PolicyName": name, "PolicyArn": arn("policy", name)}


def user(name, policies, groups=()):
    return {"Path": "/", "UserName": name, "Arn": arn("user", name), "GroupList": list(groups), "UserPolicyList": [],
            "AttachedManagedPolicies": list(policies)}


def group(name, policies):
    return {"Path": "/", "GroupName": name, "Arn": arn("group", name), "GroupPolicyList": [],
            "AttachedManagedPolicies": list(policies)}


def role(name, trusted, policies):
    return {"Path": "/", "RoleName": name, "Arn": arn("role", name), "AssumeRolePolicyDocument": trusted,
            "InstanceProfileList": [], "RolePolicyList": [], "AttachedManagedPolicies": list(policies)}


def managed(name, doc):
    return {"Path": "/", "PolicyName": name, "Arn": arn("policy", name), "DefaultVersionId": "v1",
            "PolicyVersionList": [{"Document": doc, "VersionId": "v1", "IsDefaultVersion": True}]}


def ask(program, snapshot, *options):
    with tempfile.TemporaryDirectory() as d:
        path = pathlib.Path(d, "account.json")
        path.write_text(json.dumps(snapshot))
        out = subprocess.run([program, "iam", "escalations", "--json", "--from", str(path), *options],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if out.returncode not in (0, 1, 3):
        sys.exit(f"iam escalations: exit {out.returncode}: {out.stderr}")
    return json.loads(out.stdout)["principals"]


# ---- pathfinding.cloud ----

def services(path):
    return sorted(set(re.findall(r"[a-z0-9.-]+\.amazonaws\.com", json.dumps(path.get("prerequisites")))))


def ways(program, path, allowed, denied=()):
    """{id: escalation} of one who has these permissions, a user where only users can go this way."""
    is_user = path["category"] == "self-escalation" and \
        {p["permission"] for p in path["permissions"]["required"]} & OF_USERS
    mine = [statement("Allow", a) for a in allowed] + [statement("Deny", a) for a in denied]
    trusted = trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, *({"Service": s} for s in services(path)))
    snapshot = {
        "UserDetailList": [user("boss", [attach("everything")])],
        "GroupDetailList": [group("bosses", [attach("everything")]), group("team", [])],
        "RoleDetailList": [role("boss", trusted, [attach("everything")])],
        "Policies": [managed("everything", document(statement("Allow", "*"))),
                     managed("asker", document(*(mine or [statement("Deny", "s3:GetObject")])))],
    }
    if is_user:
        snapshot["UserDetailList"].append(user("asker", [attach("asker")], ["team"]))
    else:
        snapshot["RoleDetailList"].append(role("asker", trust({"Service": "ec2.amazonaws.com"}), [attach("asker")]))
    found = ask(program, snapshot, "--user" if is_user else "--role", "asker")
    return {x["id"]: x for x in found[0]["escalations"]}


def check(program, path):
    """The path, what differs, how it was found, and how many permissions it takes."""
    required = [p["permission"] for p in path["permissions"]["required"]]
    found = ways(program, path, required).get(path["id"])
    wrong = []
    for p in required:
        if path["id"] in ways(program, path, [q for q in required if q != p]):
            wrong.append(f"found without {p}")
        if path["id"] in ways(program, path, required, [p]):
            wrong.append(f"found with {p} denied")
    return path, wrong, found is not None and found["allowed"] == "yes" and found["certainty"], len(required)


def pathfinding(program, root):
    try:
        import yaml
    except ImportError:
        print("  skip: no module yaml")
        return True
    paths = [yaml.safe_load(f.read_text()) for f in sorted((root / "data/paths").glob("*/*.yaml"))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda p: check(program, p), paths))
    for path, wrong, certainty, _ in results:
        for text in wrong + ([] if certainty else ["not found"]):
            print(f"  differs: {path['id']}: {text}")
    ends = [r for r in results if r[0]["category"] != "existing-passrole"]
    total = sum(2 * r[3] for r in results)
    right = total - sum(len(r[1]) for r in results)
    print(f"  found             {sum(bool(r[2]) for r in results)} of {len(results)}")
    print(f"  with an end       {sum(r[2] == 'confirmed' for r in ends)} of {len(ends)} whose end a snapshot can show")
    print(f"  closed            {right} of {total} times, without one permission or with one denied")
    return right == total > 0 and all(r[2] for r in results)


# ---- the Terraform of iam-vulnerable: blocks, lists, objects, jsonencode, references ----

TOKEN = re.compile(r"""\s+|\#[^\n]*|//[^\n]*
    |(?P<string>"(?:\\.|[^"\\])*")
    |(?P<name>[A-Za-z_][\w-]*(?:\.[\w-]+|\[\d+\]|\.\*)*)
    |(?P<number>\d+)
    |(?P<sign>[{}\[\](),=:?!&|<>*+-])""", re.X)


class Reader:
    def __init__(self, text):
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        self.tokens = [(m.lastgroup, m[m.lastgroup]) for m in TOKEN.finditer(text) if m.lastgroup]
        self.at = 0

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else (None, None)

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def value(self):
        kind, text = self.next()
        if kind == "string":
            return json.loads(text) if "${" not in text else ("ref", text[1:-1])
        if kind == "number":
            return int(text)
        if text == "[":
            out = []
            while self.peek()[1] != "]":
                out.append(self.value())
                if self.peek()[1] == ",":
                    self.next()
            self.next()
            return out
        if text == "{":
            return self.body("}")
        if kind == "name" and self.peek()[1] == "(":
            self.next()
            out = self.value()
            while self.peek()[1] != ")":
                self.next()
            self.next()
            return out
        if text in ("true", "false"):
            return text == "true"
        return ("ref", text)

    def body(self, end):
        """{name: value}; blocks are lists under their name."""
        out = {}
        while self.peek()[1] not in (end, None):
            _, key = self.next()
            key = key.strip('"')
            labels = []
            while self.peek()[0] == "string":
                labels.append(json.loads(self.next()[1]))
            sign = self.next()[1]
            if sign in ("=", ":"):
                out[key] = self.value()
            elif sign == "{":
                out.setdefault(key, []).append((labels, self.body("}")))
            if self.peek()[1] == ",":
                self.next()
        if end:
            self.next()
        return out


def statement_of(block):
    names = {"effect": "Effect", "sid": "Sid", "actions": "Action", "not_actions": "NotAction", "resources": "Resource",
             "not_resources": "NotResource"}
    out = {"Effect": "Allow"}
    for key, value in block.items():
        if key in names:
            out[names[key]] = value
    for _, c in block.get("condition", []):
        out.setdefault("Condition", {}).setdefault(c["test"], {})[c["variable"]] = c["values"]
    return out


def clean(value, resources):
    """References inside documents: the ARN of what they name, or of somebody outside (a variable)."""
    if isinstance(value, tuple):
        key = named(value, resources)
        kind = key and {"aws_iam_user": "user", "aws_iam_role": "role", "aws_iam_policy": "policy"}.get(key[0])
        return arn(kind, resources[key][0]["name"]) if kind else arn("user", "somebody-outside")
    if isinstance(value, dict):
        return {k: clean(v, resources) for k, v in value.items()}
    return [clean(v, resources) for v in value] if isinstance(value, list) else value


def terraform(files):
    """{(type, name): (attributes, file)} of resources, and documents of data sources."""
    resources, documents = {}, {}
    for path in files:
        body = Reader(path.read_text()).body(None)
        for labels, attributes in body.get("resource", []):
            resources[tuple(labels)] = (attributes, path)
        for labels, attributes in body.get("data", []):
            if labels[0] == "aws_iam_policy_document":
                documents[labels[1]] = document(*(statement_of(s) for _, s in attributes.get("statement", [])))
    return resources, documents


def named(ref, resources):
    """The resource that "aws_iam_user.x.name" or "${aws_iam_user.x.name}" is of."""
    m = re.search(r"(aws_iam_\w+)\.([\w-]+)", ref[1] if isinstance(ref, tuple) else str(ref))
    return (m[1], m[2]) if m and (m[1], m[2]) in resources else None


def doc_of(value, documents, resources):
    if isinstance(value, tuple):
        m = re.search(r"data\.aws_iam_policy_document\.([\w-]+)", value[1])
        return documents[m[1]]
    return clean(value, resources)


def holders(resources, documents):
    """What is attached to whom, in whose groups, by the resource's (type, name)."""
    attached, inline, groups = (collections.defaultdict(list) for _ in range(3))
    for (kind, name), (a, _) in resources.items():
        who = named(a.get("user") or a.get("role") or a.get("group"), resources)
        if kind.endswith("_policy_attachment"):
            policy = named(a["policy_arn"], resources)
            attached[who].append(attach(resources[policy][0]["name"]) if policy else
                                 {"PolicyName": a["policy_arn"].split("/")[-1], "PolicyArn": a["policy_arn"]})
        elif kind == "aws_iam_role":
            for p in a.get("managed_policy_arns", []):
                attached[(kind, name)].append(attach(resources[named(p, resources)][0]["name"]))
        elif kind in ("aws_iam_user_policy", "aws_iam_role_policy"):
            inline[who].append({"PolicyName": a.get("name", name),
                                "PolicyDocument": doc_of(a["policy"], documents, resources)})
        elif kind == "aws_iam_group_membership":
            for u in a["users"]:
                groups[named(u, resources)].append(resources[who][0]["name"])
    return attached, inline, groups


def vulnerable_account(files):
    """The snapshot, and {(kind, name of the principal): file that makes it}."""
    resources, documents = terraform(files)
    attached, inline, groups = holders(resources, documents)
    snapshot = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    owner = {}
    for key, (a, path) in resources.items():
        kind = key[0]
        if kind == "aws_iam_policy":
            snapshot["Policies"].append(managed(a["name"], doc_of(a["policy"], documents, resources)))
        elif kind == "aws_iam_group":
            snapshot["GroupDetailList"].append(group(a["name"], attached[key]))
        elif kind == "aws_iam_user":
            snapshot["UserDetailList"].append(user(a["name"], attached[key], groups[key]))
            snapshot["UserDetailList"][-1]["UserPolicyList"] = inline[key]
            owner["user", a["name"]] = path.stem
        elif kind == "aws_iam_role":
            trusted = doc_of(a["assume_role_policy"], documents, resources)
            snapshot["RoleDetailList"].append(role(a["name"], trusted, attached[key]))
            snapshot["RoleDetailList"][-1]["RolePolicyList"] = inline[key]
            owner["role", a["name"]] = path.stem
    return snapshot, owner


def vulnerable(program, root):
    base = root / "modules/free-resources"
    files = sorted((base / "privesc-paths").glob("*.tf")) + sorted((base / "tool-testing").glob("*.tf"))
    snapshot, owner = vulnerable_account(files)
    found, sure = collections.defaultdict(set), collections.defaultdict(set)
    for p in ask(program, snapshot):
        for x in p["escalations"]:
            found[owner[p["kind"], p["name"]]].add(x["id"])
            if x["certainty"] == "confirmed" and x["allowed"] == "yes":
                sure[owner[p["kind"], p["name"]]].add(x["id"])
    right = collections.Counter()
    total = collections.Counter()
    confirmed = 0
    for stem in sorted(set(owner.values())):
        wanted = next((v for k, v in VULNERABLE.items() if stem.startswith(k)), None)
        kind = stem[:2] if re.match(r"f[np]\d", stem) else "paths"
        if wanted is None and kind != "fp":
            continue
        total[kind] += 1
        confirmed += wanted in sure[stem]
        if wanted in found[stem] if wanted else not found[stem]:
            right[kind] += 1
        else:
            print(f"  differs: {stem}: wanted {wanted or 'nothing'}, found {sorted(found[stem])}")
    print(f"  paths             {right['paths']} of {total['paths']}")
    print(f"  traps             {right['fn']} of {total['fn']} that must be found,"
          f" {right['fp']} of {total['fp']} that must not")
    print(f"  with an end       {confirmed} of {total['paths'] + total['fn']}")
    return right == total and total["paths"] > 0


def main():
    program, what, root = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    sys.exit(0 if {"pathfinding": pathfinding, "vulnerable": vulnerable}[what](program, root) else 1)


main()
