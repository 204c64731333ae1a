"""Equivalence classes of principals, and the condition keys that follow from the principal.

A policy names principals one by one, by account, or all of them. So these represent all principals: the named
ones, one unnamed principal of each kind in each named account, and the same in one account that is not named.
The keys that AWS derives from the principal are bound to it, so that no request contradicts itself.
Sources: "AWS JSON policy elements: Principal", "AWS global condition context keys" (properties of the
principal).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from keywright.policy.conditions import Condition
from keywright.policy.matching.context import ABSENT, MAYBE, NO, YES
from keywright.policy.principals import Principal, PrincipalKind, named_by, not_excepted_by, principal
from keywright.reasoning.evaluation.request import ALWAYS_PRESENT_KEYS
from keywright.reasoning.sets.condition_sets import key_test
from keywright.reasoning.sets.constraints import Box, Constraint, KeyTest, constraint

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping

    from keywright.policy.matching.context import Missing, Truth, Values
    from keywright.policy.principals import Principal
    from keywright.policy.statement import Statement


MOST_NAMES = 2_000
"""How many principals the policies of one comparison may name.

No policy that AWS accepts has room for half as many.
"""


class TooManyPrincipalsError(Exception):
    """More principals are named than can be compared within the budget."""


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
        "aws:viaawsservice",
    }
)
"""Keys (in lower case) whose values follow from the principal."""


@dataclass(frozen=True, slots=True)
class PrincipalClass:
    """Principals that all statements treat alike: a representative, and the keys that follow from it.

    If `named_by` is a key, the principal's ARN is the value of that key in the request. `is_unnamed` says
    that any other name would do, `is_of_any_account` any account except the excluded ones.
    """

    text: str
    box: Box = frozenset()
    named_by: str = ""
    user_id: str = ""
    is_unnamed: bool = False
    is_of_any_account: bool = False
    excluded_accounts: frozenset[str] = frozenset()


def identity_classes(keys: frozenset[str]) -> tuple[PrincipalClass, ...]:
    """Return the principals that an identity-based policy can apply to.

    Users, roles, federated sessions of users.

    `keys` are the condition keys of the comparison; principals that they do not distinguish are one class.
    """
    account = UNNAMED_ACCOUNTS[0]
    user, role = (
        _unnamed(kind, account, keys, f"arn:*:iam::*:{kind}/*", ())
        for kind in (PrincipalKind.USER, PrincipalKind.ROLE)
    )
    if not keys & DERIVED:
        return (user,)
    return user, role, _known(f"arn:aws:sts::{account}:federated-user/{UNNAMED}", keys)


def class_of_principal(arn: str, keys: frozenset[str]) -> PrincipalClass:
    """Return the class of one user or role."""
    return _known(arn, keys)


def principal_classes(
    statements: Iterable[Statement], keys: frozenset[str], *, is_trust: bool
) -> tuple[PrincipalClass, ...]:
    """Return the classes that resource-based policies distinguish, the most likely callers first.

    Nobody can assume a role anonymously; elsewhere an anonymous caller is the best example of public access.
    """
    names = _NamedPrincipals(statements)
    anonymous = _known("*", keys)
    found = [
        *(each for named in names.named for each in _named(named, keys)),
        *([] if is_trust else [anonymous]),
        *(each for account in names.accounts for each in _of_account(account, names, keys)),
        *_of_other_accounts(names, keys),
        *_outside_of_accounts(names, keys),
        *([anonymous] if is_trust else []),
    ]
    return (*found, *(_with_id(each, known, keys) for each in found for known in names.unique_ids))


class _NamedPrincipals:
    """The principals that the statements name."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        texts: dict[str, None] = {}
        for statement in statements:
            for element in (statement.principals, statement.not_principals):
                for values in element.values():
                    texts.update(dict.fromkeys(value for value in values if value != "*"))
        if len(texts) > MOST_NAMES:
            raise TooManyPrincipalsError
        self.unique_ids = [text for text in texts if text.startswith(("AIDA", "AROA"))]
        self.named = [principal(text) for text in texts if not text.startswith(("AIDA", "AROA"))]
        self.accounts = list(dict.fromkeys(each.account for each in self.named if each.account))
        self.other_account = next(each for each in UNNAMED_ACCOUNTS if each not in self.accounts[:3])

        self._texts: dict[PrincipalKind, tuple[str, ...]] = {}

    def texts_of(self, kind: PrincipalKind) -> tuple[str, ...]:
        """Return the named principals of a kind, as written."""
        if kind not in self._texts:
            self._texts[kind] = tuple(each.text for each in self.named if each.kind is kind)
        return self._texts[kind]

    def users_of(self, account: str) -> tuple[str, ...]:
        """Return the names of the named users of an account.

        User names are unique in an account, in any path.
        """
        users = (each for each in self.named if each.kind is PrincipalKind.USER)
        return tuple(each.name for each in users if each.account == account)


def _key_constraint(operator: str, key: str, *values: str) -> Constraint[KeyTest]:
    return constraint(key_test(Condition(operator, key, values, knows_variables=False)))


def _bound(keys: frozenset[str], facts: Iterable[Fact]) -> set[Constraint[KeyTest]]:
    return {_key_constraint(operator, key, *values) for operator, key, values in facts if key in keys}


_IS_ABSENT, _EQUALS, _DIFFERS = "Null", "StringEquals", "StringNotEquals"
Fact = tuple[str, str, tuple[str, ...]]
"""An operator, a key in lower case, and values."""


def _facts(who: Principal) -> Iterator[Fact]:
    """Yield what follows from the kind, the account and the name of a principal."""
    yield _fact("aws:username", who.name if who.kind is PrincipalKind.USER else None)
    yield _fact(SERVICE_NAME, who.text if who.kind is PrincipalKind.SERVICE else None)
    yield _fact("aws:principalaccount", _account(who))
    if who.kind in _TYPES:
        yield _fact("aws:principaltype", _TYPES[who.kind])
    if who.kind is PrincipalKind.ANONYMOUS:
        yield _fact("aws:userid", "anonymous")
    if who.is_identity:
        yield _fact("aws:principalisawsservice", "false")
        yield _IS_ABSENT, "aws:viaawsservice", ("false",)
    else:
        yield _fact(PRINCIPAL_ARN, None)
    if who.kind is PrincipalKind.SERVICE:
        yield _fact("aws:principalisawsservice", "true")


def _account(who: Principal) -> str | None:
    if who.kind is PrincipalKind.ANONYMOUS:
        return "anonymous"
    return who.account if who.is_identity else None


def _fact(key: str, value: str | None) -> Fact:
    return (_IS_ABSENT, key, ("true",)) if value is None else (_EQUALS, key, (value,))


def _own_arn(who: Principal) -> Fact:
    """Return the value of `aws:PrincipalArn`: for a session the ARN of its role, whose path is not known."""
    if who.kind is PrincipalKind.ROLE_SESSION:
        role = f"arn:{who.partition}:iam::{who.account}:role/"
        return "ArnLike", PRINCIPAL_ARN, (f"{role}{who.name}", f"{role}*/{who.name}")
    return _fact(PRINCIPAL_ARN, who.text)


_TYPES = {
    PrincipalKind.ROOT: "Account",
    PrincipalKind.USER: "User",
    PrincipalKind.ROLE: "AssumedRole",
    PrincipalKind.ROLE_SESSION: "AssumedRole",
    PrincipalKind.FEDERATED_USER: "FederatedUser",
    PrincipalKind.ANONYMOUS: "Anonymous",
}


def _known(text: str, keys: frozenset[str], arn: str = "") -> PrincipalClass:
    """Return the class of one principal; `arn` is the role's where it is a session of a known role."""
    who = principal(text)
    facts = [*_facts(who)]
    if who.is_identity:
        facts.append(_fact(PRINCIPAL_ARN, arn) if arn else _own_arn(who))
    return PrincipalClass(text, frozenset(_bound(keys, facts)))


def _unnamed(
    kind: PrincipalKind, account: str, keys: frozenset[str], pattern: str, others: tuple[str, ...]
) -> PrincipalClass:
    """Return the class of all users or roles whose ARN matches, except the named ones."""
    text = f"arn:aws:iam::{account}:{kind}/{UNNAMED}"
    is_of_account = account in pattern
    loose = {"aws:username", *(() if is_of_account else ("aws:principalaccount",))}
    facts = [fact for fact in _facts(principal(text)) if fact[1] not in loose]
    box = _bound(keys, facts) | _bound(keys, _free_name(kind, is_of_account=is_of_account))
    if PRINCIPAL_ARN in keys:
        box.add(_key_constraint("ArnLike", PRINCIPAL_ARN, pattern))
        if others:
            box.add(_key_constraint("ArnNotLike", PRINCIPAL_ARN, *others))
    named_by = PRINCIPAL_ARN if PRINCIPAL_ARN in keys else ""
    return PrincipalClass(
        text, frozenset(box), named_by, is_unnamed=True, is_of_any_account=not is_of_account
    )


def _free_name(kind: PrincipalKind, *, is_of_account: bool) -> Iterator[Fact]:
    yield _IS_ABSENT, "aws:username", ("false" if kind is PrincipalKind.USER else "true",)
    if not is_of_account:
        yield _IS_ABSENT, "aws:principalaccount", ("false",)


def _named(who: Principal, keys: frozenset[str]) -> Iterator[PrincipalClass]:
    if who.kind is PrincipalKind.ROOT:
        return
    yield _known(who.text, keys)
    if who.kind is PrincipalKind.ROLE:
        session = f"arn:{who.partition}:sts::{who.account}:assumed-role/{who.name}/{UNNAMED}"
        yield _known(session, keys, arn=who.text)


def _of_account(account: str, names: _NamedPrincipals, keys: frozenset[str]) -> Iterator[PrincipalClass]:
    for kind in (PrincipalKind.ROLE, PrincipalKind.USER):
        pattern = f"arn:*:iam::{account}:{kind}/*"
        each = _unnamed(kind, account, keys, pattern, names.texts_of(kind))
        is_tested = kind is PrincipalKind.USER and "aws:username" in keys
        others = names.users_of(account) if is_tested else ()
        yield replace(
            each, box=each.box | _bound(keys, [(_DIFFERS, "aws:username", others)] if others else [])
        )
    yield _known(f"arn:aws:iam::{account}:root", keys)
    yield _known(f"arn:aws:sts::{account}:federated-user/{UNNAMED}", keys)


def _of_other_accounts(names: _NamedPrincipals, keys: frozenset[str]) -> Iterator[PrincipalClass]:
    others = tuple(f"arn:*:iam::{account}:*" for account in names.accounts)
    is_of_other = (
        {_key_constraint("StringNotEquals", "aws:principalaccount", *names.accounts)}
        if names.accounts
        else set()
    )
    for kind in (PrincipalKind.ROLE, PrincipalKind.USER):
        each = _unnamed(kind, names.other_account, keys, f"arn:*:iam::*:{kind}/*", others)
        extra = is_of_other if "aws:principalaccount" in keys else set()
        excluded = frozenset(names.accounts)
        yield replace(each, box=each.box | extra, excluded_accounts=excluded)
    yield _known(f"arn:aws:iam::{names.other_account}:root", keys)
    yield _known(f"arn:aws:sts::{names.other_account}:federated-user/{UNNAMED}", keys)


def _outside_of_accounts(names: _NamedPrincipals, keys: frozenset[str]) -> Iterator[PrincipalClass]:
    service = _known(f"{UNNAMED}.amazonaws.com", keys)
    if SERVICE_NAME in keys:
        others = names.texts_of(PrincipalKind.SERVICE)
        box = {each for each in service.box if each.part != SERVICE_NAME}
        box.add(_key_constraint(_IS_ABSENT, SERVICE_NAME, "false"))
        if others:
            box.add(_key_constraint("StringNotEquals", SERVICE_NAME, *others))
        service = PrincipalClass(service.text, frozenset(box), SERVICE_NAME)
    yield service
    account = names.accounts[0] if names.accounts else names.other_account
    yield _known(f"arn:aws:iam::{account}:saml-provider/{UNNAMED}", keys)


def _with_id(each: PrincipalClass, unique_id: str, keys: frozenset[str]) -> PrincipalClass:
    user_id = f"{unique_id}:{UNNAMED}" if unique_id.startswith("AROA") else unique_id
    return replace(each, user_id=user_id, box=each.box | _bound(keys, [_fact("aws:userid", user_id)]))


def always_present(keys: frozenset[str]) -> Box:
    """Return the constraint that every request has the keys that are always present."""
    return frozenset(_key_constraint(_IS_ABSENT, key, "false") for key in keys & ALWAYS_PRESENT_KEYS)


PRINCIPAL_PART = " principal"
"""The part of a request that stands for whether a name means the principal, where AWS leaves that open."""
Name = tuple[str, str]
"""A kind (`AWS`, `Service` …) and a name."""


@dataclass
class PrincipalMatches:
    """Caches which statements match which principals; statements are identified by identity."""

    _matched: dict[tuple[int, PrincipalClass], tuple[Box, ...]] = field(default_factory=dict)
    _names: dict[int, _NamedByStatement] = field(default_factory=dict)

    def of(self, statement: Statement, who: PrincipalClass) -> tuple[Box, ...]:
        """Return the conditions under which a statement matches a class of principals.

        One empty box means always; an uninterpreted constraint stands for each name of which AWS does not
        document whether it matches; no box means never.
        """
        matched = self._matched.get((id(statement), who))
        if matched is None:
            matched = self._matched[id(statement), who] = self._match(statement, who)
        return matched

    def _match(self, statement: Statement, who: PrincipalClass) -> tuple[Box, ...]:
        user_id = (who.user_id,) if who.user_id else ABSENT
        each = principal(who.text)
        if statement.not_principals:
            excepted = statement.not_principals
            answer = MAYBE if _has_pattern(excepted) else not_excepted_by(excepted, each, user_id)
            return _boxes({frozenset(_concerning(excepted, each, user_id)): answer})
        names = self._names.get(id(statement))
        if names is None:
            names = self._names[id(statement)] = _NamedByStatement.of(statement.principals)
        return _boxes({name: _is_named(name, each, user_id) for name in names.near(each)})


def _boxes(answers: Mapping[Hashable, Truth]) -> tuple[Box, ...]:
    if YES in answers.values():
        return (frozenset(),)
    return tuple(frozenset({_uninterpreted(name)}) for name, answer in answers.items() if answer is MAYBE)


def _uninterpreted(name: Hashable) -> Constraint[KeyTest]:
    """Return the uninterpreted constraint that a name matches the principal.

    One answer per name and request.
    """
    return constraint(KeyTest(PRINCIPAL_PART, None, uninterpreted=name))


@dataclass(frozen=True, slots=True)
class _NamedByStatement:
    """The names of an element, by the account or text that they need to match a principal."""

    by_account: dict[str, list[Name]]
    by_text: dict[str, list[Name]]
    others: list[Name]

    @classmethod
    def of(cls, element: Mapping[str, Values]) -> _NamedByStatement:
        made = cls({}, {}, [])
        for kind, values in element.items():
            for value in values:
                made._add((kind, value))
        return made

    def _add(self, name: Name) -> None:
        kind, value = name
        account = principal(value).account if kind == "AWS" else ""
        if account and not _has_pattern({kind: (value,)}):
            self.by_account.setdefault(account, []).append(name)
        elif kind in {"Service", "Federated"} and not _has_pattern({kind: (value,)}):
            self.by_text.setdefault(value, []).append(name)
        else:
            self.others.append(name)

    def near(self, who: Principal) -> Iterator[Name]:
        """Yield the names that may match a principal."""
        yield from self.by_account.get(who.account, ())
        yield from self.by_text.get(who.text, ())
        yield from self.others


def _concerning(element: Mapping[str, Values], who: Principal, user_id: Values | Missing) -> Iterator[Name]:
    """Yield the names that decide whether an element excludes a principal; others make no difference."""
    for kind, values in element.items():
        for value in values:
            if _is_named((kind, value), who, user_id) is not NO:
                yield kind, value


def _is_named(name: Name, who: Principal, user_id: Values | Missing) -> Truth:
    element = {name[0]: (name[1],)}
    return MAYBE if _has_pattern(element) else named_by(element, who, user_id).account


def _has_pattern(element: Mapping[str, Values]) -> bool:
    """Return whether a name contains a wildcard.

    AWS does not accept that in a policy, so it may mean anything.
    """
    names = (name for values in element.values() for name in values)
    return any(name != "*" and ("*" in name or "?" in name) for name in names)
