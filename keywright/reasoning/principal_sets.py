"""Classes of principals that no statement of a comparison tells apart by name, and what AWS says of each in the request.

A policy names principals one by one, by account, or all of them; so the principals it names, one unnamed principal of
each kind in each account it names, and the same in one account it does not name, stand for all there are. The keys
that AWS derives from the principal are bound to it, so that a request never contradicts itself.
Sources: "AWS JSON policy elements: Principal", "AWS global condition context keys" (properties of the principal).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keywright.policy.conditions import Condition
from keywright.policy.principals import Principal, PrincipalKind, principal
from keywright.reasoning.condition_sets import key_test
from keywright.reasoning.constraints import Box, Constraint, KeyTest, constraint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright.policy.statement import Statement

UNNAMED = "example"
UNNAMED_ACCOUNTS = ("123456789012", "999999999999", "888888888888", "777777777777")
PRINCIPAL_ARN = "aws:principalarn"
SERVICE_NAME = "aws:principalservicename"
DERIVED = frozenset(
    {
        PRINCIPAL_ARN,
        SERVICE_NAME,
        "aws:principalaccount",
        "aws:principalisawsservice",
        "aws:principaltype",
        "aws:userid",
        "aws:username",
    }
)
"""Keys whose values follow from the principal, in lower case."""


@dataclass(frozen=True, slots=True)
class PrincipalClass:
    """Principals alike to every statement, by one that stands for them and the keys that follow.

    When a request is made of it, the value of the key `named_by`, where there is one, is the principal's text.
    `is_unnamed` tells that any other name would do, `is_of_any_account` any account but the barred ones.
    """

    text: str
    box: Box = frozenset()
    named_by: str = ""
    user_id: str = ""
    is_unnamed: bool = False
    is_of_any_account: bool = False
    barred_accounts: frozenset[str] = frozenset()


def identity_classes(keys: frozenset[str]) -> tuple[PrincipalClass, ...]:
    """Give the principals that an identity-based policy may hang on: users and roles of any account.

    `keys` are the condition keys of the comparison; what they can't tell apart is one class.
    """
    account = UNNAMED_ACCOUNTS[0]
    user = _unnamed(PrincipalKind.USER, account, keys, f"arn:*:iam::*:{PrincipalKind.USER}/*", ())
    if not keys & DERIVED:
        return (user,)
    return user, _unnamed(PrincipalKind.ROLE, account, keys, f"arn:*:iam::*:{PrincipalKind.ROLE}/*", ())


def principal_classes(statements: Iterable[Statement], keys: frozenset[str]) -> tuple[PrincipalClass, ...]:
    """Give the classes that statements of resource-based policies tell apart, likely callers first."""
    names = _Names(statements)
    found = [
        *(each for named in names.named for each in _named(named, keys)),
        *(each for account in names.accounts for each in _of_account(account, names, keys)),
        *_of_other_accounts(names, keys),
        *_outside_of_accounts(names, keys),
    ]
    return (*found, *(_with_id(each, known) for each in found for known in names.unique_ids))


class _Names:
    """What the statements name."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        texts: dict[str, None] = {}
        for statement in statements:
            for element in (statement.principals, statement.not_principals):
                for values in element.values():
                    texts.update(dict.fromkeys(value for value in values if value != "*"))
        self.unique_ids = [text for text in texts if text.startswith(("AIDA", "AROA"))]
        self.named = [principal(text) for text in texts if not text.startswith(("AIDA", "AROA"))]
        self.accounts = list(dict.fromkeys(each.account for each in self.named if each.account))
        self.other_account = next(each for each in UNNAMED_ACCOUNTS if each not in self.accounts[:3])

    def texts_of(self, kind: PrincipalKind) -> tuple[str, ...]:
        """Give the named principals of a kind, as written."""
        return tuple(each.text for each in self.named if each.kind is kind)


def _asks(operator: str, key: str, *values: str) -> Constraint[KeyTest]:
    return constraint(key_test(Condition(operator, key, values, knows_variables=False)))


def _bound(keys: frozenset[str], facts: Iterable[tuple[str, str, str]]) -> set[Constraint[KeyTest]]:
    return {_asks(operator, key, value) for operator, key, value in facts if key in keys}


_IS_ABSENT, _EQUALS = "Null", "StringEquals"


def _facts(who: Principal) -> Iterator[tuple[str, str, str]]:
    """Yield what follows from a principal's kind, and from its account where it has one."""
    kind = who.kind
    yield (
        (_EQUALS, "aws:username", who.name)
        if kind is PrincipalKind.USER
        else (_IS_ABSENT, "aws:username", "true")
    )
    if kind is PrincipalKind.SERVICE:
        yield _EQUALS, SERVICE_NAME, who.text
    else:
        yield _IS_ABSENT, SERVICE_NAME, "true"
    if kind in _TYPES:
        yield _EQUALS, "aws:principaltype", _TYPES[kind]
    if kind is PrincipalKind.ANONYMOUS:
        yield _EQUALS, "aws:userid", "anonymous"
    if who.is_identity:
        yield _EQUALS, "aws:principalaccount", who.account
        yield _EQUALS, "aws:principalisawsservice", "false"
    else:
        yield _IS_ABSENT, "aws:principalaccount", "true"
        yield _IS_ABSENT, PRINCIPAL_ARN, "true"
    if kind is PrincipalKind.SERVICE:
        yield _EQUALS, "aws:principalisawsservice", "true"


_TYPES = {
    PrincipalKind.ROOT: "Account",
    PrincipalKind.USER: "User",
    PrincipalKind.ROLE: "AssumedRole",
    PrincipalKind.ROLE_SESSION: "AssumedRole",
    PrincipalKind.FEDERATED_USER: "FederatedUser",
    PrincipalKind.ANONYMOUS: "Anonymous",
}


def _known(text: str, keys: frozenset[str], arn: str = "") -> PrincipalClass:
    """A class of one principal."""
    who = principal(text)
    facts = [*_facts(who), *([(_EQUALS, PRINCIPAL_ARN, arn or text)] if who.is_identity else [])]
    return PrincipalClass(text, frozenset(_bound(keys, facts)))


def _unnamed(
    kind: PrincipalKind, account: str, keys: frozenset[str], pattern: str, others: tuple[str, ...]
) -> PrincipalClass:
    """A class of all users or roles whose ARN matches, but for those named."""
    text = f"arn:aws:iam::{account}:{kind}/{UNNAMED}"
    is_of_account = account in pattern
    loose = {"aws:username", *(() if is_of_account else ("aws:principalaccount",))}
    facts = [fact for fact in _facts(principal(text)) if fact[1] not in loose]
    box = _bound(keys, facts) | _bound(keys, _free_name(kind, is_of_account=is_of_account))
    if PRINCIPAL_ARN in keys:
        box.add(_asks("ArnLike", PRINCIPAL_ARN, pattern))
        if others:
            box.add(_asks("ArnNotLike", PRINCIPAL_ARN, *others))
    named_by = PRINCIPAL_ARN if PRINCIPAL_ARN in keys else ""
    return PrincipalClass(
        text, frozenset(box), named_by, is_unnamed=True, is_of_any_account=not is_of_account
    )


def _free_name(kind: PrincipalKind, *, is_of_account: bool) -> Iterator[tuple[str, str, str]]:
    yield _IS_ABSENT, "aws:username", "false" if kind is PrincipalKind.USER else "true"
    if not is_of_account:
        yield _IS_ABSENT, "aws:principalaccount", "false"


def _named(who: Principal, keys: frozenset[str]) -> Iterator[PrincipalClass]:
    if who.kind is PrincipalKind.ROOT:
        return
    yield _known(who.text, keys)
    if who.kind is PrincipalKind.ROLE:
        session = f"arn:{who.partition}:sts::{who.account}:assumed-role/{who.name}/{UNNAMED}"
        yield _known(session, keys, arn=who.text)


def _of_account(account: str, names: _Names, keys: frozenset[str]) -> Iterator[PrincipalClass]:
    for kind in (PrincipalKind.ROLE, PrincipalKind.USER):
        pattern = f"arn:*:iam::{account}:{kind}/*"
        yield _unnamed(kind, account, keys, pattern, names.texts_of(kind))
    yield _known(f"arn:aws:iam::{account}:root", keys)
    yield _known(f"arn:aws:sts::{account}:federated-user/{UNNAMED}", keys)


def _of_other_accounts(names: _Names, keys: frozenset[str]) -> Iterator[PrincipalClass]:
    others = tuple(f"arn:*:iam::{account}:*" for account in names.accounts)
    is_of_other = (
        {_asks("StringNotEquals", "aws:principalaccount", *names.accounts)} if names.accounts else set()
    )
    for kind in (PrincipalKind.ROLE, PrincipalKind.USER):
        each = _unnamed(kind, names.other_account, keys, f"arn:*:iam::*:{kind}/*", others)
        extra = is_of_other if "aws:principalaccount" in keys else set()
        barred = frozenset(names.accounts)
        yield replace(each, box=each.box | extra, barred_accounts=barred)
    yield _known(f"arn:aws:iam::{names.other_account}:root", keys)
    yield _known(f"arn:aws:sts::{names.other_account}:federated-user/{UNNAMED}", keys)


def _outside_of_accounts(names: _Names, keys: frozenset[str]) -> Iterator[PrincipalClass]:
    service = _known(f"{UNNAMED}.amazonaws.com", keys)
    if SERVICE_NAME in keys:
        others = names.texts_of(PrincipalKind.SERVICE)
        box = {each for each in service.box if each.part != SERVICE_NAME}
        box.add(_asks(_IS_ABSENT, SERVICE_NAME, "false"))
        if others:
            box.add(_asks("StringNotEquals", SERVICE_NAME, *others))
        service = PrincipalClass(service.text, frozenset(box), SERVICE_NAME)
    yield service
    account = names.accounts[0] if names.accounts else names.other_account
    yield _known(f"arn:aws:iam::{account}:saml-provider/{UNNAMED}", keys)
    yield _known("*", keys)


def _with_id(each: PrincipalClass, unique_id: str) -> PrincipalClass:
    user_id = f"{unique_id}:{UNNAMED}" if unique_id.startswith("AROA") else unique_id
    return replace(each, user_id=user_id)
