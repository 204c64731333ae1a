"""`break_glass` with a reason and a last day stands for exactly the exceptions that the break-glass role needs."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from keywright.model.accepted_findings import accepted_findings
from keywright.model.in_force import in_force
from keywright.model.reading import Reading, read
from keywright.reporting.finding import Severity

BASE = """\
groups: {{helpers: {{}}}}
roles:
  rescue:
    trusts: [{{group: helpers}}]
    policies: [{{managed: {policy}, because: somebody must be able to repair the account}}]
  other:
    trusts: [{{group: helpers}}]
users:
  dora: {{person: {{email: dora@acme.example}}, groups: [helpers], console: true}}
"""
ACCOUNT = '  id: "111111111111"\n  handover: helpers\n  password_policy: {}\n'
MAPPING = "{role: role/rescue, because: it repairs the boundary, until: 2027-06-30}"


def reading(
    folder: Path,
    break_glass: str,
    day: str = "2026-11-24",
    *,
    policy: str = "AdministratorAccess",
    more: str = "region: eu-central-1",
) -> Reading:
    (folder / "account.yaml").write_text(f"account:\n  break_glass: {break_glass}\n  {more}\n{ACCOUNT}")
    (folder / "base.yaml").write_text(BASE.format(policy=policy))
    return read(folder, date.fromisoformat(day))


def accepted(found: Reading, day: str = "2026-11-24") -> list[tuple[str, str, str | None]]:
    assert found.declarations is not None, found.findings
    now = in_force(found.declarations, date.fromisoformat(day)).declarations
    return [(each.rule, each.on, each.finding) for each in accepted_findings(now)]


OF_BOUNDARY = ("LIF001", "role/rescue", "no PermissionsBoundary")
OF_POLICY = ("POL013", "role/rescue", "AdministratorAccess")
MANAGED = "AwsSolutions-IAM4"


@pytest.mark.parametrize(
    ("more", "policy", "expected"),
    [
        pytest.param(
            "region: eu-central-1",
            "AdministratorAccess",
            [
                OF_BOUNDARY,
                OF_POLICY,
                (MANAGED, "role/rescue", "Policy::arn:aws:iam::aws:policy/AdministratorAccess"),
            ],
            id="the role of an administrator",
        ),
        pytest.param(
            "region: us-gov-west-1",
            "AdministratorAccess",
            [
                OF_BOUNDARY,
                OF_POLICY,
                (MANAGED, "role/rescue", "Policy::arn:aws-us-gov:iam::aws:policy/AdministratorAccess"),
            ],
            id="in another partition",
        ),
        pytest.param(
            "region: eu-central-1\n  checks: [NIST.800.53.R5, HIPAA.Security, PCI.DSS.321]",
            "AdministratorAccess",
            [OF_BOUNDARY, OF_POLICY],
            id="packs without a rule about AWS managed policies",
        ),
        pytest.param("region: eu-central-1", "IAMFullAccess", [OF_BOUNDARY], id="a policy for IAM alone"),
    ],
)
def test_accepts_what_the_role_needs(
    tmp_path: Path, more: str, policy: str, expected: list[tuple[str, str, str]]
) -> None:
    assert accepted(reading(tmp_path, MAPPING, policy=policy, more=more)) == expected


def test_the_name_alone_accepts_nothing(tmp_path: Path) -> None:
    found = reading(tmp_path, "role/rescue")
    assert (accepted(found), found.findings) == ([], [])


def test_accepts_until_its_last_day(tmp_path: Path) -> None:
    assert len(accepted(reading(tmp_path, MAPPING, "2027-06-30"), "2027-06-30")) == 3
    found = reading(tmp_path, MAPPING, "2027-07-01")
    assert accepted(found, "2027-07-01") == []
    assert found.declarations is not None
    now = in_force(found.declarations, date(2027, 7, 1)).declarations
    assert now.account.break_glass_role == "role/rescue", "the role itself stays"


@pytest.mark.parametrize(
    ("day", "severity", "line"),
    [
        pytest.param("2027-06-15", None, "", id="in time"),
        pytest.param(
            "2027-06-16",
            Severity.ADVICE,
            "2:77: acceptance of the findings on `role/rescue` expires in 14 days, and they come back; found `until: 2027-06-30`; "
            "accepted: a later day, after a review of the role and of who can assume it",
            id="two weeks before",
        ),
        pytest.param(
            "2027-07-01",
            Severity.WARNING,
            "2:77: acceptance of the findings on `role/rescue` expired; found `until: 2027-06-30`, today is 2027-07-01; "
            "accepted: a later day, after a review of the role and of who can assume it",
            id="afterwards",
        ),
    ],
)
def test_announces_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, day: str, severity: Severity | None, line: str
) -> None:
    monkeypatch.chdir(tmp_path)
    found = reading(Path(), MAPPING, day).findings
    assert [(each.severity, str(each)) for each in found] == (
        [(severity, f"account.yaml:{line}")] if severity else []
    )


@pytest.mark.parametrize(
    ("break_glass", "lines"),
    [
        pytest.param(
            "{role: role/rescue, because: it repairs the boundary}",
            [
                "2:3: `until` is missing in `break_glass` of the account; found `role`, `because`; accepted: `until: …`"
            ],
            id="no end",
        ),
        pytest.param(
            "{role: role/rescue, because: , until: 2027-06-30}",
            [
                "2:45: `because` of the account is empty; found nothing; accepted: a sentence of 10 to 500 characters"
            ],
            id="no reason yet",
        ),
        pytest.param(
            "{role: role/resuce, because: it repairs the boundary, until: 2027-06-30}",
            [
                "2:23: role `resuce` is not declared; found `role/resuce`; accepted: `role/rescue`, `role/other`"
            ],
            id="an undeclared role",
        ),
        pytest.param(
            "{role: role/other, because: it repairs the boundary, until: 2027-06-30}",
            [
                (
                    "2:3: the break-glass role `other` can't administer IAM; found no managed policy; "
                    "accepted: `managed: AdministratorAccess`, without `until`"
                )
            ],
            id="a role that administers nothing",
        ),
    ],
)
def test_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, break_glass: str, lines: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    found = reading(Path(), break_glass).findings
    assert [str(each) for each in found] == [f"account.yaml:{line}" for line in lines]


def test_refuses_an_exception_to_the_same_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("exceptions.yaml").write_text(
        "exceptions: [{rule: POL013, on: role/rescue, finding: AdministratorAccess, because: it is as it is, until: 2027-06-30}]\n"
    )
    assert [str(each) for each in reading(Path(), MAPPING).findings] == [
        (
            "exceptions.yaml:1:14: a finding of POL013 on `role/rescue` is accepted by `break_glass` too; "
            "found `break_glass` at account.yaml:2:3; accepted: no exception, as `break_glass` has a reason and a last day"
        )
    ]
    assert reading(Path(), "role/rescue").findings == []
