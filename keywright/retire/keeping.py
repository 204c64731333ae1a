"""Why something unused stays: it is needed rarely, something else has it, or its use can't be told."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from keywright.account.entities import Role
from keywright.model.accepted_findings import RARELY_USED
from keywright.model.fields.strict import several
from keywright.model.trusts.service import ServiceTrust
from keywright.model.trusts.trust import GroupTrust
from keywright.reporting.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from keywright.account.entities import User
    from keywright.account.snapshot import AccountSnapshot
    from keywright.model.declarations import Declarations

_GONE = frozenset({"shutting-down", "terminated"})
_KINDS = {"AWS::IAM::User": "user", "AWS::IAM::Role": "role"}


class Keeping:
    """Gives the reasons to keep identities of a snapshot, by what is declared and by what the account has."""

    def __init__(self, snapshot: AccountSnapshot, declared: Declarations | None, today: date) -> None:
        self._snapshot = snapshot
        self._path = declared.account.path if declared else ""
        self._accepted = dict(_accepted(declared, today)) if declared else {}
        self._rarely_used = (dict(_rarely_used(declared)) if declared else {}) | self._accepted
        self._on_instances = {
            each.profile for each in snapshot.instances if each.profile and each.state not in _GONE
        }
        self._stacks = {
            f"{_KINDS[each.type]}/{each.physical_id}": each.stack
            for each in snapshot.stack_resources
            if each.type in _KINDS and each.physical_id
        }

    def because(self, subject: str, identity: User | Role, *, is_declared: bool) -> str:
        """Say why something unused is not proposed; "" if it is."""
        found = self._rarely_used.get(subject, "")
        if not found and isinstance(identity, Role):
            found = self._of_role(identity)
        if not found and not is_declared:
            found = self._of_undeclared(subject, identity)
        return found

    def of_credentials(self, subject: str) -> str:
        """Say why unused credentials of a user are not proposed; "" if they are."""
        return self._accepted.get(subject, "")

    def unknown(self, identity: User | Role) -> tuple[str, ...]:
        """Say what keeps an unused identity from being judged."""
        has_profile = isinstance(identity, Role) and identity.instance_profiles
        if has_profile and not self._snapshot.has("Instances"):
            return ("which instances have its instance profile was not read",)
        return ()

    def _of_role(self, role: Role) -> str:
        services = _trusted_services(role)
        if services:
            return f"{quoted(services[0])} assumes it, whenever its resources need it"
        profiles = [each for each in role.instance_profiles if str(each.arn) in self._on_instances]
        return f"instances have its profile {quoted(profiles[0].name)}" if profiles else ""

    def _of_undeclared(self, subject: str, identity: User | Role) -> str:
        if subject in self._stacks:
            return f"stack {quoted(self._stacks[subject])} created it: change the template of the stack"
        if self._path and identity.path.startswith(self._path):
            return (
                f"it is under the declared path {quoted(self._path)} and not declared: see `keywright drift`"
            )
        return ""


def is_denied(identity: User | Role) -> bool:
    """Tell whether an inline policy of an identity denies everything, so that its grace has begun."""
    return any(
        _denies_everything(statement)
        for policy in identity.inline_policies
        for statement in _statements(policy.document.get("Statement"))
    )


def _denies_everything(statement: object) -> bool:
    return (
        isinstance(statement, dict)
        and statement.get("Effect") == "Deny"
        and statement.get("Action") in ("*", ["*"])
        and statement.get("Resource") in ("*", ["*"])
        and not statement.get("Condition")
    )


def _statements(written: object) -> list[object]:
    return written if isinstance(written, list) else [written]


def _trusted_services(role: Role) -> list[str]:
    """Give the services that can assume a role, by its trust policy in the account."""
    found: list[str] = []
    for each in _statements(role.trust_policy.get("Statement")):
        principal = each.get("Principal") if isinstance(each, dict) else None
        services = principal.get("Service") if isinstance(principal, dict) else None
        found += [
            str(one) for one in (services if isinstance(services, list) else [services] if services else [])
        ]
    return found


def _accepted(declared: Declarations, today: date) -> Iterator[tuple[str, str]]:
    """Give what the declarations accept as rarely used."""
    for each in declared.exceptions:
        if each.rule == RARELY_USED and each.until >= today:
            yield each.on, f"it is accepted until {each.until} that it is rarely used: {quoted(each.because)}"


def _rarely_used(declared: Declarations) -> Iterator[tuple[str, str]]:
    """Give what is needed rarely, and badly then, with the reason why it stays."""
    members: dict[str, list[str]] = defaultdict(list)
    for name, user in declared.users.items():
        for membership in user.groups:
            members[membership.name].append(f"user/{name}")
    for each in declared.always:
        for who in several(each.who):
            kind, _, group = who.partition("/")
            yield from (
                (one, "`always` promises it access") for one in (members[group] if kind == "group" else [who])
            )
    for name, role in declared.roles.items():
        if any(isinstance(trust, ServiceTrust) for trust in role.trusts):
            yield f"role/{name}", "a service assumes it, whenever its resources need it"
    handover, emergency = declared.account.handover, declared.account.break_glass_role
    if handover:
        yield from ((one, f"it is in the handover group {quoted(handover)}") for one in members[handover])
    if emergency:
        yield emergency, "it is the break-glass role"
        why = f"it can assume the break-glass role {quoted(emergency)}"
        yield from ((one, why) for group in _groups_of(emergency, declared) for one in members[group])


def _groups_of(role: str, declared: Declarations) -> list[str]:
    """Give the groups that can assume a role."""
    found = declared.roles.get(role.partition("/")[2])
    return [each.group for each in found.trusts if isinstance(each, GroupTrust)] if found else []
