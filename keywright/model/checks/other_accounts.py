"""What is said of accounts and partitions fits the account itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.account_trust import AccountTrust
from keywright.model.grant import AssumeGrant
from keywright.model.holders import attached, granting, holders
from keywright.policy.matching.arn import partition_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.account import Account
    from keywright.model.draft import Draft
    from keywright.model.subject import Path
    from keywright.reporting.finding import Finding


def check(draft: Draft) -> Iterator[Finding]:
    """Refuse a trust in our own account by number, and managed policies of elsewhere."""
    if draft.account is not None:
        yield from _trusts(draft, draft.account)
        yield from _policies(draft, draft.account)
        yield from _roles(draft, draft.account)


def _trusts(draft: Draft, account: Account) -> Iterator[Finding]:
    for name, role in draft.roles.items():
        for index, trust in enumerate(role.trusts):
            if isinstance(trust, AccountTrust) and trust.account == account.id:
                message = f"role `{name}` trusts this very account by its number"
                at = ("roles", name, "trusts", index, "account")
                yield draft.finding(message, f"`{trust.account}`", "`group:` for people of ours", at=at)


def _roles(draft: Draft, account: Account) -> Iterator[Finding]:
    """Refuse roles of partitions from which nobody comes here, or to which nobody of here goes."""
    partition = partition_of(account.region)
    for at, arn in _role_arns(draft):
        if arn.split(":", 2)[1] != partition:
            message = "a role lies in another partition, whose roles and ours can't assume each other"
            yield draft.finding(message, f"`{arn}`", f"`arn:{partition}:iam::…`", at=at)


def _role_arns(draft: Draft) -> Iterator[tuple[Path, str]]:
    for path, holder in granting(draft):
        for index, grant in enumerate(holder.grants):
            if isinstance(grant, AssumeGrant) and grant.is_arn:
                yield (*path, "grants", index, "assume"), grant.assume
    for name, role in draft.roles.items():
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
                "a managed policy lies in another partition or account",
                f"`{arn}`",
                f"`arn:{partition}:iam::aws:policy/…` or `arn:{partition}:iam::{account.id}:policy/…`",
                at=at,
            )


def _policy_arns(draft: Draft) -> Iterator[tuple[Path, str]]:
    for path, holder in holders(draft):
        for at, policy in attached(path, holder):
            if policy.managed.startswith("arn:"):
                yield at, policy.managed
    for name, role in draft.roles.items():
        for number, trust in enumerate(role.trusts):
            for index, each in enumerate(getattr(trust, "at_most", ())):
                if each.startswith("arn:"):
                    yield ("roles", name, "trusts", number, "at_most", index), each
    for name, own in draft.policies.items():
        if own.existing is not None:
            yield ("policies", name, "existing"), own.existing
