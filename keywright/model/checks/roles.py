"""Roles: role chaining, partner accounts, roles in other accounts, and delegations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.fields.dates import seconds
from keywright.model.grants.grant import AssumeGrant
from keywright.model.people.users import User
from keywright.model.queries import granting
from keywright.model.source.places import owner
from keywright.model.trusts.account import AccountTrust
from keywright.model.trusts.trust import RoleTrust, WorkloadTrust
from keywright.policy.quotas import CHAINED_SESSION
from keywright.reporting.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.model.draft import Draft
    from keywright.model.grants.grant import OwnPolicy
    from keywright.model.queries import Holder
    from keywright.model.roles import Role
    from keywright.model.source.places import Path
    from keywright.model.trusts.trust import Trust
    from keywright.reporting.finding import Finding


LONGEST = 3
"""The longest chain of roles in which CloudTrail still shows who acts without a source identity."""


def check_role_chaining(draft: Draft) -> Iterator[Finding]:
    """Refuse circles of roles and sessions longer than role chaining allows; advise against long chains."""
    for name, role in draft.declared.roles.items():
        yield from _existing(draft, name, role)
        yield from _session(draft, name, role)
    chains, circles = _chains_and_circles(
        {name: _trusted_roles(role, draft.declared.roles) for name, role in draft.declared.roles.items()}
    )
    for circle in circles:
        yield draft.finding(
            f"role `{circle[0]}` can be assumed by its own sessions, which can renew themselves for ever",
            _arrows(circle),
            "a chain without a circle",
            at=("roles", circle[0], "trusts"),
        )
    for chain in chains:
        if len(chain) > LONGEST:
            yield draft.finding(
                f"role `{chain[-1]}` is at the end of a chain of {len(chain)} roles, and its log doesn't show who acts",
                _arrows(chain),
                f"at most {LONGEST} roles in a chain, or `source_identity` at its beginning",
                at=("roles", chain[-1], "trusts"),
                severity=Severity.ADVICE,
            )


def _existing(draft: Draft, name: str, role: Role) -> Iterator[Finding]:
    for path, trust in _chained(name, role):
        other = draft.declared.roles.get(trust.role)
        if other is not None and other.existing:
            yield draft.finding(
                f"role `{name}` trusts existing role `{trust.role}`, which would need a policy to assume it",
                f"`{trust.role}`",
                "a role without `existing`",
                at=path,
            )


def _session(draft: Draft, name: str, role: Role) -> Iterator[Finding]:
    by_roles = [each for each in role.trusts if _is_role_session(each)]
    if not by_roles or seconds(role.session) <= CHAINED_SESSION:
        return
    # If other principals assume the role too, their sessions can be as long as declared.
    only_roles = len(by_roles) == len(role.trusts)
    yield draft.finding(
        f"a session of role `{name}` lasts at most an hour when another role assumes it",
        f"`session: {role.session}`" + (", and only roles assume it" if only_roles else ""),
        "`1h`" + ("" if only_roles else ", or another role for principals that are not roles"),
        at=("roles", name, "session"),
        severity=Severity.ERROR if only_roles else Severity.ADVICE,
    )


def _chains_and_circles(before: Mapping[str, list[str]]) -> tuple[list[list[str]], list[list[str]]]:
    """Give the longest chain to each role at the end of a chain, and the circles; the last role of a circle is its first.

    Visits each role once: the number of chains may grow exponentially with the number of roles.
    """
    left, longest = dict(before), dict[str, list[str]]()
    circles = []
    while left:
        # A role is ready once the longest chain to each role that it trusts is known.
        ready = [name for name, several in left.items() if not any(each in left for each in several)]
        for name in ready:
            ends = [longest[each] for each in left.pop(name) if each in longest]
            longest[name] = [*max(ends, key=len, default=[]), name]
        if left and not ready:
            circles.append(_circle(left))
            # The circle is reported once; without its roles, the others can be ordered.
            for name in circles[-1][1:]:
                del left[name]
    has_next = {each for several in before.values() for each in several}
    return [chain for name, chain in longest.items() if name not in has_next], circles


def _circle(left: Mapping[str, list[str]]) -> list[str]:
    """Follow the trusted roles until one appears again; each of these roles trusts another one of them."""
    walked = [min(left)]
    while True:
        previous = min(each for each in left[walked[-1]] if each in left)
        if previous in walked:
            return [previous, *reversed(walked[walked.index(previous) :])]
        walked.append(previous)


def _arrows(chain: list[str]) -> str:
    return " → ".join(f"`{each}`" for each in chain)


def _trusted_roles(role: Role, roles: Mapping[str, Role]) -> list[str]:
    """List the roles that a role trusts; one that is not declared is reported elsewhere."""
    return [each.role for each in role.trusts if isinstance(each, RoleTrust) and each.role in roles]


def _chained(name: str, role: Role) -> Iterator[tuple[Path, RoleTrust]]:
    for index, trust in enumerate(role.trusts):
        if isinstance(trust, RoleTrust):
            yield ("roles", name, "trusts", index, "role"), trust


def _is_role_session(trust: Trust) -> bool:
    return isinstance(trust, RoleTrust | WorkloadTrust) or (
        isinstance(trust, AccountTrust) and bool(trust.roles)
    )


def check_partners(draft: Draft) -> Iterator[Finding]:
    """Warn of an external ID that two accounts share, and advise on sessions that role chaining shortens."""
    first: dict[str, tuple[Path, str]] = {}
    for name, role in draft.declared.roles.items():
        for index, trust in enumerate(role.trusts):
            if not isinstance(trust, AccountTrust) or trust.external_id is None:
                continue
            at: Path = ("roles", name, "trusts", index, "external_id")
            there, account = first.setdefault(trust.external_id, (at, trust.account))
            if account != trust.account:
                yield draft.finding(
                    f"accounts `{account}` and `{trust.account}` share an external ID",
                    f"`{trust.external_id}` for both",
                    "an external ID for each partner: `keywright partner --new`",
                    at=at,
                    severity=Severity.WARNING,
                    see=(draft.places.at(*there),),
                )
            if seconds(role.session) > CHAINED_SESSION and not trust.roles:
                yield draft.finding(
                    f"a role of account `{trust.account}` gets sessions of role `{name}` of at most an hour",
                    f"`session: {role.session}`",
                    "`1h`, or users of that account who assume the role",
                    at=("roles", name, "session"),
                    severity=Severity.ADVICE,
                )


_SHARED = ("policies", "delegations")


def check_assumed_roles(draft: Draft) -> Iterator[Finding]:
    """Refuse grants to assume roles of this account, grants to people without MFA, and grants in shared policies."""
    for path, holder in granting(draft):
        for index, grant in enumerate(holder.grants):
            if isinstance(grant, AssumeGrant):
                yield from _grant(draft, (*path, "grants", index), holder, grant)


def _grant(draft: Draft, path: Path, holder: Holder | OwnPolicy, grant: AssumeGrant) -> Iterator[Finding]:
    section = str(path[0])
    who = owner(path)
    if draft.account is not None and grant.owner == draft.account.id:
        kind = "role" if section == "roles" else "group"
        yield draft.finding(
            f"{who} has a grant to assume a role of this account, which the role's `trusts` has to give",
            f"`{grant.assume}`",
            f"`trusts: [{{{kind}: …}}]` of that role, which adds the permission too",
            at=(*path, "assume"),
        )
    if section in _SHARED:
        yield draft.finding(
            f"{who} grants to assume a role in another account, but not to whom",
            f"`assume: {grant.assume}`",
            "the grant in the group, user, role or workload itself",
            at=(*path, "assume"),
        )
    elif _is_people(section, holder) and grant.mfa is None:
        yield draft.finding(
            f"{who} can assume a role of another account without MFA",
            "no `mfa`",
            "`mfa: {within: 1h}`, and `people` in that role's trust",
            at=(*path, "assume"),
        )
    elif not _is_people(section, holder) and grant.mfa is not None:
        yield draft.finding(
            f"a session of {who} carries no MFA information"
            if section == "permission_sets"
            else f"{who} is software, which can't use MFA",
            f"`mfa: {{within: {grant.mfa.within}}}`",
            "no `mfa`; `external_id` if the role requires one",
            at=(*path, "mfa"),
        )


def _is_people(section: str, holder: Holder | OwnPolicy) -> bool:
    return section == "groups" or (isinstance(holder, User) and holder.application is None)


def check_delegations(draft: Draft) -> Iterator[Finding]:
    """Refuse existing delegates, whose policies are never changed, and the break-glass role."""
    for name, delegation in draft.declared.delegations.items():
        for index, delegate in enumerate(delegation.to):
            at = ("delegations", name, "to", index)
            kind, _, who = delegate.partition("/")
            thing = (draft.declared.groups if kind == "group" else draft.declared.roles).get(who)
            if thing is not None and thing.existing:
                message = f"existing `{delegate}` would need a policy to create roles by delegation `{name}`"
                yield draft.finding(message, f"`{delegate}`", f"a {kind} without `existing`", at=at)
            elif draft.account is not None and draft.account.break_glass_role == delegate:
                message = f"delegation `{name}` names the break-glass role, which can create roles anyway"
                yield draft.finding(message, f"`{delegate}`", "another role, or a group", at=at)
