"""Where @cloud-copilot/iam-simulate is known to differ from us, and why (docs/iam-conformance.md).

A class rewrites a case into one that means the same by the AWS documentation, but that does not meet the point of difference. When both
sides agree on the rewritten case, and we say the same of both, the class explains the difference. What we leave undecided has a reason of its own.
"""
import copy
import json
import re

EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
NOBODY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "nobody.amazonaws.com"}, "Action": "sts:AssumeRole", "Resource": "*"}]}


def listed(x):
    return x if isinstance(x, list) else [] if x is None else [x]


def documents(case):
    for k in ("identityPolicies", "permissionBoundaries", "endpointPolicies", "resourcePolicy", "sessionPolicy"):
        yield from listed(case.get(k))
    for k in ("serviceControlPolicies", "resourceControlPolicies"):
        for level in case.get(k, []):
            yield from level["policies"]


def statements(case):
    for d in documents(case):
        yield from listed(d["Statement"])


def tests(case):
    """(operator, key, values, the dict they stand in)"""
    for s in statements(case):
        for op, keys in s.get("Condition", {}).items():
            for k in keys:
                yield op, k, listed(keys[k]), keys


def over_values(case, change):
    """Replaces values of conditions: change(operator, value) gives a list."""
    for op, k, values, where in list(tests(case)):
        where[k] = [n for v in values for n in change(op, v)]


def over_context(case, change):
    c = case["request"]["context"]
    for k, v in list(c.items()):
        c[k] = [change(k, x) for x in v] if isinstance(v, list) else change(k, v)


def principal(case):
    p = case["request"]["principal"]
    return p if isinstance(p, str) else ""


def root(case):
    if principal(case).endswith(":root"):
        case["identityPolicies"].append(copy.deepcopy(EVERYTHING))


def trust(case):
    r = case["request"]
    if r["action"].lower().startswith("sts:") and "resourcePolicy" not in case and re.match(r"arn:[^:]*:iam:[^:]*:[^:]*:role/", r["resource"]["resource"]):
        case["resourcePolicy"] = copy.deepcopy(NOBODY)


def sessions(case):
    """What a resource's policy gives to "*" or to the session itself, no session policy takes away but by a Deny."""
    if "resourcePolicy" in case and "sessionPolicy" in case:
        d = case["sessionPolicy"]
        d["Statement"] = listed(d["Statement"]) + copy.deepcopy(EVERYTHING["Statement"])


def federated(case):
    """A federated user without a session policy has no permissions but those of resources' policies."""
    if ":federated-user/" in principal(case) and "sessionPolicy" not in case:
        case["sessionPolicy"] = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "none:None", "Resource": "*"}]}


def short_arns(case):
    for s in statements(case):
        if "NotResource" in s:
            s["NotResource"] = [p if p == "*" or p.count(":") >= 5 else p + ":*" * (5 - p.count(":")) for p in listed(s["NotResource"])]


def all_addresses(case):
    over_values(case, lambda op, v: ["0.0.0.0/1", "128.0.0.0/1"] if v == "0.0.0.0/0" else [v])


def lone_addresses(case):
    over_values(case, lambda op, v: [v + ("/128" if ":" in v else "/32")] if "IpAddress" in op and "/" not in v else [v])


def old_versions(case):
    def plain(x):
        if isinstance(x, str):
            return x.replace("${", "${$}{")
        return [plain(y) for y in x] if isinstance(x, list) else {k: plain(y) for k, y in x.items()} if isinstance(x, dict) else x
    for d in documents(case):
        if d.get("Version") != "2012-10-17":
            d["Statement"] = plain(d["Statement"])
            d["Version"] = "2012-10-17"


def not_arns(case):
    """Not "arn:" at first, or five fields."""
    over_context(case, lambda k, v: "nothing" if v.count(":") == 4 or v.count(":") > 4 and not re.match(r"arn:|[0-9a-f:.]+$", v) else v)


def no_numbers(case):
    over_context(case, lambda k, v: "ten" if v == "9 lives" else v)
    over_values(case, lambda op, v: ["ten"] if v == "9 lives" else [v])


def seconds(case):
    over_context(case, lambda k, v: v + "000" if re.fullmatch(r"\d{10}", v) else v)
    over_values(case, lambda op, v: [v + "000"] if re.fullmatch(r"\d{10}", str(v)) and "Date" in op else [v])


def empty_lists(case):
    c = case["request"]["context"]
    for k in [k for k, v in c.items() if v == []]:
        del c[k]


def divided(case):
    """Variables with a ':' in the first five fields of an ARN: their values instead."""
    c = {k.lower(): v for k, v in case["request"]["context"].items()}

    def change(op, v):
        m = re.search(r"\$\{(aws:PrincipalAccount)\}", str(v))
        return [v.replace(m[0], c[m[1].lower()])] if m and op.split(":")[-1].startswith("Arn") and m[1].lower() in c else [v]
    over_values(case, change)


def null_variables(case):
    """A variable that is absent equals nothing, so a negated operator holds: without the value, or without the test."""
    c = {k.lower() for k, v in case["request"]["context"].items() if not isinstance(v, list)}
    for d in documents(case):
        for s in listed(d["Statement"]):
            for op, keys in list(s.get("Condition", {}).items()):
                for k, values in list(keys.items()):
                    base = op.split(":")[-1]
                    if "Not" not in base or base.startswith("NotIp"):
                        continue
                    kept = [v for v in listed(values) if not any("," not in n and n not in "*?$" and n.lower() not in c for n in re.findall(r"\$\{([^}]*)\}", str(v)))]
                    if len(kept) < len(listed(values)):
                        keys[k] = kept or ["arn:nobody:nothing:::nowhere" if base.startswith("Arn") else "nothing that there is"]


def null_resources(case):
    """A NotResource with a variable that is absent leaves nothing out."""
    c = {k.lower() for k, v in case["request"]["context"].items() if not isinstance(v, list)}
    for s in statements(case):
        if "NotResource" in s:
            kept = [p for p in listed(s["NotResource"]) if not any("," not in n and n not in "*?$" and n.lower() not in c for n in re.findall(r"\$\{([^}]*)\}", p))]
            s["NotResource"] = kept or ["arn:aws:nothing:::nowhere"]


# What no policy can give of a service-linked role.
OF_LINKED_ROLES = {"iam:attachrolepolicy", "iam:detachrolepolicy", "iam:putrolepolicy", "iam:deleterolepolicy", "iam:putrolepermissionsboundary",
                   "iam:deleterolepermissionsboundary", "iam:updateassumerolepolicy", "iam:deleterole"}


def linked_role(case):
    """A service-linked role is the service's: nothing allows to change it."""
    r = case["request"]
    if r["action"].lower() in OF_LINKED_ROLES and ":role/aws-service-role/" in r["resource"]["resource"]:
        for s in statements(case):
            if s["Effect"] == "Allow":
                s.pop("NotAction", None)
                s["Action"] = "nothing:Nothing"


def session_token(case):
    """Users and the root user may ask for a token of their session, nobody else can; policies have no say."""
    r = case["request"]
    if r["action"].lower() != "sts:getsessiontoken" or not principal(case).startswith("arn:"):
        return
    for k in [k for k in case if k.endswith("Policies") or k.endswith("Policy") or k == "permissionBoundaries"]:
        del case[k]
    may = ":user/" in principal(case) or principal(case).endswith(":root")
    case["identityPolicies"] = [copy.deepcopy(EVERYTHING)] if may else []
    r["resource"] = {"resource": "*", "accountId": principal(case).split(":")[4]}


def matches(pattern, arn):
    """Field by field; a field of the pattern has no ':' but for the last."""
    p, a = pattern.split(":", 5), arn.split(":", 5)
    return len(p) == len(a) == 6 and all(re.fullmatch(re.escape(x).replace(r"\*", ".*").replace(r"\?", "."), y, re.S) for x, y in zip(p, a))


def resource_types(case):
    """Patterns with a wildcard where the type of the resource stands: the resource that is asked for, or another."""
    asked = case["request"]["resource"]["resource"]

    def plain(p):
        tail = p.split(":", 5)[-1]
        if p.count(":") < 5 or "${" in p or not re.match(r"[^/:]*[*?][^/:]*[/:]", tail):
            return p
        return asked if matches(p, asked) else "arn:aws:nothing:::nowhere"
    for s in statements(case):
        for k in ("Resource", "NotResource"):
            if k in s:
                s[k] = [plain(p) for p in listed(s[k])]


CLASSES = {
    "the root user needs no policy": root,
    "a role without a trust policy trusts nobody": trust,
    "what a resource's policy gives a session": sessions,
    "a federated user without a session policy": federated,
    "short ARNs in NotResource": short_arns,
    "0.0.0.0/0": all_addresses,
    "one address is a network of one": lone_addresses,
    "no variables before 2012-10-17": old_versions,
    "an ARN has six fields, arn: the first": not_arns,
    "text behind a number is no number": no_numbers,
    "epoch in seconds": seconds,
    "a list without values is no value": empty_lists,
    "variables in the first fields of an ARN": divided,
    "wildcards where the type of a resource stands": resource_types,
    "an absent variable equals nothing": null_variables,
    "an absent variable in NotResource": null_resources,
    "a service-linked role is the service's": linked_role,
    "sts:GetSessionToken needs no permission": session_token,
}


def rewritten(case):
    """The case under each class that changes it, then under all of them: {name: case}."""
    out, every = {}, copy.deepcopy(case)
    for name, change in CLASSES.items():
        one = copy.deepcopy(case)
        change(one)
        change(every)
        if one != case:
            out[name] = one
    if len(out) > 1:
        out["several of these"] = every
    return out


def denied_anyway(case, ours, theirs):
    r = case["request"]
    return (ours, theirs) == ("ExplicitlyDenied", "ImplicitlyDenied") and r["action"].lower().startswith("iam:") and ":iam::aws:policy/" in r["resource"]["resource"]


def empty(v):
    return v != [] and all(x == "" for x in listed(v))


# Those that AWS lists.
RULED = {"s3", "sts", "kms", "sqs", "ecr", "secretsmanager", "aoss", "cognito-idp", "cognito-identity", "logs", "dynamodb"}


def spared(case):
    """Those of a Deny with NotPrincipal who are who asks: the user or session, or its role."""
    who = principal(case)
    role = who.split("/")[1] if ":assumed-role/" in who else None
    for s in statements(case):
        if s["Effect"] != "Deny" or not isinstance(s.get("NotPrincipal"), dict):
            continue
        for name in listed(s["NotPrincipal"].get("AWS")):
            if name == who or (role and ":role/" in name and name.split("/")[-1] == role):
                return True
    return False


def undecided(case):
    """Why we could not tell, or None."""
    if case["request"]["action"].split(":")[0].lower() not in RULED and '"Deny"' in json.dumps(case.get("resourceControlPolicies")):
        return "whether RCPs hold for a service"
    context = {k.lower(): v for k, v in case["request"]["context"].items()}
    for op, key, values, _ in tests(case):
        if ":" in op and empty(context.get(key.lower(), [])):
            return "a set of empty texts"
        if op.split(":")[-1].startswith("Arn") and any(v.count(":") < 5 and v.endswith("*") for v in values):
            return "a star for an ARN"
    if any(v == "" and "${" + k in str(case).lower() for k, v in context.items()):
        return "a variable with an empty value"
    if ("permissionBoundaries" in case or "sessionPolicy" in case or ":federated-user/" in principal(case)) and "NotPrincipal" in str(case.get("resourcePolicy")):
        return "Allow with NotPrincipal beside a boundary or session policy"
    if any("NotPrincipal" in s and s["Effect"] == "Deny" and {"111122223333", "arn:aws:iam::111122223333:root", "444455556666", "arn:aws:iam::444455556666:root"}
           & set(listed((s["NotPrincipal"] if isinstance(s["NotPrincipal"], dict) else {}).get("AWS"))) for s in statements(case)):
        return "Deny with NotPrincipal of an account, asked by one of it"
    if spared(case):
        return "Deny with NotPrincipal of who asks, without the account or the role"
    if ":federated-user/" in principal(case) and ":user/" in str(case.get("resourcePolicy")):
        return "which user a federated user is"
    return None
