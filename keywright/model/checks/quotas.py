"""AWS's quotas: of the account, of one identity, and of the stacks that things are spread over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.fields.dates import has_passed
from keywright.model.queries import holders
from keywright.model.source.places import owner
from keywright.model.stacks.kinds import MOST, SECTIONS
from keywright.model.stacks.shards import stack_name
from keywright.model.stacks.spreading import INLINE, fullest, sizes
from keywright.policy import quotas
from keywright.policy.quotas import GROUPS_PER_USER, MANAGED, NEAR
from keywright.reporting.finding import Severity
from keywright.reporting.text import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.model.people.users import User
    from keywright.model.stacks.kinds import Kind
    from keywright.reporting.finding import Finding

RESOURCES = quotas.RESOURCES.default
OWN_POLICIES_OF_USER = 1
"""Keywright's own: the policy that denies everything, with which the removal of a user begins."""
_OWN_GROUPS = 3
_OWN_ROLES = 1
_OWN_POLICIES = 5
"""Keywright's own: two boundaries, the guard, the identity keeper's policy and the policy that denies everything."""


def check_quotas(draft: Draft) -> Iterator[Finding]:
    """Refuse more than an account or an identity can have, and advise when the account comes near a quota."""
    yield from _of_account(draft)
    for name, user in draft.declared.users.items():
        yield from _groups_of(draft, name, user)
    for path, holder in holders(draft):
        # permission sets and delegations become roles
        most = MANAGED["role"].default - (OWN_POLICIES_OF_USER if path[0] == "users" else 0)
        if len(holder.policies) > most:
            yield draft.finding(
                f"{owner(path)} exceeds the quota for managed policies",
                str(len(holder.policies)),
                f"at most {most}",
                at=(*path, "policies"),
            )


def _of_account(draft: Draft) -> Iterator[Finding]:
    # Malformed entries count too, because they will be deployed once they are corrected.
    names = draft.names
    users, groups, roles, workloads = (
        len(names.get(section, ())) for section in ("users", "groups", "roles", "workloads")
    )
    policies, delegations, copies = (
        len(draft.declared.policies),
        len(draft.declared.delegations),
        len(_copies(draft)),
    )
    for section, quota, count, parts in (
        ("users", quotas.USERS, users, ""),
        (
            "groups",
            quotas.GROUPS,
            groups + copies + _OWN_GROUPS,
            f" ({groups} declared, {copies} for memberships that end, {_OWN_GROUPS} of Keywright)",
        ),
        (
            "roles",
            quotas.ROLES,
            roles + workloads + _OWN_ROLES,
            f" ({roles} roles, {workloads} workloads, {_OWN_ROLES} of Keywright)",
        ),
        (
            "policies",
            quotas.MANAGED_POLICIES,
            policies + delegations + _OWN_POLICIES,
            f" ({policies} declared, {delegations + _OWN_POLICIES} of Keywright)",
        ),
        ("identity_providers", quotas.SAML_PROVIDERS, _providers(draft, "saml"), ""),
        ("identity_providers", quotas.OIDC_PROVIDERS, _providers(draft, "oidc"), ""),
    ):
        if count > NEAR * quota.default:
            is_over = count > quota.default
            yield draft.finding(
                f"the account {'exceeds' if is_over else 'comes near'} the quota for {quota.name}",
                f"{count:,}{parts}",
                f"at most {quota.default:,}",
                at=(section,),
                severity=Severity.ERROR if is_over else Severity.ADVICE,
            )


def _providers(draft: Draft, kind: str) -> int:
    providers = draft.declared.identity_providers.values()
    return sum(getattr(provider, kind) is not None for provider in providers)


def _copies(draft: Draft) -> set[tuple[str, str]]:
    """List the time-bound copies of groups, one for each group and last day: a membership in IAM has no end date."""
    return {
        (membership.name, membership.until.isoformat())
        for user in draft.declared.users.values()
        for membership in user.groups
        if membership.until is not None and not has_passed(membership.until, draft.today)
    }


def _groups_of(draft: Draft, name: str, user: User) -> Iterator[Finding]:
    has_session_token = user.cli is not None and user.cli.session_token is not None
    own_groups = (
        ("mfa-guard", user.person),
        ("command-line", user.cli),
        ("session-token", has_session_token),
    )
    added = [group for group, is_member in own_groups if is_member]
    declared = sum(not has_passed(membership.until, draft.today) for membership in user.groups)
    if declared + len(added) > GROUPS_PER_USER.default:
        yield draft.finding(
            f"user `{name}` is in too many groups",
            f"{declared} declared" + (f" and {listed(added, 'and')}" if added else ""),
            f"at most {GROUPS_PER_USER.default} in all",
            at=("users", name, "groups"),
        )


def check_shards(draft: Draft) -> Iterator[Finding]:
    """Warn where a stack comes near its quota of resources, and name a sufficient number of stacks."""
    for kind in SECTIONS:
        for number, resources in sorted(sizes(draft.declared, kind, draft.declared.shards).items()):
            shared = _shared_resources(draft, kind, number)
            # The first groups and people share a stack: where groups fill it, the finding about them is
            # enough.
            is_reported_for_groups = kind == "people" and shared > NEAR * RESOURCES
            if resources + shared > NEAR * RESOURCES and not is_reported_for_groups:
                yield _near(draft, kind, number, resources)
    yield from _near_upload(draft)


def _shared_resources(draft: Draft, kind: Kind, number: int) -> int:
    """Count the other resources in the first stack of a kind: groups with the first people, policies with the first buckets."""
    if number:
        return 0
    shared = {
        "people": sizes(draft.declared, "groups", draft.declared.shards).get(0, 0),
        "buckets": len(draft.declared.policies),
    }
    return shared.get(kind, 0)


def _near(draft: Draft, kind: Kind, number: int, resources: int) -> Finding:
    shared = _shared_resources(draft, kind, number)
    is_over = resources + shared > RESOURCES
    by_policies = kind == "buckets" and shared > resources
    return draft.finding(
        f"stack `{stack_name(kind, number)}` {'exceeds' if is_over else 'comes near'} the quota for resources",
        # An estimate: some identities have more resources. So even an exceeded quota is only a warning.
        f"about {resources} for {SECTIONS[kind]}" + (f", {shared} for other things" if shared else ""),
        f"at most {RESOURCES}: {_remedy(draft, kind, is_over=is_over, is_shared=shared > resources)}",
        at=("policies",) if by_policies else _place(draft, kind),
        severity=Severity.WARNING,
    )


def _remedy(draft: Draft, kind: Kind, *, is_over: bool, is_shared: bool) -> str:
    if is_shared and kind == "buckets":
        return "fewer shared policies, which are in the stack of the first buckets; grants of few belong to their holders"
    spread_more: Kind = "groups" if is_shared else kind
    command = f"`keywright spread {spread_more} {_sufficient_stacks(draft, spread_more)}"
    if is_over:
        return (
            f"{command} --live`, which leaves deployed ones in their stacks, or `--fresh` if none is deployed"
        )
    return f"{command}`, which moves nothing"


def _near_upload(draft: Draft) -> Iterator[Finding]:
    """Advise before the largest template of people must be uploaded to a bucket."""
    stack, resources = fullest(draft.declared, "people", draft.declared.shards)
    if NEAR * INLINE < resources <= NEAR * RESOURCES:
        yield draft.finding(
            f"the template of `{stack}` {'likely exceeds' if resources > INLINE else 'comes near'} 51,200 bytes",
            f"about {resources} resources for users, the most of all stacks",
            f"at most about {INLINE}: `keywright spread people`, or a bootstrap bucket",
            at=_place(draft, "people"),
            severity=Severity.ADVICE,
        )


def _place(draft: Draft, kind: Kind) -> tuple[str, ...]:
    return ("shards", kind) if draft.places.along(("shards", kind))[2:] else (SECTIONS[kind],)


def _sufficient_stacks(draft: Draft, kind: Kind) -> int:
    """Give twice as many stacks, or as many as fill each to three fifths: hashing never fills stacks evenly."""
    resources = sum(sizes(draft.declared, kind, draft.declared.shards).values())
    twice = draft.declared.shards.of(kind).stacks * 2
    # Division of the negative number rounds up.
    return min(MOST, max(twice, -(-resources * 5 // (RESOURCES * 3))))
