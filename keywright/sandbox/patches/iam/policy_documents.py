"""The grammar of policy documents, and AWS's managed policies.

AWS: "Grammar of the IAM JSON policy language" in the IAM User Guide; "CreatePolicy" and "CreateRole" in the IAM API
Reference: MalformedPolicyDocument. The emulator checks a few elements only: a misspelt operator, a resource that is not
an ARN, or a trust policy with a Resource would deploy there and not on AWS. Not checked here: duplicate JSON keys,
whether services and actions exist (AWS accepts unknown ones), and what IAM refuses of a principal beyond
`authorization.resource_policies`. "AWS Managed Policy Reference Guide", "AttachRolePolicy": NoSuchEntity for a policy that
does not exist. The emulator knows about two dozen documents and attaches anything; here the documents are those that
this project ships, and a newer one does not exist.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from keywright.policy.reference.managed_policies import managed_policy_document
from keywright.sandbox.patches.authorization.conditions import OPERATORS
from keywright.sandbox.patches.emulator import (
    aws_managed_policies,
    evaluator,
    iam,
    known_policy,
    make_aws_managed_policy,
    sts,
)
from keywright.sandbox.patches.hooks import Parameters, Refused, guard, patch, text

if TYPE_CHECKING:
    from collections.abc import Iterator


SYNTAX = "Syntax errors in policy."
_TOP = {"Version", "Id", "Statement"}
_STATEMENT = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}
_VERSIONS = ("2012-10-17", "2008-10-17")
_PRINCIPALS = {"AWS", "CanonicalUser", "Federated", "Service"}
_SID = re.compile(r"[A-Za-z0-9]*")
_ACTION = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?_.-]+")
_ARN = re.compile(r"\*|arn:.*", re.DOTALL)
_VENDOR_WITH_WILDCARD = re.compile(r"arn:[^:]*:[^:]*[*?]")
_IAM_RESOURCE = re.compile(r"arn:[^:]*:iam:[^:]*:[^:]*:(?P<path>.*)", re.DOTALL)
_IAM_PATHS = (
    *(
        "user/",
        "federated-user/",
        "role/",
        "group/",
        "instance-profile/",
        "mfa/",
        "server-certificate/",
        "policy/",
    ),
    *("sms-mfa/", "saml-provider/", "oidc-provider/", "report/", "access-report/"),
)
_CONDITION_KEY = re.compile(r"[^:]+:.+")
_OPERATOR = re.compile(r"(?:forallvalues:|foranyvalue:)?(?P<plain>[a-z]+?)(?:ifexists)?")
_TRUST_ACTION = re.compile(r"sts:.*|\*", re.IGNORECASE)


def register_grammar() -> None:
    """Refuse what IAM refuses, in identity and in trust policies."""
    # Both modules imported the function by name, so both names are replaced.
    for module in (evaluator, sts):
        patch(module, "validate_policy_document", _first_mistake)
    guard("CreateRole", lambda parameters: _check_trust(text(parameters, "AssumeRolePolicyDocument")))
    guard("UpdateAssumeRolePolicy", lambda parameters: _check_trust(text(parameters, "PolicyDocument")))


def _first_mistake(document: Any) -> str | None:
    return next(mistakes(document), None)


def mistakes(document: Any) -> Iterator[str]:
    """Yield the mistakes of an identity policy, with IAM's messages where they are known."""
    for statement in _statements(document):
        if isinstance(statement, str):
            yield statement
            return
        if "Principal" in statement or "NotPrincipal" in statement:
            yield "Policy document should not specify a principal."
        yield from _actions(statement)
        resources = _one_of(statement, "Resource", "NotResource")
        if resources is None:
            yield "Policy statement must contain resources."
        for resource in resources or ():
            if not _ARN.fullmatch(resource):
                yield f'Resource {resource} must be in ARN format or "*".'
            if _VENDOR_WITH_WILDCARD.match(resource):
                yield "Resource vendor must be fully qualified and cannot contain regexes."
            found = _IAM_RESOURCE.fullmatch(resource)
            if found and found["path"] not in ("*", "root") and not found["path"].startswith(_IAM_PATHS):
                yield f'IAM resource path must either be "*", root, or start with {", ".join(_IAM_PATHS)}.'


def _check_trust(document: str) -> None:
    """Check a trust policy against the grammar.

    Raises:
        Refused: MalformedPolicyDocument.
    """
    for mistake in _trust_mistakes(document):
        raise Refused(400, "MalformedPolicyDocument", mistake)


def _trust_mistakes(document: str) -> Iterator[str]:
    for statement in _statements(document):
        if isinstance(statement, str):
            yield statement
            return
        if not _is_principal(statement.get("Principal")):
            yield "Missing required field Principal"
        prohibited = ("NotPrincipal", "Resource", "NotResource")
        yield from (f"Has prohibited field {name}" for name in prohibited if name in statement)
        yield from _actions(statement)
        actions = _one_of(statement, "Action", "NotAction") or ()
        if not all(map(_TRUST_ACTION.fullmatch, actions)):
            yield "AssumeRole policy may only specify STS AssumeRole actions."


def _is_principal(principal: Any) -> bool:
    if not isinstance(principal, dict):
        return bool(principal == "*")
    lists = (each if isinstance(each, list) else [each] for each in principal.values())
    return (
        bool(principal)
        and principal.keys() <= _PRINCIPALS
        and all(each and all(isinstance(one, str) and one for one in each) for each in lists)
    )


def _statements(document: Any) -> Iterator[dict[str, Any] | str]:
    """Give the statements of a document, or one message if it is not a policy document."""
    try:
        content = json.loads(document) if isinstance(document, str) else document
    except ValueError:
        content = None
    statements = content.get("Statement") if isinstance(content, dict) else None
    listed = [statements] if isinstance(statements, dict) else statements
    if (
        not isinstance(content, dict)
        or not isinstance(listed, list)
        or not listed
        or not _is_document(content)
    ):
        yield SYNTAX
        return
    # An empty Sid counts as none.
    sids = [each["Sid"] for each in listed if isinstance(each, dict) and isinstance(each.get("Sid"), str)]
    named = [each for each in sids if each]
    if len(set(named)) < len(named):
        yield "Statement IDs (SID) in a single policy must be unique."
        return
    for statement in listed:
        yield statement if isinstance(statement, dict) and _is_statement(statement) else SYNTAX


def _is_document(content: dict[str, Any]) -> bool:
    return content.keys() <= _TOP and content.get("Version", "2008-10-17") in _VERSIONS


def _is_statement(statement: dict[str, Any]) -> bool:
    conditions = statement.get("Condition", {})
    return (
        statement.keys() <= _STATEMENT
        and statement.get("Effect") in ("Allow", "Deny")
        and isinstance(statement.get("Sid", ""), str)
        and _SID.fullmatch(statement.get("Sid", "")) is not None
        and isinstance(conditions, dict)
        and all(_is_condition(operator, keys) for operator, keys in conditions.items())
    )


def _is_condition(operator: str, keys: Any) -> bool:
    found = _OPERATOR.fullmatch(operator.lower())
    # "IAM JSON policy elements: Condition operators": `Null` has neither prefix nor suffix.
    if found is None or (found["plain"] == "null" and operator.lower() != "null"):
        return False
    if found["plain"] not in {*OPERATORS, "null"} or not isinstance(keys, dict) or not keys:
        return False
    return all(_CONDITION_KEY.fullmatch(key) and wanted not in ([], {}) for key, wanted in keys.items())


def _actions(statement: dict[str, Any]) -> Iterator[str]:
    actions = _one_of(statement, "Action", "NotAction")
    if actions is None:
        yield "Policy statement must contain actions."
    for action in actions or ():
        if not _ACTION.fullmatch(action):
            yield "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."


def _one_of(statement: dict[str, Any], element: str, negated: str) -> list[str] | None:
    """Give the values of whichever of two elements a statement has; None where it has neither, both, or no values."""
    present = [statement[name] for name in (element, negated) if name in statement]
    if len(present) != 1:
        return None
    [value] = present
    values = [value] if isinstance(value, str) else value
    return (
        values
        if values and isinstance(values, list) and all(isinstance(each, str) for each in values)
        else None
    )


PREFIX = "arn:aws:iam::aws:policy/"


def register_aws_managed_policies() -> None:
    """Add the documents that this project ships, and refuse unknown policies."""
    patch(iam, "_lookup_policy", _lookup)
    for noun in ("User", "Group", "Role"):
        guard(f"Attach{noun}Policy", _must_exist)


def _lookup(arn: str) -> Any:
    known = known_policy(arn)
    if known is not None or not arn.startswith(PREFIX):
        return known
    document = managed_policy_document(arn)
    if document is None:
        return None
    path_and_name = arn.removeprefix(PREFIX)
    # Stored with the emulator's own, so that it evaluates both alike.
    aws_managed_policies[arn] = make_aws_managed_policy(path_and_name, json.dumps(document))
    return aws_managed_policies[arn]


def _must_exist(parameters: Parameters) -> None:
    arn = text(parameters, "PolicyArn")
    if _lookup(arn) is None:
        raise Refused(404, "NoSuchEntity", f"Policy {arn} does not exist or is not attachable.")
