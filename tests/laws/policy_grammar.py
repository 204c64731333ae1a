"""IAM's policy grammar and quotas, written from AWS's pages alone: neither the product's nor the sandbox's code.

Sources, all in the IAM User Guide: "Grammar of the IAM JSON policy language", "IAM JSON policy elements: Sid", "IAM JSON
policy elements: Condition operators", "AWS JSON policy elements: NotPrincipal", "IAM and AWS STS quotas".
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPERATOR = re.compile(
    r"""((ForAllValues|ForAnyValue):)?
    ( String(Not)?Equals(IgnoreCase)? | String(Not)?Like
    | Numeric((Not)?Equals|(Less|Greater)Than(Equals)?)
    | Date((Not)?Equals|(Less|Greater)Than(Equals)?)
    | Bool | BinaryEquals | (Not)?IpAddress | Arn(Not)?(Equals|Like) )
    (IfExists)? | Null""",
    re.VERBOSE | re.IGNORECASE,
)
_KEY = re.compile(r"[A-Za-z0-9./_-]+:\S.*", re.DOTALL)  # an issuer's keys have its address for a prefix
_ACTION = re.compile(r"\*|[a-zA-Z0-9-]+:[a-zA-Z0-9*?]+")
_RESOURCE = re.compile(r"\*|arn:[^:]+:[^:*?]+:[^:]*:[^:]*:.*", re.DOTALL)
_IAM_TYPES = [
    "access-report",
    "federated-user",
    "group",
    "instance-profile",
    "mfa",
    "oidc-provider",
    "policy",
    "report",
    "role",
    "saml-provider",
    "server-certificate",
    "sms-mfa",
    "user",
]
_VARIABLE = re.compile(r"\$\{[A-Za-z0-9*?$:/+=.@_ -]+(, ?'[^']*')?\}")
_PRINCIPALS = {"AWS", "Federated", "Service", "CanonicalUser"}
_BLOCKS = ("Principal", "Action", "Resource")

INLINE = {"AWS::IAM::User": 2048, "AWS::IAM::Group": 5120, "AWS::IAM::Role": 10240}
MANAGED, TRUST = 6144, 2048
NAMES = {
    "UserName": 64,
    "GroupName": 128,
    "RoleName": 64,
    "ManagedPolicyName": 128,
    "PolicyName": 128,
    "InstanceProfileName": 128,
    "Path": 512,
    "Description": 1000,
}


def is_reference(value: Any) -> bool:
    """Tell whether CloudFormation puts a text here."""
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))


def mistakes(document: Any, *, identity: bool = False, trust: bool = False) -> Iterator[str]:
    """Yield where a document leaves the grammar: a resource's, an identity's, or a role's trust policy."""
    if not isinstance(document, dict):
        yield "a policy is an object"
        return
    yield from (f"unknown element {name}" for name in document.keys() - {"Version", "Id", "Statement"})
    if document.get("Version", "2008-10-17") not in ("2008-10-17", "2012-10-17"):
        yield "unknown version"
    statements = document.get("Statement")
    statements = [statements] if isinstance(statements, dict) else statements
    if not isinstance(statements, list) or not statements:
        yield "no statement"
        return
    sids = [each["Sid"] for each in statements if isinstance(each, dict) and each.get("Sid")]
    if len(sids) != len(set(map(str, sids))):
        yield "a Sid twice"
    for statement in statements:
        if isinstance(statement, dict):
            yield from _statement(statement, identity=identity, trust=trust)
        else:
            yield "a statement is an object"


def _statement(statement: dict[str, Any], *, identity: bool, trust: bool) -> Iterator[str]:
    blocks = {name for each in _BLOCKS for name in (each, f"Not{each}")}
    yield from (
        f"unknown element {name}" for name in statement.keys() - blocks - {"Sid", "Effect", "Condition"}
    )
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield "no effect"
    sid = statement.get("Sid", "")
    if not isinstance(sid, str) or not re.fullmatch("[a-zA-Z0-9]*", sid):
        yield "a Sid is letters and digits"
    required = {"Action"} | (
        {"Principal"} if trust else {"Resource"} if identity else {"Principal", "Resource"}
    )
    for name in _BLOCKS:
        present = [each for each in (name, f"Not{name}") if each in statement]
        if len(present) != (name in required) or (trust and "NotPrincipal" in present):
            yield f"{len(present)} of {name} and Not{name}"
        for each in present:
            yield from _values(name, statement[each], trust=trust)
    yield from _conditions(statement.get("Condition", {}))


def _values(block: str, value: Any, *, trust: bool) -> Iterator[str]:
    if block == "Principal":
        if value != "*" and not (isinstance(value, dict) and value and value.keys() <= _PRINCIPALS):
            yield "unknown principal"
            return
        lists = [] if value == "*" else list(value.values())
    else:
        lists = [value]
    for each in lists:
        texts = each if isinstance(each, list) else [each]
        if not texts:
            yield f"no {block}"
        for text in texts:
            if not is_reference(text):
                yield from _text(block, text, trust=trust)


def _text(block: str, text: Any, *, trust: bool) -> Iterator[str]:
    if not isinstance(text, str) or not text:
        yield f"{block} is a text"
    elif block == "Action" and not _ACTION.fullmatch(text):
        yield f"malformed action {text}"
    elif block == "Action" and trust and text != "*" and not text.startswith("sts:"):
        yield f"no action of a trust policy {text}"
    elif block == "Resource" and not (_RESOURCE.fullmatch(text) and _has_type(text)):
        yield f"malformed resource {text}"
    elif "${" in text and "${" in _VARIABLE.sub("", text):
        yield f"malformed variable {text}"


def _has_type(resource: str) -> bool:
    """Tell whether a resource of IAM has one of its types: CreatePolicy's message lists them, beside `*` and `root`."""
    fields = resource.split(":", 5)
    if len(fields) < 6 or fields[2] != "iam":
        return True
    return fields[5] in ("*", "root") or (fields[5].partition("/")[0] in _IAM_TYPES and "/" in fields[5])


def _conditions(conditions: Any) -> Iterator[str]:
    if not isinstance(conditions, dict):
        yield "a condition is an object"
        return
    for operator, keys in conditions.items():
        if not _OPERATOR.fullmatch(operator):
            yield f"unknown operator {operator}"
        if not isinstance(keys, dict) or not keys:
            yield f"no keys of {operator}"
            continue
        for key, value in keys.items():
            if not _KEY.fullmatch(key):
                yield f"malformed key {key}"
            values = value if isinstance(value, list) else [value]
            if not values or not all(
                isinstance(each, str | bool | int | float) or is_reference(each) for each in values
            ):
                yield f"malformed value of {key}"


def size(document: Any) -> int:
    """Count characters, at least as many as IAM does, which leaves out white space."""
    return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False))


def mistakes_of_resource(resource: dict[str, Any]) -> Iterator[str]:
    """Yield what IAM would refuse of a template's resource: grammar, sizes, lengths of names, counts."""
    kind, properties = resource["Type"], resource.get("Properties", {})
    if kind.startswith("AWS::IAM::"):
        for name, longest in NAMES.items():
            if isinstance(properties.get(name), str) and len(properties[name]) > longest:
                yield f"{name} is longer than {longest}"
        yield from _counts(properties)
    yield from _inline(kind, properties)
    document = properties.get("PolicyDocument")
    if isinstance(document, dict):
        yield from mistakes(document, identity=kind.startswith("AWS::IAM::"))
        if kind == "AWS::IAM::ManagedPolicy" and size(document) > MANAGED:
            yield f"the policy is longer than {MANAGED}"
    if "AssumeRolePolicyDocument" in properties:
        yield from mistakes(properties["AssumeRolePolicyDocument"], trust=True)
        if size(properties["AssumeRolePolicyDocument"]) > TRUST:
            yield f"the trust policy is longer than {TRUST}"


def _inline(kind: str, properties: dict[str, Any]) -> Iterator[str]:
    inline = [each.get("PolicyDocument") for each in properties.get("Policies", ()) if isinstance(each, dict)]
    if kind in INLINE and sum(map(size, inline)) > INLINE[kind]:
        yield f"inline policies are longer than {INLINE[kind]}"
    if kind == "AWS::SSO::PermissionSet" and "InlinePolicy" in properties:
        document = properties["InlinePolicy"]
        inline.append(json.loads(document) if isinstance(document, str) else document)
    for each in inline:
        yield from mistakes(each, identity=True)


def _counts(properties: dict[str, Any]) -> Iterator[str]:
    for name, most in (("ManagedPolicyArns", 10), ("Groups", 10), ("Tags", 50)):
        if len(properties.get(name, ())) > most:
            yield f"more than {most} {name}"
    keys = [each["Key"].lower() for each in properties.get("Tags", ())]
    if len(keys) != len(set(keys)):
        yield "tag keys that differ by case alone"
    for tag in properties.get("Tags", ()):
        if len(tag["Key"]) > 128 or (isinstance(tag["Value"], str) and len(tag["Value"]) > 256):
            yield f"tag {tag['Key']} is too long"
