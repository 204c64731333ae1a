"""Analyzers with stable names, and no second one where AWS allows only one."""

from __future__ import annotations

import pytest

from access_constructs.account.analyzers import ExternalAccessAnalyzer, UnusedAccessAnalyzer


def test_finds_access_from_outside(stack, resources):
    ExternalAccessAnalyzer(stack, "Analyzer", name="acme")
    assert resources() == {
        "Analyzer0external": {
            "Type": "AWS::AccessAnalyzer::Analyzer",
            "Properties": {"AnalyzerName": "acme", "Type": "ACCOUNT"},
        }
    }


def test_archives_findings_about_trusted_accounts(stack, resources):
    """Public access stays a finding, whichever accounts are trusted."""
    accounts = ("333333333333", "222222222222", "333333333333")
    ExternalAccessAnalyzer(stack, "Analyzer", name="acme", trusted_accounts=accounts)
    assert resources()["Analyzer0external"]["Properties"]["ArchiveRules"] == [
        {
            "RuleName": "trusted-accounts",
            "Filter": [
                {"Property": "principal.AWS", "Eq": ["222222222222", "333333333333"]},
                {"Property": "isPublic", "Eq": ["false"]},
            ],
        }
    ]


def test_reports_unused_access(stack, resources):
    UnusedAccessAnalyzer(stack, "Analyzer", name="acme", days=90)
    assert resources()["Analyzer0unused"]["Properties"] == {
        "AnalyzerName": "acme",
        "Type": "ACCOUNT_UNUSED_ACCESS",
        "AnalyzerConfiguration": {"UnusedAccessConfiguration": {"UnusedAccessAge": 90}},
    }


def test_refuses_an_account_by_name(stack):
    with pytest.raises(ValueError, match="a trusted account is malformed; found `partner`; accepted: 12"):
        ExternalAccessAnalyzer(stack, "Analyzer", name="acme", trusted_accounts=("partner",))


@pytest.mark.parametrize("days", [0, 366])
def test_refuses_what_aws_refuses(stack, days):
    with pytest.raises(ValueError, match=f"found `{days}`; accepted: 1 to 365"):
        UnusedAccessAnalyzer(stack, "Analyzer", name="acme", days=days)
