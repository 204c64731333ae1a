"""What AWS has a number for ("IAM and AWS STS quotas", IAM User Guide), before a deployment runs into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.day import has_passed
from keywright.model.holders import holders
from keywright.model.near_quota import NEAR
from keywright.model.subject import owner
from keywright.reporting.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.model.user import User
    from keywright.reporting.finding import Finding

USERS = 5_000
GROUPS = 300
ROLES = 1_000
PROVIDERS = 100
POLICIES = 1_500
GROUPS_PER_USER = 10
MANAGED_POLICIES = 10
MANAGED_POLICIES_OF_A_USER = 9
"""IAM takes ten; in the tenth place goes the policy that denies everything, by which leaving begins."""
_OURS_IN_GROUPS = 3
_OURS_IN_ROLES = 1
_OURS_IN_POLICIES = 5
"""Boundary, its wide twin, guard, keeper's and the denial of everything; long grants become policies beside these."""


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse more than an account, or one identity, can hold, and tell when an account comes near."""
    yield from _of_account(draft)
    for name, user in draft.users.items():
        yield from _groups_of(draft, name, user)
    for path, holder in holders(draft):
        most = MANAGED_POLICIES_OF_A_USER if path[0] == "users" else MANAGED_POLICIES
        if len(holder.policies) > most:
            yield draft.finding(
                f"{owner(path)} has too many managed policies",
                str(len(holder.policies)),
                f"at most {most}",
                at=(*path, "policies"),
            )


def _of_account(draft: Draft) -> Iterator[Finding]:
    counts = {
        section: len(draft.names.get(section, ())) for section in ("users", "groups", "roles", "workloads")
    }
    twins = len(_twins(draft))
    of_ours = f"{counts['groups']} declared, {twins} for memberships that end, {_OURS_IN_GROUPS} of ours"
    roles = counts["roles"] + counts["workloads"] + _OURS_IN_ROLES
    of_roles = f"{counts['roles']} roles, {counts['workloads']} workloads, {_OURS_IN_ROLES} of ours"
    policies = len(draft.policies) + len(draft.delegations) + _OURS_IN_POLICIES
    of_policies = f" ({len(draft.policies)} declared, {policies - len(draft.policies)} of ours)"
    for section, count, most, parts in (
        ("users", counts["users"], USERS, ""),
        ("groups", counts["groups"] + twins + _OURS_IN_GROUPS, GROUPS, f" ({of_ours})"),
        ("roles", roles, ROLES, f" ({of_roles})"),
        ("policies", policies, POLICIES, of_policies),
        ("identity_providers", _providers(draft, "saml"), PROVIDERS, " of SAML"),
        ("identity_providers", _providers(draft, "oidc"), PROVIDERS, " of OIDC"),
    ):
        if count > NEAR * most:
            what = section.replace("_", " ")
            is_over = count > most
            yield draft.finding(
                f"an account holds no more than {most:,} {what}{'' if is_over else ', and comes near'}",
                f"{count:,}{parts}",
                f"at most {most:,}",
                at=(section,),
                severity=Severity.ERROR if is_over else Severity.ADVICE,
            )


def _providers(draft: Draft, kind: str) -> int:
    return sum(getattr(provider, kind) is not None for provider in draft.identity_providers.values())


def _twins(draft: Draft) -> set[tuple[str, str]]:
    """Name the groups that stand for memberships with an end: a membership itself can't carry one."""
    return {
        (membership.name, membership.until.isoformat())
        for user in draft.users.values()
        for membership in user.groups
        if membership.until is not None and not has_passed(membership.until, draft.today)
    }


def _groups_of(draft: Draft, name: str, user: User) -> Iterator[Finding]:
    opens_sessions = user.cli is not None and user.cli.session_token is not None
    of_ours = (("mfa-guard", user.person), ("command-line", user.cli), ("session-token", opens_sessions))
    ours = [each for each, held in of_ours if held]
    held = sum(not has_passed(membership.until, draft.today) for membership in user.groups)
    if held + len(ours) > GROUPS_PER_USER:
        beside = f" and {' and '.join(f'`{each}`' for each in ours)}" if ours else ""
        yield draft.finding(
            f"user `{name}` is in too many groups",
            f"{held} declared{beside}",
            f"at most {GROUPS_PER_USER} in all",
            at=("users", name, "groups"),
        )
