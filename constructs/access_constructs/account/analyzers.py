"""IAM Access Analyzer: who outside of the account is let in, and what access inside it is used by nobody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aws_cdk.aws_accessanalyzer as analyzer
from constructs import Construct

from keywright.reporting.refusal import refusal
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Sequence

UNUSED_DAYS = range(1, 366)
"""After how many days access counts as unused ("CreateAnalyzer", IAM Access Analyzer API Reference)."""
_ACCOUNT = re.compile(r"[0-9]{12}")
_ARCHIVE = "trusted-accounts"


class ExternalAccessAnalyzer(Construct):
    """An analyzer of the account: whatever of it somebody outside reaches is a finding, without cost.

    Findings about `trusted_accounts` are archived as they come, for as long as that is all a statement lets in.
    A region has room for one analyzer of this kind for the account, and refuses a second ("Quotas for IAM Access
    Analyzer", IAM User Guide): where one is there already, make none. It sees what lies in its region, and all roles.

    Raises:
        ValueError: A trusted account is no account number.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, trusted_accounts: Sequence[str] = ()
    ) -> None:
        super().__init__(scope, construct_id)
        for account in trusted_accounts:
            if not _ACCOUNT.fullmatch(account):
                raise refusal(
                    "an account is trusted by its number", found=f"`{account}`", accepted="12 digits"
                )
        rules = [_archived(sorted(set(trusted_accounts)))] if trusted_accounts else None
        self.analyzer = analyzer.CfnAnalyzer(
            self, "Analyzer", type="ACCOUNT", analyzer_name=name, archive_rules=rules
        )
        self.analyzer.override_logical_id(logical_id("Analyzer", "external"))


class UnusedAccessAnalyzer(Construct):
    """An analyzer of the account for what nobody has used for `days`: users, roles, keys, passwords, permissions.

    AWS charges for each user and role that it looks at, each month.

    Raises:
        ValueError: A length of time that AWS refuses.
    """

    def __init__(self, scope: Construct, construct_id: str, *, name: str, days: int) -> None:
        super().__init__(scope, construct_id)
        if days not in UNUSED_DAYS:
            raise refusal(
                "access is unused after too few or too many days",
                found=f"`{days}`",
                accepted=f"{UNUSED_DAYS.start} to {UNUSED_DAYS.stop - 1}",
            )
        self.analyzer = analyzer.CfnAnalyzer(
            self,
            "Analyzer",
            type="ACCOUNT_UNUSED_ACCESS",
            analyzer_name=name,
            analyzer_configuration={"unusedAccessConfiguration": {"unusedAccessAge": days}},
        )
        self.analyzer.override_logical_id(logical_id("Analyzer", "unused"))


def _archived(accounts: Sequence[str]) -> analyzer.CfnAnalyzer.ArchiveRuleProperty:
    """Archive what these accounts alone can reach, and not what the whole world can."""
    return analyzer.CfnAnalyzer.ArchiveRuleProperty(
        rule_name=_ARCHIVE,
        filter=[
            analyzer.CfnAnalyzer.FilterProperty(property="principal.AWS", eq=list(accounts)),
            analyzer.CfnAnalyzer.FilterProperty(property="isPublic", eq=["false"]),
        ],
    )
