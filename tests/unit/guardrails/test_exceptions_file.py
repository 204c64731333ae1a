"""Exceptions in a file beside other templates, baselines, and the list of accepted findings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from defusedxml.ElementTree import fromstring
from typer.testing import CliRunner

from keywright.cli.main import app
from keywright.guardrails.exceptions.exceptions_file import FILE
from tests.offered import completed, offered
from tests.unit.assembly.builders import assembly_of, write_template
from tests.unit.guardrails.builders import role

if TYPE_CHECKING:
    from pathlib import Path

PARTNER = {"AWS": ["arn:aws:iam::222222222222:root", "arn:aws:iam::333333333333:root"]}
TRUST = {"Effect": "Allow", "Principal": PARTNER, "Action": "sts:AssumeRole"}
GOOD: dict[str, str] = {
    "rule": "TRU002",
    "on": "Vendor",
    "finding": "account 222222222222",
    "because": "the contract of 2026 names this account, and requires MFA of its own people",
    "owner": "platform team",
    "until": "2027-06-30",
}


def run(*arguments: Any) -> Any:
    return CliRunner().invoke(app, [*map(str, arguments), "--today", "2026-11-24"])


def write(folder: Path, *exceptions: dict[str, str] | str, name: str = FILE) -> Path:
    """Write a file of exceptions; a string is the whole file."""
    lines = ["exceptions:"]
    for each in exceptions:
        if isinstance(each, str):
            lines = [each]
        else:
            first, *rest = (f"{key}: {json.dumps(value)}" for key, value in each.items())
            lines += [f"  - {first}", *(f"    {line}" for line in rest)]
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def template(folder: Path, name: str = "vendor.json", *principals: str) -> Path:
    trust = {**TRUST, "Principal": {"AWS": list(principals)}} if principals else TRUST
    return write_template(folder / name, {"Vendor": role(trust, RoleName=name)})


def test_an_exception_accepts_one_finding_only(tmp_path: Path) -> None:
    path = template(tmp_path)
    write(tmp_path, GOOD)
    answer = run("check", path)
    assert answer.exit_code == 1
    assert "account `333333333333`" in answer.output
    assert "account `222222222222`" not in answer.output
    assert "1 error, 0 warnings, 0 undecided, 1 accepted" in answer.output
    write(tmp_path, GOOD, {**GOOD, "finding": "account 333333333333"})
    assert run("check", path, "--strict").exit_code == 0


def test_the_text_that_a_report_offers_is_valid_in_the_file(tmp_path: Path) -> None:
    resources = {
        "Vendor": role(
            {**TRUST, "Principal": {"AWS": ["*", {"Ref": "Who"}]}},
            PermissionsBoundary={"Ref": "AWS::NoValue"},
        )
    }
    assembly_of(tmp_path, resources, Parameters={"Who": {"Type": "String"}})
    folder = tmp_path / "cdk.out"
    suggestions = offered(run("check", folder).output)
    write(folder, "exceptions:\n" + "".join(suggestions))
    refused = run("check", folder)
    assert refused.exit_code == 2
    for key in ("because", "owner"):
        assert refused.output.count(f"the exception has no `{key}`; accepted: `{key}: …`") == len(suggestions)
    write(folder, "exceptions:\n" + "".join(completed(suggestions)))
    answer = run("check", folder, "--strict")
    assert answer.exit_code == 0, answer.output
    assert f"{len(suggestions)} accepted" in answer.output


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param(
            {**GOOD, "until": "2026-11-23"},
            "exception for TRU002 on `Vendor` expired on 2026-11-23",
            id="ended",
        ),
        pytest.param(
            {**GOOD, "finding": "account 444444444444"},
            "exception for TRU002 on `Vendor` matches no finding",
            id="other finding",
        ),
        pytest.param(
            {**GOOD, "on": "Partner"},
            "exception for TRU002 on `Partner` matches no finding",
            id="other place",
        ),
        pytest.param(
            {**GOOD, "rule": "TRU001"}, "exception for TRU001 on `Vendor` matches no finding", id="other rule"
        ),
        pytest.param(
            {**GOOD, "template": "other.json"},
            "exception for TRU002 on `Vendor` matches no finding",
            id="other template",
        ),
        pytest.param(
            {key: value for key, value in GOOD.items() if key != "finding"},
            "exception for TRU002 on `Vendor` matches no finding",
            id="all findings at once",
        ),
    ],
)
def test_refuses_an_exception_that_accepts_nothing(
    tmp_path: Path, given: dict[str, str], message: str
) -> None:
    path = template(tmp_path, "vendor.json", "arn:aws:iam::222222222222:root")
    file = write(tmp_path, given)
    answer = run("check", path)
    assert answer.exit_code == 1
    assert f"  error: {message}\n    at {file}:2:5" in answer.output
    assert "account `222222222222`" in answer.output, "the finding is back"


def test_refuses_an_exception_for_several_templates_unless_it_names_one(tmp_path: Path) -> None:
    for name in ("one.json", "two.json"):
        template(tmp_path, name, "arn:aws:iam::222222222222:root")
    write(tmp_path, GOOD)
    answer = run("check", tmp_path)
    assert answer.exit_code == 1
    assert "matches 2 findings" in answer.output
    write(tmp_path, {**GOOD, "template": "one.json"}, {**GOOD, "template": "two.json"})
    assert run("check", tmp_path).exit_code == 0


def test_several_paths_share_the_named_file(tmp_path: Path) -> None:
    one = template(tmp_path, "one.json", "arn:aws:iam::222222222222:root")
    two = write_template(tmp_path / "two.json", {"Own": role()})
    file = write(tmp_path, GOOD, name="accepted.yaml")
    assert run("check", one, two, "--exceptions", file).exit_code == 0
    assert run("check", one, two).exit_code == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("exceptions: [", ":", id="no YAML"),
        pytest.param(
            "- rule: TRU002",
            "1:1: the file has no exceptions; accepted: a list under `exceptions:`",
            id="a list",
        ),
        pytest.param("exceptions: 7", "the file has no exceptions", id="no list"),
        pytest.param("exceptions:\n  - TRU002", "2:5: the exception is not a mapping", id="a word"),
        pytest.param(
            "exceptions:\n  - {rule: TRU002, on: a, because: b, owner: c}",
            "2:5: the exception has no `until`",
            id="no end",
        ),
        pytest.param(
            "exceptions:\n  - {rule: TRU002, on: a, because: b, until: 2027-01-01}",
            "the exception has no `owner`",
            id="no owner",
        ),
        pytest.param(
            "exceptions:\n  - {rule: TRU002, on: a, because: b, owner: c, until: soon}",
            "`until` of the exception is not a date; found `soon`; accepted: such as `2027-01-31`",
            id="no day",
        ),
        pytest.param(
            "exceptions:\n  - {rule: TRU999, on: a, because: b, owner: c, until: 2027-01-01}",
            "there is no such rule; found `TRU999`; accepted: `TRU00",
            id="no rule",
        ),
        pytest.param(
            "exceptions:\n  - {rule: TRU002, on: a, because: b, owner: c, until: 2027-01-01, untill: x}",
            "the exception has an unknown key; found `untill`; accepted: `until`",
            id="unknown key",
        ),
    ],
)
def test_an_invalid_file_is_unusable_and_hides_no_finding(tmp_path: Path, text: str, message: str) -> None:
    path = template(tmp_path)
    file = write(tmp_path, text)
    answer = run("check", path)
    assert answer.exit_code == 2
    assert str(file) in answer.output
    assert message in answer.output
    assert "account `222222222222`" in answer.output
    assert run("exceptions", file).exit_code == 2


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    answer = run("check", template(tmp_path), "--exceptions", tmp_path / "nowhere.yaml")
    assert answer.exit_code == 2
    assert "nowhere.yaml: there is no such file" in answer.output


# Baselines


def test_only_new_findings_fail(tmp_path: Path) -> None:
    path, known = template(tmp_path, "vendor.json", "arn:aws:iam::222222222222:root"), tmp_path / "known.json"
    answer = run("check", path, "--write-baseline", known)
    assert (answer.exit_code, answer.output) == (0, "1 finding in the baseline\n")
    answer = run("check", path, "--strict", "--baseline", known)
    assert answer.exit_code == 0
    assert "0 errors, 0 warnings, 0 undecided, 1 in the baseline" in answer.output
    template(tmp_path)
    answer = run("check", path, "--baseline", known)
    assert answer.exit_code == 1
    assert "333333333333" in answer.output
    assert "222222222222" not in answer.output


def test_a_baseline_compares_counts_and_not_lines(tmp_path: Path) -> None:
    path, known = template(tmp_path, "vendor.json", "arn:aws:iam::222222222222:root"), tmp_path / "known.json"
    run("check", path, "--write-baseline", known)
    path.write_text(json.dumps(json.loads(path.read_text()), indent=7))
    assert run("check", path, "--baseline", known).exit_code == 0
    twice = {"Vendor": role([{**TRUST, "Principal": {"AWS": "arn:aws:iam::222222222222:root"}}] * 2)}
    path.write_text(json.dumps({"Resources": twice}, indent=1))
    assert run("check", path, "--baseline", known).exit_code == 1, "a second one like the first is new"


@pytest.mark.parametrize(
    "content", [None, "", "[]", "{}", '{"version": 2, "findings": []}', '{"version": 1, "findings": [7]}']
)
def test_an_invalid_baseline_is_unusable(tmp_path: Path, content: str | None) -> None:
    known = tmp_path / "known.json"
    if content is not None:
        known.write_text(content)
    answer = run("check", template(tmp_path), "--baseline", known)
    assert answer.exit_code == 2
    assert "baseline" in answer.output


def test_a_baseline_omits_unreadable_templates(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    answer = run("check", broken, "--write-baseline", tmp_path / "known.json")
    assert answer.exit_code == 2
    assert "broken.json:1:2: the file is not JSON" in answer.output
    assert run("check", broken, "--baseline", tmp_path / "known.json").exit_code == 2


# The list


def test_lists_exceptions_by_expiry(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        GOOD,
        {**GOOD, "finding": "account 1", "until": "2026-12-01"},
        {**GOOD, "until": "2026-11-23"},
    )
    answer = run("exceptions", tmp_path)
    assert answer.exit_code == 1, "one has ended"
    lines = answer.output.splitlines()
    assert [line[:27] for line in lines[::3]] == [
        "2026-11-23 ended 1 day ago ",
        "2026-12-01 7 days left  TRU",
        "2027-06-30 218 days left  T",
        "3 exceptions: 1 ended, 1 wi",
    ]
    assert lines[2] == f"    at {file}:14:5"
    assert "(platform team)" in lines[1]


def test_lists_declared_exceptions(root: Path) -> None:
    answer = run("exceptions", root / "access", "--format", "json")
    assert answer.exit_code == 0
    content = json.loads(answer.output)
    assert content["mistakes"] == []
    assert {each["days_left"] for each in content["exceptions"]} == {218}
    assert all(each["line"] and each["because"] for each in content["exceptions"])


def test_lists_nothing_without_a_file(tmp_path: Path) -> None:
    answer = run("exceptions", tmp_path / "nowhere.yaml")
    assert answer.exit_code == 2
    assert "there is no such file" in answer.output


def test_checking_one_template_ignores_exceptions_of_others(tmp_path: Path) -> None:
    one = template(tmp_path, "a.json", "arn:aws:iam::222222222222:root")
    other = template(tmp_path, "b.json", "arn:aws:iam::222222222222:root")
    write(tmp_path, GOOD | {"template": "a.json"}, GOOD | {"template": "b.json"})
    for path in (one, other, tmp_path):
        assert run("check", path).exit_code == 0
    other.unlink()
    for path in (one, tmp_path):
        assert "exception for TRU002 on `Vendor` matches no finding" in run("check", path).output


@pytest.mark.parametrize(
    ("until", "message"),
    [
        pytest.param("2026-11-24", "expires today", id="on its last day"),
        pytest.param("2026-11-25", "expires in 1 day\n", id="the day before"),
        pytest.param("2026-12-08", "expires in 14 days", id="two weeks before"),
        pytest.param("2026-12-09", "", id="earlier"),
    ],
)
def test_warns_before_an_exception_expires(tmp_path: Path, until: str, message: str) -> None:
    path = template(tmp_path, "vendor.json", "arn:aws:iam::222222222222:root")
    write(tmp_path, GOOD | {"until": until})
    answer = run("check", path, "--strict")
    assert answer.exit_code == 0
    assert (f"  advice: exception for TRU002 on `Vendor` {message}" in answer.output) is bool(message)


def test_reports_resolved_findings_of_a_baseline(tmp_path: Path) -> None:
    both = template(tmp_path, "vendor.json")
    other = template(tmp_path, "other.json")
    known = tmp_path / "known.json"
    run("check", both, other, "--write-baseline", known)
    template(tmp_path, "vendor.json", "arn:aws:iam::222222222222:root")
    answer = run("check", both, "--baseline", known)
    assert answer.exit_code == 0
    assert "advice: the baseline has 1 finding that is fixed" in answer.output
    assert "found `TRU002 account 333333333333 on Vendor`" in answer.output


def test_junit_reports_an_invalid_exception_as_failure(tmp_path: Path) -> None:
    path = template(tmp_path, "vendor.json", "arn:aws:iam::222222222222:root")
    file = write(tmp_path, GOOD, GOOD | {"finding": "account 444444444444"})
    answer = run("check", path, "--format", "junit")
    assert answer.exit_code == 1
    suite = fromstring(answer.output).find(f"testsuite[@name='{file}']")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
