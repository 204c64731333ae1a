"""The password policy, account-wide denials, the organization's control policies, and ARNs of other accounts and partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.grants.grant import AssumeGrant
from keywright.model.queries import attached, granting, holders
from keywright.model.trusts.account import AccountTrust
from keywright.model.trusts.tokens import TokenTrust
from keywright.model.trusts.trust import OidcTrust
from keywright.policy.matching.arn import partition_of
from keywright.reporting.finding import Finding, Severity
from keywright.reporting.text import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.account.denials import Denials, Networks
    from keywright.model.account.settings import Account
    from keywright.model.draft import Draft
    from keywright.model.source.places import Path
    from keywright.reporting.finding import Finding


_AT = ("account", "deny")


def suggest_password_policy(draft: Draft) -> Iterator[Finding]:
    """Advise a password policy where people have console passwords ("Default password policy", IAM User Guide)."""
    if draft.account is None or draft.account.password_policy is not None:
        return
    passwords = [name for name, user in draft.declared.users.items() if user.console]
    if passwords:
        yield draft.finding(
            "no password policy is declared; by default AWS accepts 8 characters of three classes, and earlier passwords again",
            f"`console: true` of {listed(passwords, most=3)}",
            "`password_policy: {}`, for 14 characters of every class and none of the last 24 passwords",
            at=("account",),
            severity=Severity.ADVICE,
        )


def check_denials(draft: Draft) -> Iterator[Finding]:
    """Refuse denials of the account's own region, and without a break-glass role those that could lock everybody out."""
    if draft.account is None or draft.account.deny is None:
        return
    denied = draft.account.deny
    if denied.outside_regions and draft.account.region not in denied.outside_regions:
        yield draft.finding(
            "`outside_regions` denies requests in the account's own region",
            listed(denied.outside_regions),
            f"`{draft.account.region}` in the list",
            at=(*_AT, "outside_regions"),
        )
    copies = draft.account.access_keys.replica
    if denied.outside_regions and copies is not None and copies not in denied.outside_regions:
        yield draft.finding(
            "`outside_regions` denies reading the replicated access keys",
            listed(denied.outside_regions),
            f"`{copies}` in the list",
            at=(*_AT, "outside_regions"),
        )
    yield from _without_break_glass(draft, denied)
    if denied.outside_networks is not None:
        yield from _from_other_networks(draft, denied.outside_networks)


def _without_break_glass(draft: Draft, denied: Denials) -> Iterator[Finding]:
    for key in ("outside_networks", "outside_organizations"):
        if getattr(denied, key) and draft.account is not None and draft.account.break_glass is None:
            yield draft.finding(
                f"a mistake in `{key}` would lock everybody out, with no way back in",
                "no `break_glass`",
                "`break_glass: role/…` with an administrator's role, which the denial does not apply to",
                at=(*_AT, key),
            )


def _from_other_networks(draft: Draft, networks: Networks) -> Iterator[Finding]:
    """Advise on principals that probably send requests from other networks and are not excepted."""
    for reference, why in _outside_principals(draft):
        # Advice only: declarations do not show from which network a principal sends its requests.
        if reference not in networks.excepting:
            kind, _, name = reference.partition("/")
            yield draft.finding(
                f"{kind} `{name}` {why} and may send requests from another network",
                f"`{name}`",
                f"`{reference}` in `except`, or its network in `addresses`",
                at=(*_AT, "outside_networks"),
                severity=Severity.ADVICE,
                causes=((*_AT, "outside_networks"),),
            )


def _outside_principals(draft: Draft) -> Iterator[tuple[str, str]]:
    break_glass_role = draft.account.break_glass_role if draft.account else None
    for name, role in draft.declared.roles.items():
        # The denials exempt the break-glass role.
        if f"role/{name}" != break_glass_role and any(
            isinstance(each, AccountTrust | TokenTrust | OidcTrust) for each in role.trusts
        ):
            yield f"role/{name}", "is assumed from outside the account"
    for name, user in draft.declared.users.items():
        if user.access_keys:
            yield f"user/{name}", "is an application"


def check_organization(draft: Draft) -> Iterator[Finding]:
    """Refuse control policies that can't be read, or that AWS Organizations would refuse."""
    if draft.folder is None or draft.declared.organization is None:
        return
    from keywright.model.account.control_documents import control_documents  # noqa: PLC0415 - few have an organization

    for each in control_documents(draft.declared.organization, draft.folder):
        if each.unfit is not None:
            what, found, accepted = each.unfit.args
            at = ("organization", "levels", each.level, each.key, each.index)
            yield draft.finding(f"{each.control} `{each.file}` {what}", found, accepted, at=at)
        yield from each.findings


def check_other_accounts(draft: Draft) -> Iterator[Finding]:
    """Refuse a trust of this account by its number, and managed policies of other accounts and partitions."""
    if draft.account is not None:
        yield from _trusts(draft, draft.account)
        yield from _policies(draft, draft.account)
        yield from _roles(draft, draft.account)


def _trusts(draft: Draft, account: Account) -> Iterator[Finding]:
    for name, role in draft.declared.roles.items():
        for index, trust in enumerate(role.trusts):
            if isinstance(trust, AccountTrust) and trust.account == account.id:
                message = f"role `{name}` trusts its own account by number"
                at = ("roles", name, "trusts", index, "account")
                yield draft.finding(
                    message, f"`{trust.account}`", "`group:`, for people of this account", at=at
                )


def _roles(draft: Draft, account: Account) -> Iterator[Finding]:
    """Refuse roles of another partition: a role can be assumed within its partition only."""
    partition = partition_of(account.region)
    for at, arn in _role_arns(draft):
        if arn.split(":", 2)[1] != partition:
            message = "a role is in another partition, and roles can be assumed within one partition only"
            yield draft.finding(message, f"`{arn}`", f"`arn:{partition}:iam::…`", at=at)


def _role_arns(draft: Draft) -> Iterator[tuple[Path, str]]:
    for path, holder in granting(draft):
        for index, grant in enumerate(holder.grants):
            if isinstance(grant, AssumeGrant) and grant.is_arn:
                yield (*path, "grants", index, "assume"), grant.assume
    for name, role in draft.declared.roles.items():
        for index, trust in enumerate(role.trusts):
            named = trust.roles if isinstance(trust, AccountTrust) else ()
            for number, each in enumerate(named):
                if each.startswith("arn:"):
                    yield ("roles", name, "trusts", index, "roles", number), each


def _policies(draft: Draft, account: Account) -> Iterator[Finding]:
    partition = partition_of(account.region)
    for at, arn in _policy_arns(draft):
        _, theirs, _, _, owner, _ = arn.split(":", 5)
        if theirs != partition or owner not in ("aws", account.id):
            yield draft.finding(
                "a managed policy is in another partition or account",
                f"`{arn}`",
                f"`arn:{partition}:iam::aws:policy/…` or `arn:{partition}:iam::{account.id}:policy/…`",
                at=at,
            )


def _policy_arns(draft: Draft) -> Iterator[tuple[Path, str]]:
    for path, holder in holders(draft):
        for at, policy in attached(path, holder):
            if policy.managed.startswith("arn:"):
                yield at, policy.managed
    for name, role in draft.declared.roles.items():
        for number, trust in enumerate(role.trusts):
            for index, each in enumerate(getattr(trust, "at_most", ())):
                if each.startswith("arn:"):
                    yield ("roles", name, "trusts", number, "at_most", index), each
    for name, own in draft.declared.policies.items():
        if own.existing is not None:
            yield ("policies", name, "existing"), own.existing
