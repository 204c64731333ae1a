"""Role chaining: sessions of roles that assume further roles, for an hour at most, and without a second factor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.fields.dates import seconds
from keywright.model.grants.grant import AssumeGrant
from keywright.model.holders import granting
from keywright.model.people.users import User
from keywright.model.source.places import owner
from keywright.model.trusts.account import AccountTrust
from keywright.model.trusts.trust import RoleTrust, WorkloadTrust
from keywright.policy.quotas import CHAINED_SESSION
from keywright.reporting.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.model.draft import Draft
    from keywright.model.grants.grant import OwnPolicy
    from keywright.model.holders import Holder
    from keywright.model.roles import Role
    from keywright.model.source.places import Path
    from keywright.model.trusts.trust import Trust
    from keywright.reporting.finding import Finding


LONGEST = 3
"""Roles one after the other, of which somebody still says who acts in the end."""


def check_role_chaining(draft: Draft) -> Iterator[Finding]:
    """Refuse circles, which never end, and sessions longer than a chained one is; advise against long chains."""
    for name, role in draft.declared.roles.items():
        yield from _existing(draft, name, role)
        yield from _session(draft, name, role)
    chains, circles = _followed(
        {name: _before(role, draft.declared.roles) for name, role in draft.declared.roles.items()}
    )
    for circle in circles:
        yield draft.finding(
            f"role `{circle[0]}` is assumed by its own sessions, which so renew themselves without end",
            _written(circle),
            "a chain with a beginning",
            at=("roles", circle[0], "trusts"),
        )
    for chain in chains:
        if len(chain) > LONGEST:
            yield draft.finding(
                f"role `{chain[-1]}` is reached over {len(chain) - 1} other roles, and no log of it says who acts",
                _written(chain),
                f"at most {LONGEST} roles one after the other, or `source_identity` where the chain begins",
                at=("roles", chain[-1], "trusts"),
                severity=Severity.ADVICE,
            )


def _existing(draft: Draft, name: str, role: Role) -> Iterator[Finding]:
    for path, trust in _chained(name, role):
        other = draft.declared.roles.get(trust.role)
        if other is not None and other.existing:
            yield draft.finding(
                f"role `{name}` trusts existing role `{trust.role}`, which would need a policy for it",
                f"`{trust.role}`",
                "a role of ours",
                at=path,
            )


def _session(draft: Draft, name: str, role: Role) -> Iterator[Finding]:
    by_roles = [each for each in role.trusts if _comes_from_a_role(each)]
    if not by_roles or seconds(role.session) <= CHAINED_SESSION:
        return
    nobody_else = len(by_roles) == len(role.trusts)
    yield draft.finding(
        f"a session of role `{name}` that begins from another role's lasts an hour at most",
        f"`session: {role.session}`" + (", and nobody else assumes it" if nobody_else else ""),
        "`1h`" + ("" if nobody_else else ", or a role of its own for who is no role"),
        at=("roles", name, "session"),
        severity=Severity.ERROR if nobody_else else Severity.ADVICE,
    )


def _followed(before: Mapping[str, list[str]]) -> tuple[list[list[str]], list[list[str]]]:
    """Give the longest chain to each role that no other role comes after, and the circles; each role is looked at once.

    A circle's last role is its first once more.
    """
    left, longest = dict(before), dict[str, list[str]]()
    circles = []
    while left:
        ready = [name for name, several in left.items() if not any(each in left for each in several)]
        for name in ready:
            ends = [longest[each] for each in left.pop(name) if each in longest]
            longest[name] = [*max(ends, key=len, default=[]), name]
        if left and not ready:
            circles.append(_circle(left))
            for name in circles[-1][1:]:
                del left[name]
    followed = {each for several in before.values() for each in several}
    return [chain for name, chain in longest.items() if name not in followed], circles


def _circle(left: Mapping[str, list[str]]) -> list[str]:
    """Walk backwards among roles each of which comes after another one, until one is there again."""
    walked = [min(left)]
    while True:
        previous = min(each for each in left[walked[-1]] if each in left)
        if previous in walked:
            return [previous, *reversed(walked[walked.index(previous) :])]
        walked.append(previous)


def _written(chain: list[str]) -> str:
    return " → ".join(f"`{each}`" for each in chain)


def _before(role: Role, roles: Mapping[str, Role]) -> list[str]:
    """Name the roles that a role trusts; one that is not declared is a mistake of its own."""
    return [each.role for each in role.trusts if isinstance(each, RoleTrust) and each.role in roles]


def _chained(name: str, role: Role) -> Iterator[tuple[Path, RoleTrust]]:
    for index, trust in enumerate(role.trusts):
        if isinstance(trust, RoleTrust):
            yield ("roles", name, "trusts", index, "role"), trust


def _comes_from_a_role(trust: Trust) -> bool:
    return isinstance(trust, RoleTrust | WorkloadTrust) or (
        isinstance(trust, AccountTrust) and bool(trust.roles)
    )


def check_partners(draft: Draft) -> Iterator[Finding]:
    """Warn of an external ID that two accounts send, and tell of sessions that most software never gets."""
    first: dict[str, tuple[Path, str]] = {}
    for name, role in draft.declared.roles.items():
        for index, trust in enumerate(role.trusts):
            if not isinstance(trust, AccountTrust) or trust.external_id is None:
                continue
            at: Path = ("roles", name, "trusts", index, "external_id")
            there, account = first.setdefault(trust.external_id, (at, trust.account))
            if account != trust.account:
                yield draft.finding(
                    f"accounts `{account}` and `{trust.account}` are told apart by nothing but their number",
                    f"`{trust.external_id}` for both",
                    "an external ID for each partner: `keywright partner --new`",
                    at=at,
                    severity=Severity.WARNING,
                    see=(draft.places.at(*there),),
                )
            if seconds(role.session) > CHAINED_SESSION and not trust.roles:
                yield draft.finding(
                    f"software that acts as a role of account `{trust.account}` gets no session of role `{name}` longer than an hour",
                    f"`session: {role.session}`",
                    "`1h`, or that its users assume the role",
                    at=("roles", name, "session"),
                    severity=Severity.ADVICE,
                )


_SHARED = ("policies", "delegations")


def check_assumed_roles(draft: Draft) -> Iterator[Finding]:
    """Refuse a grant on a role of this very account, one without the second factor, and one whose holder is not known."""
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
            f"{who} is granted to assume a role of this very account, whose trust says who does",
            f"`{grant.assume}`",
            f"`trusts: [{{{kind}: …}}]` of that role, which writes both sides",
            at=(*path, "assume"),
        )
    if section in _SHARED:
        yield draft.finding(
            f"{who} says of a role in another account nothing about who assumes it",
            f"`assume: {grant.assume}`",
            "the grant at the group, user, role or workload itself",
            at=(*path, "assume"),
        )
    elif _is_people(section, holder) and grant.mfa is None:
        yield draft.finding(
            f"{who} assumes a role of another account without a second factor",
            "no `mfa`",
            "`mfa: {within: 1h}`, and `people` at that role's trust",
            at=(*path, "assume"),
        )
    elif not _is_people(section, holder) and grant.mfa is not None:
        yield draft.finding(
            f"a session of {who} shows no second factor"
            if section == "permission_sets"
            else f"{who} is software, which has no second factor to show",
            f"`mfa: {{within: {grant.mfa.within}}}`",
            "no `mfa`; `external_id` where the role asks for one",
            at=(*path, "mfa"),
        )


def _is_people(section: str, holder: Holder | OwnPolicy) -> bool:
    return section == "groups" or (isinstance(holder, User) and holder.application is None)


def check_delegations(draft: Draft) -> Iterator[Finding]:
    """Refuse delegates that exist already, whose policies are not ours to write, and the one that breaks the glass."""
    for name, delegation in draft.declared.delegations.items():
        for index, delegate in enumerate(delegation.to):
            at = ("delegations", name, "to", index)
            kind, _, who = delegate.partition("/")
            thing = (draft.declared.groups if kind == "group" else draft.declared.roles).get(who)
            if thing is not None and thing.existing:
                message = f"existing `{delegate}` would need a policy to make roles by delegation `{name}`"
                yield draft.finding(message, f"`{delegate}`", f"a {kind} of ours", at=at)
            elif draft.account is not None and draft.account.break_glass == delegate:
                message = f"delegation `{name}` gives the break-glass role what it has, and takes it out of no fence"
                yield draft.finding(message, f"`{delegate}`", "another role, or a group", at=at)
