"""The guardrails in a real synthesis: rule packs, exceptions that cover one finding each, nested stacks."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from constructs import Construct
from typer.testing import CliRunner

from access_constructs.people.person import PersonDefinition
from access_constructs.synthesis.identity import BulkIdentities
from keywright.cli.main import app as command_line
from keywright.guardrails.cdk.plugin import attach, conclude
from keywright.guardrails.engine import BrokenRuleError
from keywright.guardrails.invariants.declared import as_declared
from keywright.guardrails.invariants.record import Invariants, recorded_invariants
from keywright.guardrails.reports.rendering import render_verdict
from keywright.guardrails.verdict import Verdict, report
from keywright.model.exceptions import FindingException
from keywright.model.invariants import Never
from keywright.model.source.merging import merge
from keywright.model.source.places import Places
from keywright.model.source.yaml_text import parse
from keywright.model.source.yaml_tree import plain
from keywright.reporting.finding import Outcome, Severity
from tests.laws.random_declarations import with_dates
from tests.offered import completed, offered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BOUNDARY = "arn:aws:iam::111111111111:policy/access/keywright-boundary"
OTHER = "arn:aws:iam::222222222222:root"
AUDIT = "arn:aws:iam::aws:policy/SecurityAudit"
READ_ONLY = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"


def new_app(folder: Path, **context: Any) -> tuple[cdk.App, cdk.Stack]:
    app = cdk.App(
        context=context,
        outdir=str(folder),
        builtin_cloud_formation_validation=False,
        analytics_reporting=False,
    )
    env = cdk.Environment(account="111111111111", region="eu-central-1")
    return app, cdk.Stack(app, "Access", env=env)


def role(scope: Construct, name: str, *principals: str, policies: tuple[str, ...] = ()) -> iam.CfnRole:
    statements = [
        {"Effect": "Allow", "Principal": {"AWS": each}, "Action": "sts:AssumeRole"} for each in principals
    ]
    return iam.CfnRole(
        scope,
        name,
        assume_role_policy_document={"Version": "2012-10-17", "Statement": statements},
        permissions_boundary=BOUNDARY,
        managed_policy_arns=list(policies) or None,
    )


def exception(rule: str, on: str, finding: str | None, until: date = date(2027, 6, 30)) -> FindingException:
    because = "the auditor reads the configuration of the whole account"
    return FindingException(rule=rule, on=on, finding=finding, because=because, until=until)


def synthesize(app: cdk.App, folder: Path) -> Verdict:
    conclude(app)
    return report(folder)


def messages(findings: Any) -> list[str]:
    return [f"{each.rule} {each.message}".strip() for each in findings]


def test_a_clean_app_passes(tmp_path: Path) -> None:
    app, stack = new_app(tmp_path)
    role(stack, "Reader", "arn:aws:iam::111111111111:root")
    attach(app, packs=["AwsSolutions"])
    assert conclude(app) == 0
    verdict = report(tmp_path)
    assert (verdict.findings, verdict.accepted, verdict.mistakes, verdict.failures) == ((), (), (), ())


def test_rule_packs_and_guardrails_report_in_one_synthesis(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    app, stack = new_app(tmp_path)
    role(stack, "Vendor", OTHER, policies=(AUDIT,))
    attach(app, packs=["AwsSolutions"])
    assert conclude(app) == 1
    verdict = report(tmp_path)
    assert verdict.refuses
    assert messages(verdict.findings) == [
        "AwsSolutions-IAM4 the IAM user, role, or group uses AWS managed policies",
        "TRU002 role `Vendor` trusts another account without an external ID, MFA or organization condition",
    ]
    assert verdict.findings[0].found == f"`Policy::{AUDIT}`"
    assert verdict.findings[1].path == "Access/Vendor"
    assert "2 errors" in capfd.readouterr().err


def test_the_conclusion_of_the_report_counts_where_synth_raises_nothing(tmp_path: Path) -> None:
    app, stack = new_app(tmp_path, **{"@aws-cdk/core:failSynthOnValidationErrors": False})
    role(stack, "Vendor", "*")
    attach(app, packs=[])
    app.synth()
    assert messages(report(tmp_path).findings) == ["TRU001 role `Vendor` trusts everyone"]
    assert report(tmp_path).refuses


def test_an_exception_covers_its_finding_only(tmp_path: Path) -> None:
    app, stack = new_app(tmp_path)
    vendor = role(stack, "Vendor", "arn:aws:iam::111111111111:root", policies=(AUDIT, READ_ONLY))
    accepted = exception("AwsSolutions-IAM4", "role/vendor", f"Policy::{AUDIT}")
    attach(app, packs=["AwsSolutions"], exceptions=[accepted], declared={"role/vendor": vendor})
    verdict = synthesize(app, tmp_path)
    assert [each.found for each in verdict.findings] == [f"`Policy::{READ_ONLY}`"]
    assert [(each.finding.found, each.because) for each in verdict.accepted] == [
        (f"`Policy::{AUDIT}`", "the auditor reads the configuration of the whole account")
    ]
    assert verdict.mistakes == ()


def test_an_exception_from_a_guardrail_is_recorded(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    app, stack = new_app(tmp_path)
    vendor = role(stack, "Vendor", OTHER, "arn:aws:iam::333333333333:root")
    attach(
        app,
        packs=[],
        exceptions=[exception("TRU002", "role/vendor", "account `222222222222`")],
        declared={"role/vendor": vendor},
    )
    verdict = synthesize(app, tmp_path)
    assert [each.found for each in verdict.findings] == ["account `333333333333`"]
    assert [each.finding.rule for each in verdict.accepted] == ["TRU002"]
    written = json.loads((tmp_path / "validation-report.json").read_text())
    (suppressed,) = written["pluginReports"][0]["suppressedViolations"]
    assert suppressed["acknowledgedId"] == "Keywright::TRU002[account-222222222222]"
    assert (
        "TRU002 `account-222222222222` on Access/Vendor: "
        "the auditor reads the configuration of the whole account (until 2027-06-30)"
    ) in capfd.readouterr().err


def declared_role(stack: cdk.Stack) -> Mapping[str, Construct]:
    return {
        "role/vendor": role(stack, "Vendor", "arn:aws:iam::111111111111:root", policies=(AUDIT, READ_ONLY))
    }


@pytest.mark.parametrize(
    ("given", "mistake", "severity"),
    [
        pytest.param(
            exception("AwsSolutions-IAM4", "role/vendor", None),
            f"matches no finding; accepted: finding `Policy::{READ_ONLY}` or finding `Policy::{AUDIT}`",
            Severity.WARNING,
            id="all findings at once",
        ),
        pytest.param(
            exception("AwsSolutions-IAM4", "role/vendor", "Policy::other"),
            f"matches no finding; found `Policy::other`; accepted: finding `Policy::{READ_ONLY}` or finding `Policy::{AUDIT}`",
            Severity.WARNING,
            id="a finding that is not there",
        ),
        pytest.param(
            exception("AwsSolutions-IAM4", "role/auditor", f"Policy::{AUDIT}"),
            f"matches no finding: `role/auditor` is not declared; found `Policy::{AUDIT}`",
            Severity.ERROR,
            id="something undeclared",
        ),
        pytest.param(
            exception("AwsSolutions-IAM4", "role/vendor", "Policy::[x"),
            "matches no finding: its finding has an unmatched bracket; found `Policy::[x`",
            Severity.ERROR,
            id="a finding with half a bracket",
        ),
        pytest.param(
            exception("Solutions-IAM4", "role/vendor", "x"),
            "matches no finding: there is no rule Solutions-IAM4; found `x`",
            Severity.ERROR,
            id="a rule of no pack",
        ),
        pytest.param(
            exception("TRU002", "role/vendor", None),
            "matches no finding: it names no finding",
            Severity.ERROR,
            id="a whole guardrail rule",
        ),
        pytest.param(
            exception("AwsSolutions-IAM4", "role/vendor", f"Policy::{AUDIT}", until=date(2026, 11, 23)),
            f"matches no finding: it expired on 2026-11-23; found `Policy::{AUDIT}`",
            Severity.ERROR,
            id="after its end",
        ),
    ],
)
def test_an_exception_that_covers_nothing_is_a_mistake(
    tmp_path: Path, given: FindingException, mistake: str, severity: Severity
) -> None:
    app, stack = new_app(tmp_path)
    declared = declared_role(stack)
    attach(app, packs=["AwsSolutions"], exceptions=[given], declared=declared, today=date(2026, 11, 24))
    verdict = synthesize(app, tmp_path)
    assert [str(each) for each in verdict.mistakes] == [
        f"exceptions: exception for {given.rule} on `{given.on}` {mistake}"
    ]
    assert [each.severity for each in verdict.mistakes] == [severity]
    assert len(verdict.findings) == 2
    assert verdict.accepted == ()


def test_a_mistake_of_an_exception_names_its_line(tmp_path: Path) -> None:
    text = """exceptions:
  - {rule: TRU001, on: role/gone, finding: "*", because: this one has ended long ago, until: 2026-01-31}
  - rule: AwsSolutions-IAM4
    on: role/vendor
    finding: nothing
    because: the auditor reads the configuration of the whole account
    until: 2027-06-30
"""
    whole, _ = merge([("access/exceptions.yaml", parse(text, "access/exceptions.yaml"))])
    app, stack = new_app(tmp_path / "out")
    attach(
        app,
        packs=["AwsSolutions"],
        exceptions=[exception("AwsSolutions-IAM4", "role/vendor", "nothing")],
        declared=declared_role(stack),
        places=Places(whole),
    )
    (mistake,) = synthesize(app, tmp_path / "out").mistakes
    assert str(mistake.location) == "access/exceptions.yaml:3:5"


def test_the_lines_that_a_finding_offers_accept_it(tmp_path: Path) -> None:
    def verdict_with(exceptions: list[FindingException], folder: Path) -> Verdict:
        app, stack = new_app(folder)
        who = cdk.CfnParameter(stack, "Who").value_as_string
        scope = Construct(stack, "role-vendor")
        vendor = role(scope, "Role", OTHER, "*", who, policies=(AUDIT, READ_ONLY))
        vendor.permissions_boundary = None
        vendor.override_logical_id("Role0vendor")
        attach(app, packs=["AwsSolutions"], exceptions=exceptions, declared={"role/vendor": scope})
        return synthesize(app, folder)

    refused = verdict_with([], tmp_path / "refused")
    suggestions = offered(render_verdict(refused, date(2026, 11, 24)))
    assert len(suggestions) == len(refused.findings)
    copied: Any = plain(parse("".join(completed(suggestions)), "copied.yaml").root)
    exceptions = [FindingException.model_validate(each) for each in with_dates(copied)]
    accepted = verdict_with(exceptions, tmp_path / "accepted")
    assert messages(accepted.findings) == []
    assert len(accepted.accepted) == len(refused.findings) > 5
    assert accepted.mistakes == ()


def test_a_finding_on_one_of_many_people_names_that_one(tmp_path: Path) -> None:
    """Many people are made in one piece; the line that declares each is found all the same."""
    app, stack = new_app(tmp_path)
    people = BulkIdentities(stack, "people", [person("alice", "readers"), person("bob", "mfa-guard")])
    attach(app, packs=["AwsSolutions"], declared={"user/alice": people, "user/bob": people})
    verdict = synthesize(app, tmp_path)
    unguarded = [each for each in verdict.findings if each.rule == "USR002"]
    assert [verdict.names.on(each) for each in unguarded] == ["user/alice", "user/bob"]
    refused, _ = unguarded
    assert refused.path == "Access/people/User0alice"
    assert {verdict.names.on(replace(refused, path=f"Access/people/{each}")) for each in OF_BOB} == {
        "user/bob"
    }


OF_BOB = ("User0bob", "Leaving0bob", "FirstPassword0bob", "FirstSignIn0bob")


def person(name: str, group: str) -> PersonDefinition:
    return PersonDefinition(
        name=name,
        path="/access/",
        boundary_arn=BOUNDARY,
        keeper_token="arn:aws:lambda:eu-central-1:111111111111:function:keeper",
        groups=[group],
        console=True,
        tags={},
    )


def test_an_exception_that_covers_several_is_refused(tmp_path: Path) -> None:
    app, stack = new_app(tmp_path)
    for name in ("One", "Two"):
        role(stack, name, "arn:aws:iam::111111111111:root", policies=(AUDIT,))
    given = exception("AwsSolutions-IAM4", "group/all", f"Policy::{AUDIT}")
    attach(app, packs=["AwsSolutions"], exceptions=[given], declared={"group/all": stack})
    verdict = synthesize(app, tmp_path)
    assert messages(verdict.mistakes) == ["exception for AwsSolutions-IAM4 on `group/all` matches 2 findings"]
    assert verdict.refuses


def test_an_exception_is_good_on_its_last_day(tmp_path: Path) -> None:
    app, stack = new_app(tmp_path)
    vendor = role(stack, "Vendor", OTHER)
    given = exception("TRU002", "role/vendor", "account `222222222222`", until=date(2026, 11, 24))
    attach(app, packs=[], exceptions=[given], declared={"role/vendor": vendor}, today=date(2026, 11, 24))
    assert conclude(app) == 0


def test_checks_nested_stacks_and_stages(tmp_path: Path) -> None:
    app, stack = new_app(tmp_path)
    role(cdk.NestedStack(stack, "Inner"), "Hidden", "*")
    stage = cdk.Stage(app, "Prod", env=cdk.Environment(account="333333333333", region="eu-central-1"))
    role(cdk.Stack(stage, "Far"), "Open", "*")
    attach(app, packs=[])
    verdict = synthesize(app, tmp_path)
    assert [(each.rule, each.path) for each in verdict.findings] == [
        ("TRU001", "Access/Inner/Hidden"),
        ("TRU001", "Prod/Far/Open"),
    ]


def test_a_finding_in_a_nested_stack_can_be_accepted(tmp_path: Path) -> None:
    app, stack = new_app(tmp_path)
    hidden = role(cdk.NestedStack(stack, "Inner"), "Hidden", OTHER)
    given = exception("TRU002", "role/hidden", "account `222222222222`")
    attach(app, packs=[], exceptions=[given], declared={"role/hidden": hidden})
    assert conclude(app) == 0
    assert [each.finding.path for each in report(tmp_path).accepted] == ["Access/Inner/Hidden"]


def test_conventions_are_warnings_in_other_apps(tmp_path: Path) -> None:
    app, stack = new_app(tmp_path)
    iam.CfnUser(stack, "Somebody")
    attach(app, packs=[], own=False)
    assert conclude(app) == 0
    assert ("LIF001", Severity.WARNING) in [(each.rule, each.severity) for each in report(tmp_path).findings]


def test_a_template_known_only_at_deployment_is_undecided(tmp_path: Path) -> None:
    app, stack = new_app(tmp_path)
    role(stack, "Given", cdk.CfnParameter(stack, "Who").value_as_string)
    attach(app, packs=[])
    assert conclude(app) == 0
    assert [each.outcome for each in report(tmp_path).findings] == [Outcome.UNDECIDED]
    assert report(tmp_path).exit_code(strict=True) == 3


def test_a_rule_that_crashes_fails_the_synthesis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from keywright.guardrails import engine, rule

    broken = {
        code: rule.Rule(**{**vars(each), "check": _raise})
        for code, each in rule.all_rules().items()
        if code == "TRU001"
    }
    monkeypatch.setattr(engine, "all_rules", lambda: broken)
    app, stack = new_app(tmp_path)
    role(stack, "Reader", OTHER)
    attach(app, packs=[])
    with pytest.raises(RuntimeError, match="rule TRU001 failed on"):
        app.synth()
    written = json.loads((tmp_path / "validation-report.json").read_text())
    assert "rule TRU001 failed on" in written["pluginReports"][0]["metadata"]["error"]
    with pytest.raises(BrokenRuleError, match="rule TRU001 failed on"):
        report(tmp_path)


def _raise(_: object) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("file", ["validation-report.json", "keywright.json"])
@pytest.mark.parametrize("content", [None, "", "[]", '{"pluginReports'])
def test_without_a_report_nothing_passes(tmp_path: Path, file: str, content: str | None) -> None:
    app, stack = new_app(tmp_path)
    role(stack, "Reader", "arn:aws:iam::111111111111:root")
    attach(app, packs=[])
    app.synth()
    (tmp_path / file).unlink()
    if content is not None:
        (tmp_path / file).write_text(content)
    verdict = report(tmp_path)
    assert messages(verdict.failures) == ["the guardrails have not checked this assembly"]
    assert verdict.refuses


def test_an_unexplained_failure_fails_the_synthesis(tmp_path: Path) -> None:
    app, stack = new_app(tmp_path)
    role(stack, "Reader", "arn:aws:iam::111111111111:root")
    attach(app, packs=[])
    app.synth()
    plugins = [{"pluginName": "Other", "conclusion": "failure", "violations": []}]
    (tmp_path / "validation-report.json").write_text(json.dumps({"pluginReports": plugins}))
    assert messages(report(tmp_path).failures) == ["Other rejects the assembly"]
    assert report(tmp_path).refuses


def test_removes_the_report_of_an_earlier_synthesis(tmp_path: Path) -> None:
    (tmp_path / "validation-report.json").write_text("{}")
    app, _ = new_app(tmp_path)
    attach(app, packs=[])
    assert not (tmp_path / "validation-report.json").exists()


def test_a_pack_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    app, _ = new_app(tmp_path)
    with pytest.raises(ValueError, match=r"there is no rule pack `AwsSolution`; accepted: `AwsSolutions`"):
        attach(app, packs=["AwsSolution"])


@pytest.mark.parametrize("pack", ["AwsSolutions", "HIPAA.Security", "NIST.800.53.R5", "PCI.DSS.321"])
def test_every_pack_attaches(tmp_path: Path, pack: str) -> None:
    app, stack = new_app(tmp_path)
    iam.CfnUser(
        stack,
        "Somebody",
        permissions_boundary=BOUNDARY,
        managed_policy_arns=["arn:aws:iam::aws:policy/AdministratorAccess"],
    )
    attach(app, packs=[pack])
    conclude(app)
    assert any(each.rule.startswith(f"{pack}-") for each in report(tmp_path).findings)


def test_an_undecided_finding_can_be_accepted_and_hides_no_fault(tmp_path: Path) -> None:
    app, stack = new_app(tmp_path)
    given = role(stack, "Given", cdk.CfnParameter(stack, "Who").value_as_string)
    accepted = exception("TRU001", "role/given", "cannot tell `AWS: <Who>`")
    attach(app, packs=[], exceptions=[accepted], declared={"role/given": given})
    verdict = synthesize(app, tmp_path)
    assert verdict.findings == ()
    assert verdict.exit_code(strict=True) == 0


def test_check_agrees_with_the_synthesis(tmp_path: Path) -> None:
    app, stack = new_app(tmp_path)
    vendor = role(stack, "Vendor", OTHER)
    given = exception("TRU002", "role/vendor", "account `222222222222`")
    attach(app, packs=[], exceptions=[given], declared={"role/vendor": vendor})
    assert conclude(app) == 0
    for own in ([], ["--own"]):
        assert check(tmp_path, *own, "--strict", "--today", "2027-06-30") == 0
        assert check(tmp_path, *own, "--today", "2027-07-01") == 1, "the exception has ended"


def check(*arguments: object) -> int:
    return CliRunner().invoke(command_line, ["check", *map(str, arguments)]).exit_code


@pytest.mark.parametrize(
    "reports", [7, [7], [{"pluginName": "Keywright", "violations": 7, "suppressedViolations": [7]}]]
)
def test_a_malformed_report_raises_nothing(tmp_path: Path, reports: Any) -> None:
    app, stack = new_app(tmp_path)
    role(stack, "Vendor", OTHER)
    attach(app, packs=[])
    conclude(app)
    (tmp_path / "validation-report.json").write_text(json.dumps({"pluginReports": reports}))
    assert report(tmp_path).refuses


def test_reports_a_synthesis_that_fails_for_another_reason(tmp_path: Path) -> None:
    app, stack = new_app(tmp_path)
    first, second = role(stack, "One", OTHER), role(stack, "Two", OTHER)
    second.override_logical_id("One")
    attach(app, packs=[])
    with pytest.raises(RuntimeError, match="One"):
        conclude(app)
    assert first.logical_id
    assert report(tmp_path).refuses


def test_a_broken_invariant_fails_the_synthesis_and_every_later_check(tmp_path: Path) -> None:
    app, stack = new_app(tmp_path)
    never = Never(who="everyone", can="sts:AssumeRole", on="role/Vendor", excepting="333333333333")
    role(stack, "Vendor", OTHER)
    attach(app, packs=[], invariants=Invariants((as_declared(never),)))
    assert conclude(app) == 1
    broken = [each for each in report(tmp_path).findings if each.rule == "INV001"]
    (message,) = messages(broken)
    assert message == (
        "INV001 `account 222222222222` can call `sts:AssumeRole` on `arn:aws:iam::111111111111:role/<Access|Vendor>`, "
        "which violates `never: everyone but 333333333333 can sts:AssumeRole on role/Vendor`"
    )
    answer = CliRunner().invoke(command_line, ["check", str(tmp_path)])
    assert (answer.exit_code, "INV001" in answer.output) == (1, True)


def test_a_proved_invariant_passes_the_synthesis(tmp_path: Path) -> None:
    app, stack = new_app(tmp_path)
    never = Never(who="everyone", can="iam:*", on="*")
    role(stack, "Reader", "arn:aws:iam::111111111111:root")
    attach(app, packs=[], invariants=Invariants((as_declared(never),)))
    assert conclude(app) == 0
    assert recorded_invariants(tmp_path).declared == (as_declared(never),)
