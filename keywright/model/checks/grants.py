"""Grants: access levels of services, statements, sessions, locked actions and managed policies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.model.action_lock import FILE, needed
from keywright.model.checks.aws_names import AwsName, check_aws_names
from keywright.model.checks.references import ANY, texts
from keywright.model.draft import Consequence
from keywright.model.fields.nearest import nearest
from keywright.model.grants.access_levels import (
    WITHOUT_RESOURCE,
    AccessLevel,
    actions_on,
    level_of,
    levels_on,
    supports_tag_conditions,
)
from keywright.model.grants.grant import OWN, ServiceGrant, SessionGrant, StatementGrant
from keywright.model.identity_center import PermissionSet
from keywright.model.people.groups import Group
from keywright.model.people.users import User
from keywright.model.queries import SECTIONS, attached, granting, holders
from keywright.model.roles import AccountTrust, GroupTrust, Role, SamlTrust
from keywright.model.source.places import owner
from keywright.policy.conditions import NAMES, operator_named
from keywright.policy.matching.arn import partition_of
from keywright.policy.reference import catalogue, managed_policies
from keywright.policy.reference.catalogue import forms_of, is_unambiguous, matching_forms
from keywright.reporting.finding import Finding, Severity
from keywright.reporting.text import listed, on_one_line, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.action_lock import Entry
    from keywright.model.draft import Draft
    from keywright.model.grants.grant import OwnPolicy, ServiceAccess
    from keywright.model.grants.statement import RawStatement
    from keywright.model.queries import Holder
    from keywright.model.roles import Trust
    from keywright.model.source.lock_file import LockReading
    from keywright.model.source.places import Path


def check_services(draft: Draft) -> Iterator[Finding]:
    """Refuse unknown services and resource types, and access levels without any action."""
    for path, holder in granting(draft):
        for index, grant in enumerate(holder.grants):
            if isinstance(grant, ServiceGrant):
                yield from _access(draft, grant.allow, (*path, "grants", index, "allow"))


def _access(draft: Draft, access: ServiceAccess, path: Path) -> Iterator[Finding]:
    if access.service not in catalogue.services():
        near = listed(nearest(access.service, catalogue.services()))
        at = (*path, "service")
        yield draft.finding("no AWS service has this prefix", f"`{access.service}`", near, at=at)
    elif access.resources:
        yield from _with_resources(draft, access, path)
    else:
        yield from _without_resources(draft, access, path)


def _without_resources(draft: Draft, access: ServiceAccess, path: Path) -> Iterator[Finding]:
    others = [level for level in access.levels if level not in WITHOUT_RESOURCE]
    if others:
        yield draft.finding(
            "access without `resources` can only be `list` or `read`",
            listed(others),
            f"`resources`, such as {_formats(access.service)}",
            at=(*path, "levels"),
        )
    else:
        yield from _without_actions(draft, access, frozenset(), path)


def _with_resources(draft: Draft, access: ServiceAccess, path: Path) -> Iterator[Finding]:
    types: set[str] = set()
    for index, resource in enumerate(access.resources):
        forms = matching_forms(access.service, resource)
        types |= {each.name for each in forms}
        if not forms or not is_unambiguous(forms, resource):
            wrong = "several resource types" if forms else "no resource type"
            yield draft.finding(
                f"`{access.service}` has {wrong} of this ARN format",
                f"`{resource}`",
                _formats(access.service, resource.split(":", 5)[-1]),
                at=(*path, "resources", index),
            )
    # If no resource has a known type, each of them has been reported already.
    if types:
        yield from _without_actions(draft, access, frozenset(types), path)


def _without_actions(
    draft: Draft, access: ServiceAccess, types: frozenset[str], path: Path
) -> Iterator[Finding]:
    by_tag = access.where is not None
    available = levels_on(access.service, types, by_tag=by_tag)
    where = "on these resources" if types else "without a resource"
    where += " with a condition on a tag" if by_tag and types else ""
    for index, level in enumerate(access.levels):
        if level not in available:
            yield draft.finding(
                f"`{access.service}` has no `{level}` action {where}",
                f"`{level}`",
                listed(each for each in AccessLevel if each in available) or "another service or resource",
                at=(*path, "levels", index),
            )


def _formats(service: str, near: str = "") -> str:
    forms = {each.form for each in forms_of(service)}
    return listed(nearest(near, forms)) or "no `resources`: the service has no resource types"


_PARTITION = re.compile(r"arn:([a-z-]+):")


def check_statements(draft: Draft) -> Iterator[Finding]:
    """Refuse unknown operators, condition keys and denied actions, and resources of another partition."""
    for path, holder in granting(draft):
        for index, grant in enumerate(holder.grants):
            if isinstance(grant, StatementGrant):
                at = (*path, "grants", index, "statement")
                names = list(_aws_names(grant.statement, at))
                yield from check_aws_names(draft, names, grant.unlisted, (*at[:-1], "unlisted"))
                yield from _resources(draft, grant.statement, at)
                yield from _conditions(draft, grant.statement, at)


def _aws_names(statement: RawStatement, at: Path) -> Iterator[AwsName]:
    """Give the actions and condition keys of a statement."""
    for key in ("actions", "not_actions"):
        # A misspelled action in a denial denies nothing. In an allowance it allows nothing, and among the exceptions of
        # a denial it denies more; the reference lacks some actions that even AWS's own managed policies contain.
        denies_nothing = key == "actions" and not statement.allows
        for index, action in enumerate(getattr(statement, key)):
            severity = Severity.ERROR if denies_nothing else Severity.ADVICE
            yield AwsName(action, (*at, key, index), severity=severity)
    for operator, tests in statement.conditions.items():
        for key in tests:
            yield AwsName(key, (*at, "conditions", operator, key), is_key=True)


def _resources(draft: Draft, statement: RawStatement, at: Path) -> Iterator[Finding]:
    partition = partition_of(draft.account.region) if draft.account else None
    for key in ("resources", "not_resources"):
        for index, resource in enumerate(getattr(statement, key)):
            found = _PARTITION.match(resource)
            if found and partition and found[1] != partition:
                yield draft.finding(
                    "a resource is in another partition than the account",
                    quoted(resource),
                    f"`arn:{partition}:…`",
                    at=(*at, key, index),
                )


def _conditions(draft: Draft, statement: RawStatement, at: Path) -> Iterator[Finding]:
    for operator in statement.conditions:
        where = (*at, "conditions", operator)
        if operator_named(operator) is None:
            # Without set operator and `IfExists`, so that only the operator itself is compared.
            base = operator.rpartition(":")[2].removesuffix("IfExists")
            yield draft.finding(
                "the condition operator does not exist",
                quoted(operator),
                listed(nearest(base, NAMES)),
                at=where,
            )


def check_sessions(draft: Draft) -> Iterator[Finding]:
    """Refuse Session Manager sessions of software, and on workloads without `sessions`."""
    for path, holder in granting(draft):
        for index, grant in enumerate(holder.grants):
            if isinstance(grant, SessionGrant):
                at = (*path, "grants", index, "session_on")
                yield from _granted(draft, grant, path, at, is_for_people=_is_for_people(holder))


def _granted(
    draft: Draft, grant: SessionGrant, path: Path, at: Path, *, is_for_people: bool
) -> Iterator[Finding]:
    workload = draft.declared.workloads.get(grant.session_on)
    if not is_for_people:
        yield draft.finding(
            f"a session is granted to {owner(path)}, which is not for people only",
            f"`session_on: {grant.session_on}`",
            "the grant in a group, a person or a role that only people assume",
            at=at,
        )
    if workload is not None and not workload.sessions:
        yield draft.finding(
            f"workload `{grant.session_on}` does not allow sessions",
            f"`session_on: {grant.session_on}`",
            f"`sessions: true` of workload `{grant.session_on}`",
            at=at,
        )


def _is_for_people(holder: Holder | OwnPolicy) -> bool:
    if isinstance(holder, Role):
        return all(map(_is_by_people, holder.trusts))
    if isinstance(holder, User):
        return holder.person is not None
    return isinstance(holder, Group | PermissionSet)


def _is_by_people(trust: Trust) -> bool:
    by_account = isinstance(trust, AccountTrust) and trust.people is not None
    return by_account or isinstance(trust, GroupTrust | SamlTrust)


COMMAND = "`keywright lock`, and a review of what it writes"


def check_action_lock(draft: Draft, reading: LockReading) -> Iterator[Finding]:
    """Refuse grants whose actions are not locked; report entries that are unused or differ from AWS's access levels."""
    needed_entries = needed(draft)
    file = f"{draft.folder.as_posix()}/{FILE}" if draft.folder else FILE
    locked = reading.lock.entries if reading.lock else {}
    for entry, paths in needed_entries.items():
        if entry not in locked:
            found = f"no entry in {file}" if reading.lock else f"no {file}"
            # An older lock file without entries by tag is still used, so that an update of Keywright locks
            # nobody out.
            known = reading.lock and reading.lock.actions(entry) is not None
            for path in paths:
                yield draft.finding(
                    f"the actions of {entry} are not locked",
                    found,
                    COMMAND,
                    at=path,
                    severity=Severity.WARNING if known else Severity.ERROR,
                )
    for entry, place in reading.places.items():
        # Without an entry by tag, a grant by tag uses the entry without tag, as in older lock files.
        tagged = entry._replace(by_tag=True)
        if entry not in needed_entries and (tagged not in needed_entries or tagged in locked):
            message = on_one_line(f"no grant needs the locked actions of {entry}")
            # A mistake anywhere may be in the grant that needs them.
            words = (message, f"`{entry.level}`", "`keywright lock`")
            yield Consequence(place, *words, severity=Severity.ADVICE, causes=((),))
        else:
            yield from _differing_actions(entry, reading)


def _differing_actions(entry: Entry, reading: LockReading) -> Iterator[Finding]:
    """Report locked actions that AWS does not list under this access level: the lock file may have been edited by hand."""
    available = {action.name for action in actions_on(entry.service, entry.resource_type)}
    for name in reading.lock.entries[entry] if reading.lock else ():
        known = catalogue.action(f"{entry.service}:{name}")
        place, found, severity = reading.actions[entry, name], f"`{name}`", Severity.WARNING
        if known is None:
            message, severity = (
                f"`{entry.service}:{name}` is locked, but no AWS action has this name",
                Severity.ADVICE,
            )
        elif level_of(known) is not entry.level:
            message = (
                f"`{entry.service}:{name}` is locked as {entry.level}, but AWS lists it as {level_of(known)}"
            )
        elif entry.by_tag and not supports_tag_conditions(known, entry.resource_type):
            message, severity = (
                f"`{entry.service}:{name}` is locked by tag, but AWS documents no tag condition for it",
                Severity.ADVICE,
            )
        elif known.name not in available:
            where = f"on `{entry.resource_type}`" if entry.resource_type else "without a resource"
            message = f"`{entry.service}:{name}` is locked {where}, but AWS lists it for other resource types"
        else:
            continue
        yield Finding(
            place, message, found, "`keywright lock --upgrade`, which removes it", severity=severity
        )


_OWN_POLICY = re.compile(r"keywright-.*|(group|user|role|instancerole|application)-.*-[0-9]+", re.IGNORECASE)
"""Names of Keywright's own policies: boundaries, guards, and grants that exceed an inline quota."""


def check_managed_policies(draft: Draft) -> Iterator[Finding]:
    """Refuse policies attached twice and reserved names; report unknown AWS names and unused policies."""
    commercial = draft.account is not None and partition_of(draft.account.region) == "aws"
    for attachments in _attachments(draft):
        seen: set[str] = set()
        for at, managed in attachments:
            # A permission set can attach the same policy that is its boundary.
            if managed in seen and "boundary" not in at:
                yield draft.finding("a policy is attached twice", quoted(managed), "each once", at=at)
            seen.add(managed)
            if commercial and not managed.startswith((OWN, "arn:")):
                yield from _unknown_to_aws(draft, managed, at)
    for name in draft.names.get("policies", ()):
        if _OWN_POLICY.fullmatch(name):
            yield draft.finding(
                f"policy `{name}` has a name that is reserved for Keywright",
                quoted(name),
                "another name",
                at=("policies", name),
            )
    if draft.declared.policies:
        yield from _unused(draft)


def _attachments(draft: Draft) -> Iterator[list[tuple[Path, str]]]:
    """Give the managed policies of each holder, and those that limit the sessions of each certificate, with their paths."""
    for path, holder in holders(draft):
        yield [(at, policy.managed) for at, policy in attached(path, holder)]
    for name, role in draft.declared.roles.items():
        for number, trust in enumerate(role.trusts):
            at = ("roles", name, "trusts", number, "at_most")
            yield [((*at, index), each) for index, each in enumerate(getattr(trust, "at_most", ()))]


def _unknown_to_aws(draft: Draft, name: str, at: Path) -> Iterator[Finding]:
    if managed_policies.managed_policy_document(managed_policies.PREFIX + name) is not None:
        return
    # Only a warning: AWS may have added the policy after the list was packed.
    known = [arn.removeprefix(managed_policies.PREFIX) for arn in managed_policies.managed_policy_arns()]
    near = listed(nearest(name, known))
    yield draft.finding(
        f"no AWS managed policy has this name, as of {managed_policies.packed_on()}",
        quoted(name),
        f"{near}, or the ARN of a newer one",
        at=at,
        severity=Severity.WARNING,
    )


def _unused(draft: Draft) -> Iterator[Finding]:
    """Advise on policies that are not attached; a mistake anywhere may be what was meant to attach one."""
    patterns: list[Path] = [(section, ANY, "policies", ANY, "managed") for section in SECTIONS]
    patterns.append(("permission_sets", ANY, "boundary", "managed"))
    patterns.append(("roles", ANY, "trusts", ANY, "at_most", ANY))
    named = {each for pattern in patterns for _, each in texts(draft.data, pattern)}
    for name in draft.declared.policies:
        if OWN + name not in named:
            yield draft.finding(
                f"policy {quoted(name)} is not attached",
                "no attachment",
                f"{quoted(OWN + name)} under `policies` of who needs it, or its removal",
                at=("policies", name),
                severity=Severity.ADVICE,
                causes=((),),
            )
