"""The identity keeper of Keywright: recognized if its role, policy and function are exactly what the constructs write.

What it can do to every user is a fact of the threat model (docs/threat-model.md), so a new user is not a new escalation path
of an unchanged keeper. Anything else, such as another statement or other code, is not recognized and reported in full.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from keywright.policy.matching.arn import Arn
from keywright.reasoning.account.actors import ActorKind, PolicyKind
from keywright.review.comparison.fingerprint import statement_key
from keywright.statements.handover import FIRST_PASSWORD, KEEPER_FUNCTION, KEEPER_LOG
from keywright.statements.identity_keeper import (
    DENY_ALL_POLICY,
    FUNCTION_SHA256,
    KEEPER_ROLE,
    keeper_function,
    keeper_statements,
    keeper_trust,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from keywright.assembly.templates.template import Assembly
    from keywright.policy.statement import Document, Statement
    from keywright.reasoning.account.actors import Account, Actor
    from keywright.reasoning.escalation.paths import EscalationPath

_NAME = f"role/{KEEPER_ROLE}"
_ROLE_IN_ARN = re.compile(rf"role(/(?:[\w+=,.@-]+/)*){KEEPER_ROLE}")
_PREFIX = re.compile(rf"arn:[a-z-]+:secretsmanager:[^:*]*:[^:*]*:secret:([\w/+=.@-]*){FIRST_PASSWORD}\*")
_USER = re.compile(r"arn:[a-z-]+:iam::[0-9]{12}:user(/(?:[\w+=,.@-]+/)*(?:[\w+=,.@-]+|\*))")
"""A user by path and name, or all users under a path."""
_LOG = re.compile(rf"arn:[a-z-]+:logs:[^:*]*:[^:*]*:log-group:[^:*]*{KEEPER_LOG}[^:*]*:\*")


def keeper_users(assembly: Assembly, account: Account) -> tuple[str, ...]:
    """Give the ARNs of the users that Keywright's own keeper handles, with `*` for all under a path; none without such a keeper."""
    roles = [each for each in account.actors if each.name == _NAME]
    if len(roles) != 1 or not _has_own_function(assembly):
        return ()
    (role,) = roles
    arn, resources = Arn.parse(role.arn), list(assembly.of_type("AWS::IAM::Role"))
    path = _ROLE_IN_ARN.fullmatch(arn.resource) if arn else None
    region = next((each.template.region for each in resources if each.name.literal == KEEPER_ROLE), "")
    if arn is None or path is None or not _is_own_role(role, arn, path[1], region):
        return ()
    ours = f"arn:{arn.partition}:iam::{arn.account}:user"
    return (f"{ours}{path[1]}*", *(f"{ours}{each}" for each in _other_users(role, f"{ours}{path[1]}*")))


def _other_users(role: Actor, under_path: str) -> tuple[str, ...]:
    """Give the adopted users outside the path that the keeper's policy names, by path and name."""
    named = (text for each in role.grants for one in each.document.statements for text in one.resources)
    found = (_USER.fullmatch(text) for text in dict.fromkeys(named) if text != under_path)
    return tuple(each[1] for each in found if each)


def is_standing(path: EscalationPath, users: Sequence[str]) -> bool:
    """Tell whether a path begins with the keeper creating the login of one of its users."""
    first = path.steps[0]
    return (
        path.principal.name == _NAME
        and first.target is not None
        and first.target.kind is ActorKind.USER
        and any(_matches(first.target.arn, each) for each in users)
        and first.technique.actions == ("iam:CreateLoginProfile",)
    )


def _matches(arn: str, user: str) -> bool:
    return arn.startswith(user[:-1]) if user.endswith("*") else arn == user


def _is_own_role(role: Actor, arn: Arn, path: str, region: str) -> bool:
    documents = [each.document for each in role.grants if each.kind is PolicyKind.MANAGED]
    if (
        len(documents) != 1
        or len(role.grants) != 1
        or role.doubts
        or role.boundary is None
        or role.trust is None
    ):
        return False
    texts = [text for each in documents[0].statements for text in each.resources]
    prefixes = [found[1] for found in map(_PREFIX.fullmatch, texts) if found]
    logs = [each for each in texts if _LOG.fullmatch(each)]
    if len(prefixes) != 1 or len(logs) != 1:
        return False
    wanted = keeper_statements(
        partition=arn.partition,
        region=region,
        account=arn.account,
        path=path,
        deny_all=f"arn:{arn.partition}:iam::{arn.account}:policy{path}{DENY_ALL_POLICY}",
        log=logs[0],
        secret_prefix=prefixes[0],
        other_users=_other_users(role, f"arn:{arn.partition}:iam::{arn.account}:user{path}*"),
    )
    return (
        _equals(documents[0], wanted)
        and _equals(role.boundary, wanted)
        and _equals(role.trust, (keeper_trust(),))
    )


def _equals(document: Document, statements: Iterable[Statement]) -> bool:
    return not document.unread and sorted(map(statement_key, document.statements)) == sorted(
        map(statement_key, statements)
    )


def _has_own_function(assembly: Assembly) -> bool:
    """Tell whether there is one function of the keeper's name, with the keeper's code and settings."""
    named = [
        each for each in assembly.of_type("AWS::Lambda::Function") if each.name.literal == KEEPER_FUNCTION
    ]
    properties = named[0].raw.get("Properties") if len(named) == 1 else None
    code = properties.get("Code") if isinstance(properties, dict) else None
    source = code.get("ZipFile") if isinstance(code, dict) else None
    return (
        isinstance(properties, dict)
        and isinstance(source, str)
        and sha256(source.encode(errors="replace")).hexdigest() == FUNCTION_SHA256
        and _with_text_numbers(properties) == _with_text_numbers(keeper_function(source))
    )


def _with_text_numbers(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Write numbers as texts, as the reader of templates does."""
    return {name: str(each) if isinstance(each, int) else each for name, each in properties.items()}
