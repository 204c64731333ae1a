"""Trust policies: which principals can assume a role, and by which action."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keywright.assembly.templates.resolve import pseudo_parameter
from keywright.assembly.templates.value import as_text
from keywright.guardrails.subjects.allowed_principals import AllowedPrincipal, allowed_principals
from keywright.policy.matching.context import Truth

if TYPE_CHECKING:
    from keywright.assembly.identities.collection import Identity
    from keywright.assembly.templates.policy_documents import Policy, TemplateStatement
    from keywright.guardrails.place import Place

ASSUME_ROLE = "sts:assumerole"
WEB_IDENTITY = "sts:assumerolewithwebidentity"
SAML = "sts:assumerolewithsaml"
ASSUME_ACTIONS = (ASSUME_ROLE, WEB_IDENTITY, SAML)
"""The actions that assume a role; others, such as sts:TagSession, only add to the session."""


@dataclass(frozen=True)
class TrustStatement:
    """One statement of a role's trust policy."""

    role: Identity
    policy: Policy
    statement: TemplateStatement
    place: Place
    _invited: dict[tuple[str, ...], tuple[AllowedPrincipal, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def label(self) -> str:
        """Return the role in backticks."""
        return f"`{self.role.label}`"

    def allowed_principals(self, *actions: str) -> tuple[AllowedPrincipal, ...]:
        """Return the principals allowed one of these actions (in lower case), or any action; cached."""
        wanted = actions or tuple(str(each).lower() for each in self.statement.actions) or ASSUME_ACTIONS
        if wanted not in self._invited:
            own = as_text(pseudo_parameter("AWS::AccountId", self.role.resource.template))
            self._invited[wanted] = tuple(allowed_principals(self.statement, self.policy, own, wanted))
        return self._invited[wanted]


def always_requires_mfa(role: Identity) -> bool:
    """Return whether `sts:AssumeRole` for the role always requires MFA."""
    if role.trust is None:
        return False
    own = as_text(pseudo_parameter("AWS::AccountId", role.resource.template))
    allowed = [
        each
        for statement in role.trust.statements
        for each in allowed_principals(statement, role.trust, own, (ASSUME_ROLE,))
        if each.is_allowed is not Truth.NO
    ]
    return (
        bool(allowed)
        and not role.trust.unreadable
        and all(each.requires_mfa is Truth.YES for each in allowed)
    )
