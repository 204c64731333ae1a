"""What could be read of the declarations, so that every mistake of a run is found and not the first layer alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keywright.model.places import Places
from keywright.model.shards import Shards
from keywright.model.subject import SINGULAR
from keywright.reporting.finding import Finding, Severity
from keywright.reporting.text import on_one_line

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date
    from pathlib import Path

    from keywright.model.account import Account
    from keywright.model.always import Always
    from keywright.model.assignment import Assignment
    from keywright.model.bucket import Bucket
    from keywright.model.declarations import Declarations
    from keywright.model.delegation import Delegation
    from keywright.model.exception import FindingException
    from keywright.model.group import Group
    from keywright.model.identity_center import IdentityCenter
    from keywright.model.identity_provider import IdentityProvider
    from keywright.model.never import Never
    from keywright.model.organization import Organization
    from keywright.model.own_policy import OwnPolicy
    from keywright.model.permission_set import PermissionSet
    from keywright.model.role import Role
    from keywright.model.trust_anchor import TrustAnchor
    from keywright.model.user import User
    from keywright.model.workload import Workload
    from keywright.reporting.finding import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The well-formed part of the declarations; lists keep their positions as keys.

    `names` holds every declared name by section, also of things that are not well formed: a reference to one
    of those is no second mistake. `data` is all of it as it was written, whether well formed or not. `folder` is
    where files beside the declarations lie.
    """

    today: date
    folder: Path | None = None
    account: Account | None = None
    groups: Mapping[str, Group] = field(default_factory=dict)
    users: Mapping[str, User] = field(default_factory=dict)
    buckets: Mapping[str, Bucket] = field(default_factory=dict)
    workloads: Mapping[str, Workload] = field(default_factory=dict)
    identity_providers: Mapping[str, IdentityProvider] = field(default_factory=dict)
    trust_anchors: Mapping[str, TrustAnchor] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    delegations: Mapping[str, Delegation] = field(default_factory=dict)
    policies: Mapping[str, OwnPolicy] = field(default_factory=dict)
    identity_center: IdentityCenter | None = None
    permission_sets: Mapping[str, PermissionSet] = field(default_factory=dict)
    assignments: Mapping[int, Assignment] = field(default_factory=dict)
    organization: Organization | None = None
    shards: Shards = field(default_factory=Shards)
    never: Mapping[int, Never] = field(default_factory=dict)
    always: Mapping[int, Always] = field(default_factory=dict)
    exceptions: Mapping[int, FindingException] = field(default_factory=dict)
    names: Mapping[str, Collection[str]] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    places: Places = field(default_factory=Places)

    def finding(
        self,
        message: str,
        found: str,
        accepted: str,
        *,
        at: tuple[str | int, ...],
        severity: Severity = Severity.ERROR,
        see: tuple[Location, ...] = (),
        instead: str = "",
    ) -> Finding:
        """Make a finding at a declared path; `instead` is printable already, as `proposal` writes it."""
        words = (on_one_line(message), on_one_line(found), on_one_line(accepted))
        return Finding(
            self.places.at(*at),
            *words,
            severity=severity,
            see=see,
            instead=instead,
        )


def draft_of(declarations: Declarations, today: date, **more: Any) -> Draft:
    """Give the draft of declarations that are well formed as a whole; `more` are further fields of the draft."""
    sections = {section: getattr(declarations, section) for section in SINGULAR}
    if "data" not in more:
        more["data"] = declarations.model_dump(by_alias=True, exclude_none=True)
    return Draft(
        today=today,
        account=declarations.account,
        identity_center=declarations.identity_center,
        assignments=dict(enumerate(declarations.assignments)),
        organization=declarations.organization,
        shards=declarations.shards,
        never=dict(enumerate(declarations.never)),
        always=dict(enumerate(declarations.always)),
        exceptions=dict(enumerate(declarations.exceptions)),
        names=sections,
        **sections,
        **more,
    )
