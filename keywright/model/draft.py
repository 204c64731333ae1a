"""What could be read of the declarations, so that every mistake of a run is found and not the first layer alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args

from pydantic import ValidationError

from keywright.model.declarations import Declarations
from keywright.model.source.places import SINGULAR, Places
from keywright.model.source.yaml_tree import MappingNode, plain
from keywright.model.stacks.shards import Shards
from keywright.reporting.finding import Finding, Severity
from keywright.reporting.text import on_one_line

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date
    from pathlib import Path

    from keywright.model.account.organization import Organization
    from keywright.model.account.settings import Account
    from keywright.model.buckets import Bucket
    from keywright.model.exceptions import FindingException
    from keywright.model.grants.grant import OwnPolicy
    from keywright.model.identity_center import Assignment, IdentityCenter, PermissionSet
    from keywright.model.invariants import Always, Never
    from keywright.model.people.groups import Group
    from keywright.model.people.users import User
    from keywright.model.roles import Delegation, Role
    from keywright.model.trusts.anywhere import TrustAnchor
    from keywright.model.trusts.identity_provider import IdentityProvider
    from keywright.model.workloads import Workload
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


_LISTS = ("assignments", "never", "always", "exceptions")


def draft(
    whole: MappingNode, places: Places, today: date, folder: Path
) -> tuple[Declarations | None, Draft, list[Finding]]:
    """Read the tree into types; without a finding the declarations are whole."""
    data = plain(whole)
    try:
        declarations = Declarations.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        from keywright.model.source.complaints import complaints  # noqa: PLC0415 - what is well formed doesn't wait for it

        details = error.errors(include_url=False, include_input=False)
        wrong = {tuple(each["loc"][:2]) for each in details}
        return None, _well_formed(data, wrong, today, folder, places), complaints(details, places)
    return declarations, draft_of(declarations, today, folder=folder, places=places, data=data), []


def _well_formed(data: dict[str, Any], wrong: set[Any], today: date, folder: Path, places: Places) -> Draft:
    sections = {section: _things(data, section, wrong) for section in (*SINGULAR, *_LISTS)}
    parts: dict[str, Any] = dict(sections)
    if not any(path[0] == "account" for path in wrong):
        parts["account"] = _type_of("account").model_validate(data["account"])
    for section in ("shards", "identity_center"):
        if section in data and not any(path[0] == section for path in wrong):
            parts[section] = _type_of(section).model_validate(data[section], by_alias=True, by_name=False)
    names = {section: tuple(data.get(section, ())) for section in SINGULAR}
    return Draft(today=today, folder=folder, names=names, data=data, places=places, **parts)


def _things(data: dict[str, Any], section: str, wrong: set[Any]) -> dict[Any, Any]:
    if (section,) in wrong:
        return {}
    things = data.get(section, {})
    entries = things.items() if isinstance(things, dict) else enumerate(things)
    kind = _type_of(section)
    return {
        name: kind.model_validate(value, by_alias=True, by_name=False)
        for name, value in entries
        if (section, name) not in wrong
    }


def _type_of(section: str) -> Any:
    annotation = Declarations.model_fields[section].annotation
    arguments = [each for each in get_args(annotation) if each not in (Ellipsis, NoneType)]
    return arguments[-1] if arguments else annotation
