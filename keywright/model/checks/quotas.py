"""What AWS has a number for ("IAM and AWS STS quotas", IAM User Guide), before a deployment runs into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.fields.dates import has_passed
from keywright.model.holders import holders
from keywright.model.near_quota import NEAR
from keywright.model.source.places import owner
from keywright.model.stacks.kinds import MOST, SECTIONS
from keywright.model.stacks.shards import stack_name
from keywright.model.stacks.spreading import INLINE, RESOURCES, fullest, sizes
from keywright.reporting.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.model.people.users import User
    from keywright.model.stacks.kinds import Kind
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


def check_quotas(draft: Draft) -> Iterator[Finding]:
    """Refuse more than an account, or one identity, can hold, and tell when an account comes near."""
    yield from _of_account(draft)
    for name, user in draft.declared.users.items():
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
    policies = len(draft.declared.policies) + len(draft.declared.delegations) + _OURS_IN_POLICIES
    of_policies = (
        f" ({len(draft.declared.policies)} declared, {policies - len(draft.declared.policies)} of ours)"
    )
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
    return sum(getattr(provider, kind) is not None for provider in draft.declared.identity_providers.values())


def _twins(draft: Draft) -> set[tuple[str, str]]:
    """Name the groups that stand for memberships with an end: a membership itself can't carry one."""
    return {
        (membership.name, membership.until.isoformat())
        for user in draft.declared.users.values()
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


def check_shards(draft: Draft) -> Iterator[Finding]:
    """Warn where a stack comes near its quota of resources, and name the number of stacks that would do."""
    for kind in SECTIONS:
        for number, resources in sorted(sizes(draft.declared, kind, draft.declared.shards).items()):
            beside = _beside(draft, kind, number)
            is_told_by_groups = kind == "people" and beside > NEAR * RESOURCES
            if resources + beside > NEAR * RESOURCES and not is_told_by_groups:
                yield _near(draft, kind, number, resources)
    yield from _inline(draft)


def _beside(draft: Draft, kind: Kind, number: int) -> int:
    """Count what is in a stack besides: groups beside the first people, shared policies beside the first buckets."""
    if number:
        return 0
    beside = {
        "people": sizes(draft.declared, "groups", draft.declared.shards).get(0, 0),
        "buckets": len(draft.declared.policies),
    }
    return beside.get(kind, 0)


def _near(draft: Draft, kind: Kind, number: int, resources: int) -> Finding:
    beside = _beside(draft, kind, number)
    is_over = resources + beside > RESOURCES
    return draft.finding(
        f"stack `{stack_name(kind, number)}` {'is over' if is_over else 'comes near'} its quota of resources",
        f"about {resources} for {SECTIONS[kind]}" + (f", {beside} beside them" if beside else ""),
        f"at most {RESOURCES}: {_way_on(draft, kind, is_over=is_over, is_beside=beside > resources)}",
        at=("policies",) if kind == "buckets" and beside > resources else _place(draft, kind),
        severity=Severity.WARNING,
    )


def _way_on(draft: Draft, kind: Kind, *, is_over: bool, is_beside: bool) -> str:
    if is_beside and kind == "buckets":
        return "fewer shared policies, which stand beside the first buckets; grants of few belong to their holders"
    spread_more: Kind = "groups" if is_beside else kind
    command = f"`keywright spread {spread_more} {_enough(draft, spread_more)}"
    if is_over:
        return f"{command} --live`, which lets stay who is deployed, or `--fresh` where nobody is"
    return f"{command}`, and nobody moves"


def _inline(draft: Draft) -> Iterator[Finding]:
    """Advise before the largest template of people needs a bucket to be handed over by."""
    stack, resources = fullest(draft.declared, "people", draft.declared.shards)
    if NEAR * INLINE < resources <= NEAR * RESOURCES:
        yield draft.finding(
            f"the template of `{stack}` {'is likely over' if resources > INLINE else 'comes near'} 51,200 bytes",
            f"about {resources} resources of people, the most of all stacks",
            f"at most about {INLINE}: `keywright spread people`, or a bootstrap bucket",
            at=_place(draft, "people"),
            severity=Severity.ADVICE,
        )


def _place(draft: Draft, kind: Kind) -> tuple[str, ...]:
    return ("shards", kind) if draft.places.along(("shards", kind))[2:] else (SECTIONS[kind],)


def _enough(draft: Draft, kind: Kind) -> int:
    """Give twice as many stacks, or as many as hold everybody to three fifths of what they take: a hash fills none evenly."""
    resources = sum(sizes(draft.declared, kind, draft.declared.shards).values())
    twice = draft.declared.shards.of(kind).stacks * 2
    return min(MOST, max(twice, -(-resources * 5 // (RESOURCES * 3))))
