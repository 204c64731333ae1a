"""An external ID is one partner's, and sessions by way of another role are short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.model.account_trust import AccountTrust
from keywright.model.duration import seconds
from keywright.model.trust import CHAINED
from keywright.reporting.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.draft import Draft
    from keywright.model.subject import Path


def check(draft: Draft) -> Iterator[Finding]:
    """Warn of an external ID that two accounts send, and tell of sessions that most software never gets."""
    first: dict[str, tuple[Path, str]] = {}
    for name, role in draft.roles.items():
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
            if seconds(role.session) > CHAINED and not trust.roles:
                yield draft.finding(
                    f"software that acts as a role of account `{trust.account}` gets no session of role `{name}` longer than an hour",
                    f"`session: {role.session}`",
                    "`1h`, or that its users assume the role",
                    at=("roles", name, "session"),
                    severity=Severity.ADVICE,
                )
