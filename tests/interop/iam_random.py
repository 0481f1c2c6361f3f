"""Random IAM policies and requests that are near them, for comparing evaluators. All by one random.Random: a seed gives the same cases."""
import base64
import json
import pathlib
import re

ACCOUNTS = ["111122223333", "444455556666"]
TEXTS = ["red", "Red", "blue", "team-a", "team-b", "home/", "home/ann/x", "", "a*b", "vpce-1a2b3c4d", "eu-west-1", "us-east-1", "o-abcdefghij"]
KEYS = {
    "String": ["aws:username", "aws:PrincipalTag/team", "s3:prefix", "aws:ResourceTag/team", "aws:RequestedRegion", "aws:SourceVpce", "aws:TagKeys", "aws:CalledVia"],
    "Numeric": ["s3:max-keys", "sts:DurationSeconds", "aws:MultiFactorAuthAge"],
    "Date": ["aws:CurrentTime", "aws:TokenIssueTime", "aws:EpochTime"],
    "Bool": ["aws:SecureTransport", "aws:MultiFactorAuthPresent", "aws:ViaAWSService"],
    "Ip": ["aws:SourceIp", "aws:VpcSourceIp"],
    "Arn": ["aws:PrincipalArn", "aws:SourceArn"],
    "Binary": ["demo:Digest"],
}
OPERATORS = {
    "String": ["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike"],
    "Numeric": ["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"],
    "Date": ["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"],
    "Bool": ["Bool"],
    "Ip": ["IpAddress", "NotIpAddress"],
    "Arn": ["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"],
    "Binary": ["BinaryEquals"],
}
NETWORKS = ["10.0.0.0/8", "10.1.0.0/16", "203.0.113.7", "203.0.113.0/25", "0.0.0.0/0", "192.0.2.0/31", "2001:db8::/32", "2001:db8:0:1::/64", "2001:db8::7", "::/0"]
ADDRESSES = ["10.0.0.1", "10.1.2.3", "10.2.0.1", "203.0.113.7", "203.0.113.130", "192.0.2.1", "2001:db8::7", "2001:db8:0:0:0:0:0:7", "2001:db8:0:1::9", "2001:db9::1", "fe80::1"]
DATES = ["2024-01-01T00:00:00Z", "2024-01-01", "2024-06-30T12:30:00Z", "2024-06-30T12:30:00.500Z", "2023-12-31T23:59:59Z", "2024-01-01T02:00:00+02:00", "1704067200000", "1719750600000", "1704067200"]
NUMBERS = ["0", "1", "9", "10", "10.0", "10.5", "-3", "3600", "43200", "1000000"]
ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "ec2:RunInstances", "ec2:DescribeInstances", "iam:PassRole", "iam:CreatePolicyVersion", "kms:Decrypt", "kms:CreateAlias",
           "sts:AssumeRole", "sts:GetCallerIdentity", "sagemaker:CreateTrainingJob", "dynamodb:GetItem", "lambda:InvokeFunction"]
RESOURCES = {
    "s3": ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*", "arn:aws:s3:::b?cket/home/${aws:username}/*", "arn:aws:s3:::*/${aws:PrincipalTag/team, 'none'}/*", "arn:aws:s3*"],
    "ec2": ["arn:aws:ec2:*:*:instance/*", "arn:aws:ec2:eu-west-1:111122223333:instance/i-*"],
    "iam": ["arn:aws:iam::*:role/*", "arn:aws:iam::111122223333:role/service/ml-*", "arn:aws:iam::aws:policy/*"],
    "kms": ["arn:aws:kms:*:*:key/*", "arn:aws:kms:*:*:alias/*"],
    "sts": ["arn:aws:iam::*:role/*", "arn:aws:iam::444455556666:role/deploy"],
    "sagemaker": ["arn:aws:sagemaker:*:*:training-job/*"],
    "dynamodb": ["arn:aws:dynamodb:*:*:table/*", "arn:aws:dynamodb"],
    "lambda": ["arn:aws:lambda:*:*:function:*", "arn:aws:lambda:*:*:function:*:*"],
}


def listed(x):
    return x if isinstance(x, list) else [] if x is None else [x]


def kind_of(operator):
    base = operator.split(":")[-1]
    for kind in ("String", "Numeric", "Date", "Bool", "Arn", "Binary"):
        if base.startswith(kind):
            return kind
    return "Ip" if "IpAddress" in base else "Null"


class Maker:
    def __init__(self, r, folder=None):
        self.r = r
        self.pool = []
        self.managed = []
        self.actions = {}
        for path in sorted(pathlib.Path(folder).glob("*.json")) if folder else []:
            text = json.loads(path.read_text())
            self.actions[len(self.pool)] = [a["effective_action"] for a in text.get("effective_actions", [])]
            self.managed.append(self.add(text["document"]))
        self.everything = self.add({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
        self.all_for_anybody = self.for_anybody(self.guard(self.everything, True))
        self.made = [self.add(self.policy()) for _ in range(600)]

    def add(self, document):
        self.pool.append(document)
        return len(self.pool) - 1

    def maybe(self, p):
        return self.r.random() < p

    # ---- policies

    def value(self, kind):
        r = self.r
        if kind == "String":
            v = r.choice(TEXTS)
            if self.maybe(.3):
                v = r.choice(["*", "?*", v[:3] + "*", "*" + v[2:], "t??m-*", "${aws:username}", "${aws:PrincipalTag/team, 'red'}", "x-${aws:username}-*", "${*}", "a${?}"])
            return v
        if kind == "Numeric":
            return r.choice(NUMBERS + ["ten", "9 lives"] * self.maybe(.1))
        if kind == "Date":
            return r.choice(DATES + ["soon"] * self.maybe(.2))
        if kind == "Bool":
            return r.choice(["true", "false", "True", "${aws:SecureTransport}"] if self.maybe(.2) else ["true", "false"])
        if kind == "Ip":
            return r.choice(NETWORKS)
        if kind == "Arn":
            return r.choice(["arn:aws:iam::111122223333:role/*", "arn:aws:iam::*:user/ann", "arn:aws:sts::111122223333:assumed-role/ml-*/*", "arn:*:iam::*:*", "arn:aws:s3:::bucket",
                             "arn:aws:iam::111122223333:user/${aws:username}", "arn:aws:lambda:eu-west-1:*:function:f?",
                             "arn:aws:iam::${aws:PrincipalAccount}:role/*", *["*", "arn:aws:iam*", "bucket"] * self.maybe(.1)])
        return base64.b64encode(r.choice([b"abc", b"abcd", b"\0\1"])).decode()

    def condition(self):
        out = {}
        for _ in range(self.r.choice([0, 0, 1, 1, 2, 3])):
            kind = self.r.choice(list(KEYS) + ["String"] * 3)
            op = self.r.choice(OPERATORS[kind])
            if self.maybe(.1):
                kind, op = "Null", "Null"
            key = self.r.choice(KEYS["String" if kind == "Null" else kind])
            if self.maybe(.05):
                key = key.swapcase()
            values = ["true", "false"] if kind == "Null" else [self.value(kind) for _ in range(3)]
            if kind != "Null":
                op = self.r.choice(["", "", "", "ForAllValues:", "ForAnyValue:"]) + op + "IfExists" * self.maybe(.15)
            out.setdefault(op, {})[key] = self.r.choice([values[0], values[:1], values[:2], values])
        return out

    def statement(self):
        r = self.r
        s = {"Effect": "Allow" if self.maybe(.75) else "Deny"}
        actions = [self.action_pattern(a) for a in r.sample(ACTIONS, r.choice([1, 1, 2, 4]))]
        s["NotAction" if self.maybe(.1) else "Action"] = actions if self.maybe(.8) else actions[0]
        service = actions[0].split(":")[0].lower()
        pool = RESOURCES.get(service, []) + ["*"]
        s["NotResource" if self.maybe(.1) else "Resource"] = r.choice([r.choice(pool), [r.choice(pool), r.choice(pool)]])
        c = self.condition()
        if c:
            s["Condition"] = c
        return s

    def action_pattern(self, a):
        service, name = a.split(":")
        return self.r.choice([a, a, a.lower(), service + ":*", service + ":" + name[:3] + "*", service + ":?" + name[1:], service.upper() + ":*" + name[4:], "*"])

    def policy(self):
        return {"Version": "2012-10-17" if self.maybe(.95) else "2008-10-17", "Statement": [self.statement() for _ in range(self.r.choice([1, 1, 2, 3]))]}

    def resource_policy(self, principal, action, resource):
        out = []
        for _ in range(self.r.choice([1, 1, 2])):
            s = self.statement()
            if self.maybe(.8):
                s = {k: v for k, v in s.items() if k in ("Effect", "Condition") and (k == "Effect" or self.maybe(.3))}
                s["Action"] = self.action_pattern(action)
                s["Resource"] = resource if self.maybe(.7) else "*"
            s["Principal" if self.maybe(.93) else "NotPrincipal"] = self.principal_element(principal)
            out.append(s)
        return self.add({"Version": "2012-10-17", "Statement": out})

    def guard(self, index, short):
        """A policy of an endpoint or of the organisation: short ARNs are refused there (`short`: the ones that end in a star are not)."""
        def whole(p):
            return p if p == "*" or p.count(":") >= 5 or short and p.endswith("*") else p + ":*" * (5 - p.count(":"))
        document = json.loads(json.dumps(self.pool[index]))
        for s in listed(document["Statement"]):
            for k in ("Resource", "NotResource"):
                if k in s:
                    s[k] = [whole(p) for p in listed(s[k])]
        return self.add(document)

    def for_anybody(self, index):
        """The same with a principal, as resource control policies and those of endpoints must have."""
        for s in listed(self.pool[index]["Statement"]):
            s["Principal"] = "*"
        return index

    def principal_element(self, principal):
        names = [self.named(principal) for _ in range(self.r.choice([1, 1, 2]))]
        if "*" in names and self.maybe(.7):
            return "*"
        out = {}
        for n in names:
            out.setdefault("Service" if n.endswith(".amazonaws.com") else "AWS", []).append(n)
        return {k: v[0] if len(v) == 1 and self.maybe(.5) else v for k, v in out.items()}

    def named(self, principal):
        r = self.r
        if not isinstance(principal, str) or not principal.startswith("arn:"):
            return r.choice([principal if isinstance(principal, str) else "*", "*", "lambda.amazonaws.com", ACCOUNTS[0]])
        account = principal.split(":")[4]
        near = [principal, principal, account, f"arn:aws:iam::{account}:root", "*", r.choice(ACCOUNTS), principal + "x", "s3.amazonaws.com"]
        m = re.match(r"arn:aws:sts::(\d+):assumed-role/([^/]+)/", principal)
        if m:
            near += [f"arn:aws:iam::{m[1]}:role/{m[2]}"] * 3
        m = re.match(r"arn:aws:sts::(\d+):federated-user/(.+)", principal)
        if m:
            near += [f"arn:aws:iam::{m[1]}:user/{m[2]}"]
        return r.choice(near)

    # ---- requests

    def instance(self, pattern, context):
        """A text that the pattern matches, most of the time."""
        def variable(m):
            name, _, fallback = m[1].partition(", ")
            got = context.get(name, fallback.strip("'") or "someone")
            return m[1] if m[1] in "*?$" else got if isinstance(got, str) else got[0] if got else ""
        text = re.sub(r"\$\{([^}]*)\}", variable, pattern)
        return "".join(self.run() if c == "*" else self.r.choice("abcXYZ0-/") if c == "?" else c for c in text)

    def run(self):
        return self.r.choice(["", "a", "x1", "eu-west-1", ACCOUNTS[0], "home/ann", "team-a", "a:b", "Some-Name_9", "prod/2024/file.txt"])

    def mutated(self, text):
        r, i = self.r, self.r.randrange(len(text) + 1)
        return r.choice([text[:i] + text[i + 1:], text[:i] + r.choice("aZ0-/:.*") + text[i:], text.swapcase(), text + "x", text[:i], "x" + text, text.replace("aws", "aws-cn", 1)])

    def action(self, policy, statement):
        r = self.r
        if "Action" in statement and self.maybe(.85):
            pattern = r.choice(listed(statement["Action"]))
            known = [a for a in self.actions.get(policy, []) if re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), a, re.I)] if self.maybe(.7) else []
            action = r.choice(known) if known else r.choice(ACTIONS) if pattern == "*" else self.instance(pattern, {})
            action = re.sub(r"[^A-Za-z0-9:-]", "", action)
        else:
            action = r.choice(ACTIONS + self.actions.get(policy, [])[:50])
        if self.maybe(.08):
            action = self.mutated(action).replace("*", "").replace("/", "")
        if self.maybe(.05):
            action = action.lower()
        service, colon, name = action.partition(":")
        return service + ":" + name if colon and service and name and ":" not in name else r.choice(ACTIONS)

    def resource(self, statement, context, action):
        r = self.r
        patterns = [p for p in listed(statement.get("Resource")) + listed(statement.get("NotResource")) if p != "*"]
        if not patterns or self.maybe(.1):
            patterns = RESOURCES.get(action.split(":")[0].lower(), ["arn:aws:sqs:eu-west-1:111122223333:queue"])
        resource = self.instance(r.choice(patterns), context)
        if action.lower().startswith("sts:"):  # its actions are about roles
            resource = f"arn:aws:iam::{r.choice(ACCOUNTS)}:role/" + r.choice(["deploy", "ml-train", "path/deploy", "a:b"])
        elif self.maybe(.12) and not action.lower().startswith("kms:") and ":iam::aws:" not in resource:
            resource = self.mutated(resource)
        resource = resource.replace("*", "s").replace("?", "q")
        parts = resource.split(":")
        return resource if len(parts) >= 6 and parts[0] == "arn" and all(parts[1:3]) and parts[5] else ":".join(["arn", "aws", "sqs", "eu-west-1", ACCOUNTS[0], "queue"])

    def request_value(self, kind, policy_value, context):
        """A value near one of the policy."""
        r, v = self.r, str(policy_value)
        if kind == "String":
            v = self.instance(v, context)
            return self.mutated(v) if self.maybe(.2) else v.swapcase() if self.maybe(.1) else v
        if kind == "Numeric":
            return r.choice(NUMBERS + [v] * 8 + ["ten", "9 lives"])
        if kind == "Date":
            return r.choice(DATES + [v] * 6 + ["soon"])
        if kind in ("Bool", "Null"):
            return r.choice(["true", "false", "TRUE", "yes"] if self.maybe(.2) else ["true", "false"])
        if kind == "Ip":
            return r.choice(ADDRESSES + [v.split("/")[0]] * 4 + ["here"])
        if kind == "Arn":
            v = self.instance(v, context)
            return self.mutated(v) if self.maybe(.2) else v
        return v if self.maybe(.6) else base64.b64encode(b"other").decode()

    def context(self, documents, principal):
        r = self.r
        out = {"aws:username": r.choice(["ann", "bob", "ann", "a*"])} if self.maybe(.7) else {}
        if self.maybe(.6):
            out["aws:PrincipalTag/team"] = r.choice(["team-a", "red", "none"])
        if isinstance(principal, str) and principal.startswith("arn:") and self.maybe(.8):
            out["aws:PrincipalArn"] = principal
            out["aws:PrincipalAccount"] = principal.split(":")[4]
        present = r.choice([.3, .7, .9])
        for d in documents:
            for s in listed(d.get("Statement")):
                for op, tests in s.get("Condition", {}).items():
                    for key, values in tests.items():
                        if self.maybe(1 - present) or any(k.lower() == key.lower() for k in out) or not listed(values):
                            continue
                        self.give(out, key, op, listed(values))
        return out

    def give(self, out, key, op, values):
        r, kind = self.r, kind_of(op)
        many = ":For" in ":" + op or key in ("aws:TagKeys", "aws:CalledVia")
        if self.maybe(.04):
            many = not many
        if kind == "Null" and self.maybe(.5):
            kind = "String"
        got = [self.request_value(kind, r.choice(values), out) for _ in range(r.choice([1, 1, 2, 3]) if many else 1)]
        name = key.upper() if self.maybe(.03) else key
        out[name] = [] if many and self.maybe(.04) else got if many else got[0]

    def principal(self):
        r, account = self.r, self.r.choice([ACCOUNTS[0]] * 3 + [ACCOUNTS[1]])
        return r.choice([f"arn:aws:iam::{account}:user/ann"] * 3 + [f"arn:aws:iam::{account}:role/deploy", f"arn:aws:sts::{account}:assumed-role/deploy/build-1"] * 2 +
                        [f"arn:aws:sts::{account}:assumed-role/ml-train/x", f"arn:aws:sts::{account}:federated-user/ann"] * 2 +
                        ["lambda.amazonaws.com", {"type": "Anonymous"}, f"arn:aws:iam::{account}:root" if self.maybe(.2) else f"arn:aws:iam::{account}:role/path/deploy"])

    def case(self):
        r = self.r
        chosen = [r.choice(self.managed) if self.managed and self.maybe(.7) else r.choice(self.made) for _ in range(r.choice([1, 1, 1, 2, 3]))]
        statement = r.choice(listed(self.pool[chosen[0]]["Statement"]))
        principal = self.principal()
        out = {"identityPolicies": chosen}
        person = isinstance(principal, str) and principal.startswith("arn:")
        if self.maybe(.2):
            out["permissionBoundaries"] = [r.choice([self.everything, chosen[0], r.choice(self.made)]) for _ in range(r.choice([1, 1, 2]))]
        if self.maybe(.1):
            out["sessionPolicy"] = r.choice([self.everything, chosen[0], r.choice(self.made)])
        if self.maybe(.1):
            out["endpointPolicies"] = [self.for_anybody(self.guard(r.choice([self.everything, self.everything, r.choice(self.made)]), True))]
        if self.maybe(.2):
            out["serviceControlPolicies"] = [{"policies": [self.everything] * self.maybe(.9) + [self.guard(r.choice(self.made), True)] * self.maybe(.4)} for _ in range(r.choice([1, 2, 3]))]
        if self.maybe(.1):
            out["resourceControlPolicies"] = [{"policies": [self.all_for_anybody] + [self.for_anybody(self.guard(r.choice(self.made), False))] * self.maybe(.5)} for _ in range(r.choice([1, 2]))]
        used = [self.pool[i] for i in chosen + out.get("permissionBoundaries", []) + listed(out.get("sessionPolicy"))]
        context = self.context(used[:1] if self.maybe(.3) else used, principal)
        action = self.action(chosen[0], statement)
        only = self.maybe(.12)
        resource = "*" if only else self.resource(statement, context, action)
        if ":iam::aws:policy/" in resource and action.lower().startswith("iam:"):  # no other action of IAM is about a policy
            action = r.choice(["iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:GetPolicyVersion", "iam:ListPolicyVersions"])
        account = "".join(resource.split(":")[4:5])
        if not re.fullmatch(r"\d{12}", account):
            account = r.choice([ACCOUNTS[0]] * 3 + [ACCOUNTS[1]])
        if self.maybe(.35 if person else 1) and not only:
            out["resourcePolicy"] = self.resource_policy(principal, action, resource)
            context.update(self.context([self.pool[out["resourcePolicy"]]], principal) if self.maybe(.6) else {})
        if not person:  # a service, or nobody: has no policies of its own
            out = {k: v for k, v in out.items() if k in ("resourcePolicy", "endpointPolicies", "resourceControlPolicies")}
            out["identityPolicies"] = []
        if person and principal.endswith(":root"):  # nor has the root user
            out = {k: v for k, v in out.items() if k not in ("permissionBoundaries", "sessionPolicy")}
        out["request"] = {"action": action, "resource": {"resource": resource, "accountId": account}, "principal": principal, "context": dedup(context), "wildcardOnlyAction": only}
        return out


def dedup(context):
    """Names of keys have no case: the first of two stays."""
    seen = {}
    for k, v in context.items():
        seen.setdefault(k.lower(), (k, v))
    return dict(seen.values())
