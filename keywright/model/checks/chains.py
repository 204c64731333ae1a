"""Role chaining: sessions of roles that assume further roles, for an hour at most, and without a second factor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.account_trust import AccountTrust
from keywright.model.duration import seconds
from keywright.model.role_trust import RoleTrust
from keywright.model.trust import CHAINED
from keywright.model.workload_trust import WorkloadTrust
from keywright.reporting.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.model.draft import Draft
    from keywright.model.role import Role
    from keywright.model.subject import Path
    from keywright.model.trust import Trust
    from keywright.reporting.finding import Finding

LONGEST = 3
"""Roles one after the other, of which somebody still says who acts in the end."""


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse circles, which never end, and sessions longer than a chained one is; advise against long chains."""
    for name, role in draft.roles.items():
        yield from _existing(draft, name, role)
        yield from _session(draft, name, role)
    chains, circles = _followed({name: _before(role, draft.roles) for name, role in draft.roles.items()})
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
        other = draft.roles.get(trust.role)
        if other is not None and other.existing:
            yield draft.finding(
                f"role `{name}` trusts existing role `{trust.role}`, which would need a policy for it",
                f"`{trust.role}`",
                "a role of ours",
                at=path,
            )


def _session(draft: Draft, name: str, role: Role) -> Iterator[Finding]:
    by_roles = [each for each in role.trusts if _comes_from_a_role(each)]
    if not by_roles or seconds(role.session) <= CHAINED:
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
