"""SARIF and JUnit have the findings of the text report, and are well formed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from defusedxml.ElementTree import fromstring
from typer.testing import CliRunner

from keywright.cli.main import app
from keywright.guardrails.rule import all_rules
from tests.unit.assembly.builders import write_assembly
from tests.unit.guardrails.builders import granting, role

if TYPE_CHECKING:
    from pathlib import Path

OTHER = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
    "Action": "sts:AssumeRole",
}
UNKNOWN = {**OTHER, "Principal": {"AWS": {"Ref": "Who"}}}
TWICE = {
    "A": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "a"}},
    "B": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "A"}},
}
FAULTY = {"Parameters": {"Who": {"Type": "String"}}, "Resources": {"Vendor": role([OTHER, UNKNOWN]), **TWICE}}
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}
CLEAN = {"Resources": {"Reader": granting(READ, RoleName="clean")}}


def check(*arguments: Any) -> Any:
    return CliRunner().invoke(app, ["check", "--profile", "strict", *map(str, arguments)])


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    folder = write_assembly(tmp_path / "cdk out", faulty=FAULTY, clean=CLEAN, broken=CLEAN)
    (folder / "broken.template.json").write_text('{"Resources": \x00')
    return folder


def sarif_schema(root: Path) -> dict[str, Any]:
    """Read the part of the standard's schema that the reports use, and allow nothing else."""
    schema: dict[str, Any] = json.loads((root / "tests/golden/check/sarif.schema.json").read_text())
    return schema


def test_sarif_matches_its_schema(root: Path, assembly: Path) -> None:
    report = json.loads(check(assembly, "--format", "sarif").output)
    jsonschema.validate(report, sarif_schema(root))


def test_sarif_has_the_findings_of_the_other_formats(assembly: Path) -> None:
    answer = check(assembly, "--format", "sarif")
    assert answer.exit_code == 2
    (run,) = json.loads(answer.output)["runs"]
    expected = json.loads(check(assembly, "--format", "json").output)
    assert [each["ruleId"] for each in run["results"]] == [each["rule"] for each in expected["findings"]]
    kinds = {"undecided": "review", "fault": "fail"}
    assert [each["kind"] for each in run["results"]] == [
        kinds[each["outcome"]] for each in expected["findings"]
    ]
    for result, finding in zip(run["results"], expected["findings"], strict=True):
        place = result["locations"][0]["physicalLocation"]
        assert place["region"] == {"startLine": finding["line"], "startColumn": finding["column"]}
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert finding["message"] in result["message"]["text"]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "the file is not JSON" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_sarif_addresses_are_relative_where_paths_are(
    assembly: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def uris(*arguments: Any) -> set[str]:
        (run,) = json.loads(check(*arguments, "--format", "sarif").output)["runs"]
        return {
            each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in run["results"]
        }

    monkeypatch.chdir(tmp_path)
    assert uris("cdk out") == {"cdk%20out/faulty.template.json"}
    assert uris(assembly) == {(assembly / "faulty.template.json").as_uri()}


def test_sarif_identifies_a_finding_after_its_line_has_moved(assembly: Path) -> None:
    def fingerprints() -> set[str]:
        (run,) = json.loads(check(assembly, "--format", "sarif").output)["runs"]
        return {each["partialFingerprints"]["keywright/v1"] for each in run["results"]}

    before = fingerprints()
    path = assembly / "faulty.template.json"
    path.write_text(json.dumps(json.loads(path.read_text()), indent=3))
    assert fingerprints() == before
    assert len(before) > 3


def suites(*arguments: Any) -> dict[str, Any]:
    root = fromstring(check(*arguments, "--format", "junit").output)
    return {suite.get("name").rpartition("/")[2]: suite for suite in root}


def test_junit_has_a_case_for_each_rule_and_template(assembly: Path) -> None:
    found = suites(assembly)
    assert list(found) == ["faulty.template.json", "clean.template.json", "unusable"]
    for name in ("faulty.template.json", "clean.template.json"):
        codes = [case.get("name")[:6] for case in found[name]]
        assert codes == list(all_rules())
        assert found[name].get("tests") == str(len(all_rules()))
    assert found["clean.template.json"].get("failures") == "0"
    assert found["unusable"].get("errors") == "1"


def test_junit_fails_what_the_exit_code_counts(assembly: Path) -> None:
    def answers(*arguments: Any) -> dict[str, list[str]]:
        suite = suites(assembly, *arguments)["faulty.template.json"]
        found = {case.get("name")[:6]: [child.tag for child in case] for case in suite}
        return {code: tags for code, tags in found.items() if tags}

    lenient, strict = answers(), answers("--strict")
    assert lenient["TRU002"] == ["failure"]
    assert lenient["LIF001"] == ["system-out"]
    assert lenient["TRU001"] == ["skipped", "system-out"]
    assert (strict["LIF001"], strict["TRU001"]) == (["failure"], ["failure"])


@pytest.mark.parametrize("form", ["sarif", "junit"])
def test_escapes_control_characters(tmp_path: Path, form: str) -> None:
    evil = {**OTHER, "Principal": {"AWS": "arn:aws:iam::*:role/\x1b[31m\x00]]><a>\u202e"}}
    answer = check(
        write_assembly(tmp_path / "cdk.out", evil={"Resources": {"R": role(evil)}}), "--format", form
    )
    assert answer.exit_code == 1
    assert not {"\x1b", "\u202e", "\x00"} & set(answer.output)
    assert fromstring(answer.output) is not None if form == "junit" else json.loads(answer.output)
