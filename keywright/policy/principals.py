"""Who makes a request, and whom `Principal` and `NotPrincipal` name.

Sources: "AWS JSON policy elements: Principal", "AWS JSON policy elements: NotPrincipal", "IAM identifiers".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from keywright.policy.arn import Arn
from keywright.policy.memory import remembered

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCOUNT_ID = re.compile(r"\d{12}")
ACCOUNT_AT_DEPLOYMENT = "<AWS.AccountId>"
"""How the account of a template is spelled where only the deployment knows it."""
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
    """A principal as a request or a policy names it.

    `name` is the last part of a user's or role's name, `path` what stands before it (`/` when there is none, empty
    when unknown, as in the ARN of a role session), `session` a session's name.
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


@remembered
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
    """Give the ARN of a session's role; its path, which a session's ARN hides, is taken as `/`."""
    return f"arn:{session.partition}:iam::{session.account}:role/{session.name}"


def is_everyone(element: Mapping[str, tuple[str, ...]]) -> bool:
    """Tell whether `Principal` names everyone: `"*"` or `{"AWS": "*"}`."""
    return "*" in element or "*" in element.get("AWS", ())
