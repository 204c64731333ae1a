"""Principals: who makes a request, and which principals `Principal` and `NotPrincipal` match.

Sources: "AWS JSON policy elements: Principal", "AWS JSON policy elements: NotPrincipal", "IAM identifiers", and the
table "Resource-based policies and implicit denies in other policy types" of "Policy evaluation logic".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from keywright.policy.matching.arn import Arn
from keywright.policy.matching.context import ABSENT, MAYBE, NO, YES, Missing, Truth, negation, truth
from keywright.policy.matching.memoize import memoized
from keywright.policy.matching.patterns import Glob

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.policy.matching.context import Values


ACCOUNT_ID = re.compile(r"\d{12}")
ACCOUNT_AT_DEPLOYMENT = "<AWS.AccountId>"
"""The symbol of a template's account if it is known only at deployment."""
UNIQUE_ID = re.compile(r"(AIDA|AROA)[A-Z0-9]{12,124}")
CANONICAL_ID = re.compile(r"[0-9a-f]{64}")
_SERVICE = re.compile(
    r"[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|internal|aws\.internal|amazon\.com)"
)
_DOMAIN = re.compile(r"(https://)?[A-Za-z0-9-]++(\.[A-Za-z0-9-]++)++(/|$)")
WEB_IDENTITY_PROVIDERS = frozenset(
    {"cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com", "accounts.google.com"}
)
"""Providers that are named by domain; all others are named by the ARN of their resource in the account."""


class PrincipalKind(StrEnum):
    """The kinds of principal that a request can come from."""

    ANONYMOUS = "anonymous"
    ROOT = "root"
    USER = "user"
    ROLE = "role"
    """A role named by its own ARN: any of its sessions."""
    ROLE_SESSION = "role session"
    FEDERATED_USER = "federated user"
    """A session of GetFederationToken."""
    SERVICE = "service"
    PROVIDER = "identity provider"
    """A caller of AssumeRoleWithWebIdentity or AssumeRoleWithSAML, known by its provider only."""
    CANONICAL = "canonical user"
    OTHER = "other"
    """An ARN or text of no known form."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A principal as in a request or a policy.

    `name` is a user's or role's name, `path` its path (`/` by default, empty if unknown, as in the ARN of a role
    session), `session` a session's name.
    """

    text: str
    kind: PrincipalKind
    partition: str = ""
    account: str = ""
    name: str = ""
    path: str = ""
    session: str = ""

    @property
    def is_identity(self) -> bool:
        """Whether it belongs to an account and may have policies of its own."""
        return self.kind in _IDENTITIES


_IDENTITIES = frozenset(
    {
        PrincipalKind.ROOT,
        PrincipalKind.USER,
        PrincipalKind.ROLE,
        PrincipalKind.ROLE_SESSION,
        PrincipalKind.FEDERATED_USER,
    }
)


@memoized
def principal(text: str) -> Principal:
    """Read a principal: an ARN, an account id, a service, a provider, a canonical id, or `*` for an anonymous one."""
    arn = Arn.parse(text)
    if arn is not None:
        return _of_arn(text, arn)
    if ACCOUNT_ID.fullmatch(text) or text == ACCOUNT_AT_DEPLOYMENT:
        return Principal(text, PrincipalKind.ROOT, account=text)
    return Principal(text, next((kind for is_one, kind in _FORMS if is_one(text)), PrincipalKind.OTHER))


_FORMS = (
    ("*".__eq__, PrincipalKind.ANONYMOUS),
    (WEB_IDENTITY_PROVIDERS.__contains__, PrincipalKind.PROVIDER),
    (CANONICAL_ID.fullmatch, PrincipalKind.CANONICAL),
    (_SERVICE.fullmatch, PrincipalKind.SERVICE),
    (_DOMAIN.match, PrincipalKind.PROVIDER),
)


def _of_arn(text: str, arn: Arn) -> Principal:
    kind, _, rest = arn.resource.partition("/")
    if arn.service == "iam" and arn.resource == "root":
        return Principal(text, PrincipalKind.ROOT, arn.partition, arn.account)
    if arn.service == "iam" and kind in {"user", "role"} and rest:
        path, _, name = f"/{rest}".rpartition("/")
        return Principal(text, PrincipalKind(kind), arn.partition, arn.account, name, f"{path}/")
    if arn.service == "iam" and kind in {"saml-provider", "oidc-provider"}:
        return Principal(text, PrincipalKind.PROVIDER, arn.partition, arn.account)
    if arn.service == "sts" and kind == "assumed-role" and rest:
        name, _, session = rest.partition("/")
        return Principal(text, PrincipalKind.ROLE_SESSION, arn.partition, arn.account, name, session=session)
    if arn.service == "sts" and kind == "federated-user" and rest:
        return Principal(text, PrincipalKind.FEDERATED_USER, arn.partition, arn.account, rest)
    return Principal(text, PrincipalKind.OTHER, arn.partition, arn.account)


def role_arn(session: Principal) -> str:
    """Give the ARN of a session's role; its path, which a session's ARN omits, counts as `/`."""
    return f"arn:{session.partition}:iam::{session.account}:role/{session.name}"


def is_everyone(element: Mapping[str, tuple[str, ...]]) -> bool:
    """Tell whether `Principal` is everyone: `"*"` or `{"AWS": "*"}`."""
    return "*" in element or "*" in element.get("AWS", ())


class Reach(NamedTuple):
    """How an element names a principal: at least by its account, by its role, or directly.

    Each implies the one before. What names the account delegates to it: the account's own policies must allow as
    well. What names the role skips the role's own policies but not what limits it. What names the user or session
    itself, or everyone, is limited by explicit denies alone.
    """

    account: Truth
    role: Truth
    direct: Truth

    def capped(self, by: Truth) -> Reach:
        """Be no surer than something else."""
        return Reach(min(self.account, by), min(self.role, by), min(self.direct, by))

    def joined(self, other: Reach) -> Reach:
        """Combine two ways of being named: the more direct one counts."""
        return Reach(
            max(self.account, other.account), max(self.role, other.role), max(self.direct, other.direct)
        )


UNNAMED = Reach(NO, NO, NO)
BY_ACCOUNT = Reach(YES, NO, NO)
BY_ROLE = Reach(YES, YES, NO)
DIRECTLY = Reach(YES, YES, YES)


def named_by(element: Mapping[str, Values], who: Principal, user_id: Values | Missing = ABSENT) -> Reach:
    """Tell how `Principal` names a principal; `user_id` is the request's `aws:userid` if known."""
    if is_everyone(element):
        return DIRECTLY
    found = UNNAMED
    for kind, values in element.items():
        for value in values:
            found = found.joined(_named(kind, value, who, user_id))
    return found


def not_excepted_by(
    element: Mapping[str, Values], who: Principal, user_id: Values | Missing = ABSENT
) -> Truth:
    """Tell whether a statement with `NotPrincipal` applies to a principal.

    AWS recommends to list with a user or session also its account (and role), but does not document what happens if
    one is missing. That is undecided here.
    """
    if is_everyone(element):
        return NO
    reach = named_by(element, who, user_id)
    if who.kind not in _WITHIN_ACCOUNTS:
        return negation(reach.direct)
    if reach.direct is NO:
        return YES if reach.role is NO else MAYBE
    accounts = named_by(
        element, Principal(who.account, PrincipalKind.ROOT, who.partition, who.account)
    ).direct
    roles = _named_role(element, who) if who.kind is PrincipalKind.ROLE_SESSION else YES
    return negation(min(reach.direct, max(MAYBE, min(accounts, roles))))


_WITHIN_ACCOUNTS = frozenset(
    {PrincipalKind.USER, PrincipalKind.ROLE, PrincipalKind.ROLE_SESSION, PrincipalKind.FEDERATED_USER}
)


def _named_role(element: Mapping[str, Values], session: Principal) -> Truth:
    values = map(principal, element.get("AWS", ()))
    return truth(any(value.kind is PrincipalKind.ROLE and _same(value, session) for value in values))


def _named(kind: str, value: str, who: Principal, user_id: Values | Missing) -> Reach:
    if value == who.text and kind != "AWS":
        return DIRECTLY
    if kind == "AWS":
        return _named_in_aws(value, who, user_id)
    if kind == "CanonicalUser":
        return BY_ACCOUNT.capped(truth(who.is_identity)).capped(MAYBE)
    if kind == "Service":
        return DIRECTLY.capped(_by_wildcard(value, who, PrincipalKind.SERVICE))
    if kind == "Federated":
        return DIRECTLY.capped(_by_wildcard(value, who, PrincipalKind.PROVIDER))
    return DIRECTLY.capped(MAYBE)


def _by_wildcard(value: str, who: Principal, kind: PrincipalKind) -> Truth:
    """AWS documents no wildcards here; whether a policy with one is accepted depends on the service."""
    return MAYBE if who.kind is kind and Glob.parse(value).matches(who.text) else NO


def _named_in_aws(value: str, who: Principal, user_id: Values | Missing) -> Reach:
    named = principal(value)
    if named.kind is PrincipalKind.ROOT:
        return _by_account(named, who)
    if value == who.text:
        return BY_ROLE if who.kind is PrincipalKind.ROLE else DIRECTLY
    if UNIQUE_ID.fullmatch(value):
        return _by_unique_id(value, who, user_id)
    if "*" in value or "?" in value:
        return DIRECTLY.capped(MAYBE).capped(truth(Glob.parse(value).matches(who.text)))
    return _through_session(named, who)


def _through_session(named: Principal, who: Principal) -> Reach:
    """Tell how naming a role or its session (or a user or its federated session) names the other."""
    kinds = (named.kind, who.kind)
    if kinds == (PrincipalKind.ROLE, PrincipalKind.ROLE_SESSION):
        return BY_ROLE.capped(truth(_same(named, who)))
    if kinds == (PrincipalKind.ROLE_SESSION, PrincipalKind.ROLE):
        return DIRECTLY.capped(MAYBE).capped(truth(_same(named, who)))
    if kinds == (PrincipalKind.USER, PrincipalKind.FEDERATED_USER):
        return BY_ROLE.capped(MAYBE).capped(truth(named.account == who.account))
    return UNNAMED


def _by_account(named: Principal, who: Principal) -> Reach:
    if not who.account or who.kind is PrincipalKind.PROVIDER:
        return UNNAMED
    reach = DIRECTLY if who.kind is PrincipalKind.ROOT else BY_ACCOUNT
    if "*" in named.account or "?" in named.account:
        return reach.capped(MAYBE).capped(truth(Glob.parse(named.account).matches(who.account)))
    return reach if named.account == who.account else UNNAMED


def _same(one: Principal, other: Principal) -> bool:
    """Tell whether two names are the same role; a role's name is unique in its account, whatever its path."""
    return (one.account, one.name) == (other.account, other.name)


def _by_unique_id(value: str, who: Principal, user_id: Values | Missing) -> Reach:
    """A principal that AWS displays as a unique id: the identity was deleted, unless it has this id."""
    reach = BY_ROLE if value.startswith("AROA") else DIRECTLY
    if not who.is_identity or user_id is ABSENT:
        return UNNAMED
    if isinstance(user_id, Missing):
        return reach.capped(MAYBE)
    return reach.capped(truth(any(each.partition(":")[0] == value for each in user_id)))
