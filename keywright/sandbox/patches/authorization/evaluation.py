"""Statement matching as in the IAM User Guide's "IAM JSON policy elements reference" and "Policy evaluation logic".

The emulator has no policy variables and lets a wildcard match across the fields of an ARN; it reports a role session's own
ARN as `aws:PrincipalArn`; in a resource-based policy it ignores the version and NotPrincipal and supports wildcards in
a Principal. Its order of evaluation is AWS's and stays.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from keywright.sandbox.patches import sandbox_clock
from keywright.sandbox.patches.authorization.conditions import UnknownOperator, met
from keywright.sandbox.patches.authorization.patterns import Resolve, Unresolved, arn_matches, matches
from keywright.sandbox.patches.authorization.principals import (
    Caller,
    names,
    names_directly,
    names_itself,
    names_service,
    session_role,
)
from keywright.sandbox.patches.emulator import condition_key, evaluator, parse_policy, roles
from keywright.sandbox.patches.hooks import patch

if TYPE_CHECKING:
    from collections.abc import Callable

VERSION_WITH_VARIABLES = "2012-10-17"


def register_evaluation() -> None:
    """Replace how a statement is read and matched."""
    patch(evaluator, "parse_policy_document", _parse)
    patch(evaluator, "_first_match", _first_match)
    patch(evaluator, "_resolve_condition_key", lookup)
    patch(evaluator, "evaluate_resource_policy", _evaluate_resource_policy)


def _parse(document: Any) -> list[Any]:
    statements: list[Any] = parse_policy(document)
    content = read(document)
    for statement in statements:
        statement.knows_variables = content.get("Version") == VERSION_WITH_VARIABLES
    return statements


def read(document: Any) -> dict[str, Any]:
    """Read a policy document; anything else gives an empty one."""
    try:
        content = json.loads(document) if isinstance(document, str) else document
    except ValueError:
        content = None
    return content if isinstance(content, dict) else {}


def statements_of(document: Any) -> list[dict[str, Any]]:
    """Give a document's statements as written."""
    statements = read(document).get("Statement", [])
    return [statements] if isinstance(statements, dict) else list(statements)


def _first_match(context: Any, statements: list[Any], effect: str) -> Any:
    return next((each for each in statements if each.effect == effect and _matches(each, context)), None)


def _matches(statement: Any, context: Any) -> bool:
    resolve = variables(context) if statement.knows_variables else None
    try:
        return (
            _covers(
                statement.actions, statement.not_actions, lambda each: _action_matches(context.action, each)
            )
            and _covers(
                statement.resources,
                statement.not_resources,
                lambda each: arn_matches(context.resource_arn, each, resolve),
            )
            and met(statement.conditions, lambda key: lookup(key, context), resolve)
        )
    # "Policy variables with no value": such a statement never matches.
    except Unresolved:
        return False
    # A statement that cannot be read must not allow anything, and must not stop denying.
    except UnknownOperator:
        return bool(statement.effect == "Deny")


def _action_matches(action: str, pattern: str) -> bool:
    return matches(action, pattern, any_case=True)


def _covers(listed: list[str], excepted: list[str], fits: Any) -> bool:
    if listed:
        return any(map(fits, listed))
    return not any(map(fits, excepted))


def variables(context: Any) -> Resolve:
    """Give the values of policy variables in a request; a key with several values has none."""

    def resolve(key: str) -> str | None:
        value = lookup(key, context)
        return None if value is None or isinstance(value, list) else str(value)

    return resolve


def lookup(key: str, context: Any) -> Any:
    """Give a condition key's value in a request; None where the request carries none."""
    known = _OWN_KEYS.get(key.lower())
    return known(context) if known else condition_key(key, context)


def caller_of(context: Any) -> Caller:
    """Give the caller of a request."""
    account, role = session_role(context.principal_arn)
    record = roles.get_scoped(account, None, role) if role else None
    return Caller(context.principal_arn, context.principal_account, record["Arn"] if record else "")


def _principal_arn(context: Any) -> str:
    caller = caller_of(context)
    # For a role session AWS sends the role's ARN, not the session's ("aws:PrincipalArn").
    return caller.role_arn or caller.arn


_OWN_KEYS: dict[str, Callable[[Any], str]] = {
    "aws:currenttime": lambda _context: sandbox_clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
    "aws:epochtime": lambda _context: str(int(sandbox_clock.now().timestamp())),
    "aws:principalarn": _principal_arn,
    "aws:principaltype": lambda context: (
        "Account" if context.principal_type == "Root" else context.principal_type
    ),
    "aws:principalisawsservice": lambda _context: "false",
    "aws:viaawsservice": lambda _context: "false",
}


def _evaluate_resource_policy(document: Any, context: Any, service: str | None = None, **which: bool) -> Any:
    """Evaluate a resource-based policy for a caller; `which` restricts it to statements that name the caller itself."""
    caller = caller_of(context)
    if which.get("direct_only"):
        applies = names_directly
    else:
        applies = names_itself if which.get("named_only") else names
    applicable = [
        statement
        for statement in statements_of(document)
        if _applies(statement, caller, applies)
        or (service and names_service(statement.get("Principal"), service))
    ]
    parsed = _parse({"Version": read(document).get("Version"), "Statement": applicable})
    return evaluator.evaluate(context, [parsed])


def _applies(statement: dict[str, Any], caller: Caller, applies: Any) -> bool:
    if "NotPrincipal" in statement:
        excepted = statement["NotPrincipal"]
        account = Caller(f"arn:aws:iam::{caller.account}:root", caller.account)
        # An exception covers a caller only if its account is listed too ("AWS JSON policy elements:
        # NotPrincipal").
        return not (names_itself(excepted, caller) and names(excepted, account))
    return bool(applies(statement.get("Principal"), caller))
