#!/usr/bin/env python3
"""iam_paths.py SALLYPORT pathfinding|vulnerable DIR: paths of privilege escalation that others document.

pathfinding: DataDog/pathfinding.cloud. For each path an account is made in which a user and a role hold exactly the
permissions that it requires, and the principals that it needs exist; the path must be found, and must not be found when
any one of the permissions is missing or all are denied.
vulnerable: BishopFox/iam-vulnerable. Its Terraform files become one account; each principal of privesc-paths must have a
way up, and of tool-testing those called fn must, those called fp must not.
"""
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ACCOUNT = "123456789012"
ADMIN = {"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}


def arn(kind, name):
    return f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(*principals):
    return document(*({"Effect": "Allow", "Principal": p, "Action": "sts:AssumeRole"} for p in principals))


def user(name, policies=(), groups=()):
    return {"Path": "/", "UserName": name, "UserId": "AIDA" + name.upper()[:12], "Arn": arn("user", name),
            "GroupList": list(groups), "AttachedManagedPolicies": list(policies)}


def group(name, policies=()):
    return {"Path": "/", "GroupName": name, "GroupId": "AGPA" + name.upper()[:12], "Arn": arn("group", name),
            "GroupPolicyList": [], "AttachedManagedPolicies": list(policies)}


def role(name, trusted, policies=()):
    return {"Path": "/", "RoleName": name, "RoleId": "AROA" + name.upper()[:12], "Arn": arn("role", name),
            "AssumeRolePolicyDocument": trusted, "InstanceProfileList": [], "RolePolicyList": [],
            "AttachedManagedPolicies": list(policies)}


def managed(name, doc, attached=1):
    return {"PolicyName": name, "PolicyId": "ANPA" + re.sub(r"\W", "", name).upper()[:12], "Arn": arn("policy", name),
            "Path": "/", "DefaultVersionId": "v1", "AttachmentCount": attached, "IsAttachable": True,
            "PolicyVersionList": [{"Document": doc, "VersionId": "v1", "IsDefaultVersion": True}]}


def attach(name):
    return {"PolicyName": name, "PolicyArn": arn("policy", name)}


def ask(program, snapshot):
    """[(name of the principal, (administrator, {id: certainty}, unknown))]: a user and a role may share a name."""
    with tempfile.TemporaryDirectory() as d:
        path = pathlib.Path(d) / "account.json"
        path.write_text(json.dumps(snapshot))
        out = subprocess.run([program, "iam", "escalations", "--from", str(path), "--json"], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
    if out.returncode not in (0, 1, 3):
        sys.exit(f"iam escalations: status {out.returncode}: {out.stderr}")
    return [(p["name"], (p["administrator"], {e["id"]: e["certainty"] for e in p["escalations"]}, p["unknown"]))
            for p in json.loads(out.stdout)["principals"]]


def pathfinding_account(path, permissions, denied):
    """The asker, once as a user and once as a role, and whom the path may lead to."""
    needs = json.dumps(path.get("prerequisites", {})) + json.dumps(path.get("description", ""))
    services = sorted(set(re.findall(r"[a-z0-9.-]+\.amazonaws\.com", needs))) or ["ec2.amazonaws.com"]
    statements = [{"Effect": "Allow", "Action": permissions, "Resource": "*"}] if permissions else \
        [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]
    if denied:
        statements.append({"Effect": "Deny", "Action": permissions, "Resource": "*"})
    me = [attach("mine")]
    asker = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}  # by delegation: who asks needs the permission as well
    return {
        "UserDetailList": [user("asker", me, ["team"]), user("victim", [ADMIN])],
        "GroupDetailList": [group("team"), group("admins", [ADMIN])],
        "RoleDetailList": [
            role("asker", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), me),
            role("target", trust({"Service": services}, asker), [ADMIN, attach("of-target")]),
            # an administrator that nobody may assume yet
            role("closed", trust({"Service": "support.amazonaws.com"}), [ADMIN]),
            role("plain", trust({"Service": services}, asker), [attach("of-target")]),
        ],
        "Policies": [managed("mine", document(*statements), 2),
                     managed("of-target", document({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}), 2)],
    }


def has(program, path, permissions, denied=False):
    found = ask(program, pathfinding_account(path, permissions, denied))
    return any(path["id"] in ids for name, (_, ids, _) in found if name == "asker")


def pathfinding(program, root):
    import yaml  # PyYAML: of Debian too
    paths = [yaml.safe_load(p.read_text()) for p in sorted((root / "data/paths").glob("*/*.yaml"))]
    found = kept = removed = denied = 0
    for path in paths:
        permissions = [p["permission"] for p in path["permissions"]["required"]]
        if has(program, path, permissions):
            found += 1
        else:
            print(f"  not found: {path['id']} {' + '.join(permissions)}")
        for one in permissions:
            rest = [p for p in permissions if p != one]
            removed += 1
            if has(program, path, rest):
                print(f"  found without {one}: {path['id']}")
            else:
                kept += 1
        if has(program, path, permissions, denied=True):
            print(f"  found though denied: {path['id']}")
        else:
            denied += 1
    print(f"  paths found {found} of {len(paths)}; gone without one permission {kept} of {removed}; "
          f"gone when denied {denied} of {len(paths)}")
    return found == len(paths) and kept == removed and denied == len(paths)


# ---- the Terraform of iam-vulnerable: blocks, lists, objects, jsonencode, references ----

TOKEN = re.compile(r"""\s+|\#[^\n]*|//[^\n]*|(?P<string>"(?:\\.|[^"\\])*")|(?P<name>[A-Za-z_][\w-]*(?:\.[\w-]+|\[\d+\]|\.\*)*)|(?P<number>\d+)|(?P<sign>[{}\[\](),=:?!&|<>*+-])""")


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


def vulnerable_account(files):
    resources, documents = terraform(files)
    policies, attached, groups = [], collections.defaultdict(list), collections.defaultdict(list)
    inline = collections.defaultdict(list)
    for (kind, name), (a, _) in resources.items():
        if kind == "aws_iam_policy":
            policies.append(managed(a["name"], doc_of(a["policy"], documents, resources)))
        if kind in ("aws_iam_user_policy_attachment", "aws_iam_role_policy_attachment", "aws_iam_group_policy_attachment"):
            who = named(a.get("user") or a.get("role") or a.get("group"), resources)
            policy = named(a["policy_arn"], resources)
            if isinstance(a["policy_arn"], str):
                attached[who].append({"PolicyName": a["policy_arn"].split("/")[-1], "PolicyArn": a["policy_arn"]})
            elif policy:
                attached[who].append(attach(resources[policy][0]["name"]))
        if kind in ("aws_iam_user_policy", "aws_iam_role_policy"):
            who = named(a.get("user") or a.get("role"), resources)
            inline[who].append({"PolicyName": a.get("name", name),
                                "PolicyDocument": doc_of(a["policy"], documents, resources)})
        if kind in ("aws_iam_group_membership", "aws_iam_user_group_membership"):
            users = a.get("users", [a.get("user")])
            for u in users:
                for g in a.get("groups", [a.get("group")]):
                    groups[named(u, resources)].append(resources[named(g, resources)][0]["name"])
    snapshot = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": policies}
    owner = {}
    for (kind, name), (a, path) in resources.items():
        if kind == "aws_iam_user":
            snapshot["UserDetailList"].append(user(a["name"], attached[(kind, name)], groups[(kind, name)]))
            snapshot["UserDetailList"][-1]["UserPolicyList"] = inline[(kind, name)]
            owner[a["name"]] = path.stem
        if kind == "aws_iam_group":
            snapshot["GroupDetailList"].append(group(a["name"], attached[(kind, name)]))
        if kind == "aws_iam_role":
            snapshot["RoleDetailList"].append(role(a["name"], doc_of(a["assume_role_policy"], documents, resources), attached[(kind, name)]))
            snapshot["RoleDetailList"][-1]["RolePolicyList"] = inline[(kind, name)]
            owner[a["name"]] = path.stem
    # somebody to reach: an administrator of each kind, whose role the services of the paths may run as
    services = ["ec2", "lambda", "glue", "cloudformation", "datapipeline", "sagemaker", "codebuild", "elasticmapreduce"]
    snapshot["RoleDetailList"].append(role("high-priv", trust({"Service": [f"{s}.amazonaws.com" for s in services]},
                                                            {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), [ADMIN]))
    snapshot["UserDetailList"].append(user("high-priv", [ADMIN]))
    snapshot["GroupDetailList"].append(group("high-priv-group", [ADMIN]))
    return snapshot, owner


def vulnerable(program, root):
    base = root / "modules/free-resources"
    files = sorted((base / "privesc-paths").glob("*.tf")) + sorted((base / "tool-testing").glob("*.tf"))
    snapshot, owner = vulnerable_account(files)
    found = ask(program, snapshot)
    ways = collections.defaultdict(dict)
    for name, (administrator, ids, _) in found:
        if name in owner:
            ways[owner[name]].update({"administrator": "confirmed"} if administrator else {})
            ways[owner[name]].update(ids)
    wanted = [f.stem for f in files if re.match(r"privesc", f.stem) and f.parent.name == "privesc-paths" and f.stem in set(owner.values())]
    traps = [f.stem for f in files if re.match(r"f[np]\d", f.stem)]
    ok = 0
    for stem in wanted:
        if ways[stem]:
            ok += 1
        else:
            print(f"  nothing found: {stem}")
    right = 0
    for stem in traps:
        if bool(ways[stem]) == stem.startswith("fn"):
            right += 1
        else:
            print(f"  trap {stem}: {sorted(ways[stem])}")
    print(f"  principals with a way up {ok} of {len(wanted)} files; traps right {right} of {len(traps)}")
    return ok == len(wanted) and right == len(traps)


def main():
    program, what, root = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    ok = pathfinding(program, root) if what == "pathfinding" else vulnerable(program, root)
    sys.exit(0 if ok else 1)


main()
