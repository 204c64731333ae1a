"""IAM Access Analyzer: access of external principals, and unused access."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aws_cdk.aws_accessanalyzer as analyzer
from constructs import Construct

from keywright.reporting.text import refusal
from keywright.statements.logical_id import logical_id

if TYPE_CHECKING:
    from collections.abc import Sequence

UNUSED_DAYS = range(1, 366)
"""The days after which access can count as unused ("CreateAnalyzer", IAM Access Analyzer API Reference)."""
_ACCOUNT = re.compile(r"[0-9]{12}")
_ARCHIVE = "trusted-accounts"


class ExternalAccessAnalyzer(Construct):
    """An analyzer that reports resources of the account to which external principals have access, free of charge.

    Findings about `trusted_accounts` only are archived automatically. A region allows one analyzer of this kind for the
    account ("Quotas for IAM Access Analyzer", IAM User Guide): make none where one exists. It covers the resources of its
    region, and all roles.

    Raises:
        ValueError: A trusted account that is not an account id.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, trusted_accounts: Sequence[str] = ()
    ) -> None:
        super().__init__(scope, construct_id)
        for account in trusted_accounts:
            if not _ACCOUNT.fullmatch(account):
                raise refusal("a trusted account is malformed", found=f"`{account}`", accepted="12 digits")
        rules = [_archived(sorted(set(trusted_accounts)))] if trusted_accounts else None
        self.analyzer = analyzer.CfnAnalyzer(
            self, "Analyzer", type="ACCOUNT", analyzer_name=name, archive_rules=rules
        )
        self.analyzer.override_logical_id(logical_id("Analyzer", "external"))


class UnusedAccessAnalyzer(Construct):
    """An analyzer that reports users, roles, access keys, passwords and permissions unused for `days`.

    AWS charges for each analyzed user and role per month.

    Raises:
        ValueError: A number of days that AWS refuses.
    """

    def __init__(self, scope: Construct, construct_id: str, *, name: str, days: int) -> None:
        super().__init__(scope, construct_id)
        if days not in UNUSED_DAYS:
            raise refusal(
                "the days of an unused access analyzer are out of range",
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
    """Archive findings about these accounts only, and never about public access."""
    return analyzer.CfnAnalyzer.ArchiveRuleProperty(
        rule_name=_ARCHIVE,
        filter=[
            analyzer.CfnAnalyzer.FilterProperty(property="principal.AWS", eq=list(accounts)),
            analyzer.CfnAnalyzer.FilterProperty(property="isPublic", eq=["false"]),
        ],
    )
