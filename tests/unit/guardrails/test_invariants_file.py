"""Invariants beside templates: in a file, recorded by a synthesis, in tests; proved, broken, undecided or unusable."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from keywright.assembly.invariants.declaration import DeclaredInvariant
from keywright.assembly.sources.manifest import INVARIANTS, INVARIANTS_RECORD
from keywright.cli.main import app
from keywright.guardrails.invariants.declared import as_declared, declared_invariants
from keywright.guardrails.invariants.invariants_file import read_invariants
from keywright.guardrails.invariants.record import Invariants, recorded_invariants
from keywright.guardrails.testing import assert_least_privilege
from keywright.guardrails.verdict import check_own_assembly
from keywright.model.declarations import Declarations
from keywright.model.invariants import Always, Never
from keywright.reporting.finding import Location
from tests.unit.assembly.builders import write_assembly, write_template
from tests.unit.guardrails.builders import role

if TYPE_CHECKING:
    from pathlib import Path

DELETING = {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::reports/*"}
BUCKET = {
    "Type": "AWS::S3::Bucket",
    "DeletionPolicy": "Retain",
    "UpdateReplacePolicy": "Retain",
    "Properties": {"BucketName": "reports"},
}
NEVER = 'never: [{who: everyone, can: "s3:DeleteObject", on: bucket/reports}]'


def resources(*statements: dict[str, Any]) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    policies = [{"PolicyName": "own", "PolicyDocument": document}] if statements else []
    ours = role(RoleName="cleaner", Policies=policies)
    del ours["Properties"]["PermissionsBoundary"]
    return {"Reports": BUCKET, "Cleaner": ours}


def template(folder: Path, *statements: dict[str, Any], name: str = "stack.json") -> Path:
    return write_template(folder / name, resources(*statements))


def run(*arguments: Any) -> Any:
    return CliRunner().invoke(app, ["check", *map(str, arguments)])


def test_finds_a_file_beside_a_template(tmp_path: Path) -> None:
    path = template(tmp_path, DELETING)
    assert run(path).exit_code == 0
    (tmp_path / INVARIANTS).write_text(NEVER)
    answer = run(path)
    assert answer.exit_code == 1
    assert (
        "INV001: `role/cleaner` can call `s3:DeleteObject` on `arn:aws:s3:::reports/example`, "
        "which violates `never: everyone can s3:DeleteObject on bucket/reports`"
    ) in answer.output


def test_accepts_a_named_file(tmp_path: Path) -> None:
    path = template(tmp_path, DELETING)
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / "promises.yaml").write_text(NEVER)
    assert run(path, "--invariants", other / "promises.yaml").exit_code == 1


def test_does_not_read_the_file_as_a_template(tmp_path: Path) -> None:
    template(tmp_path)
    (tmp_path / INVARIANTS).write_text(NEVER)
    (tmp_path / INVARIANTS_RECORD).write_text('{"invariants": [], "names": {}}')
    assert run(tmp_path).exit_code == 0


def test_an_undecided_invariant_fails_in_strict_mode(tmp_path: Path) -> None:
    body = resources(DELETING)
    del body["Reports"]  # of somebody else's making, and so without a warning of its own
    body["Cleaner"]["Properties"]["PermissionsBoundary"] = "arn:aws:iam::111111111111:policy/elsewhere"
    path = write_template(tmp_path / "stack.json", body)
    (tmp_path / INVARIANTS).write_text(NEVER.replace("bucket/reports", '"arn:aws:s3:::reports/*"'))
    assert run(path).exit_code == 0
    assert run(path, "--strict").exit_code == 3


def test_an_exception_accepts_a_broken_invariant(tmp_path: Path) -> None:
    path = template(tmp_path, DELETING)
    (tmp_path / INVARIANTS).write_text(NEVER)
    (tmp_path / "keywright-exceptions.yaml").write_text(
        "exceptions:\n"
        "  - rule: INV001\n"
        "    on: Cleaner\n"
        '    finding: "role/cleaner against never: everyone can s3:DeleteObject on bucket/reports"\n'
        "    because: the cleaner goes with the old pipeline\n"
        "    owner: platform team\n"
        "    until: 2027-01-31\n"
    )
    assert run(path, "--today", "2026-11-24").exit_code == 0


UNUSABLE = {
    "a misspelled action": (
        NEVER.replace("DeleteObject", "DeletObject"),
        "promises.yaml:1:30: no AWS action matches; found `s3:DeletObject`; accepted: `s3:DeleteObject`",
    ),
    "a misspelled condition key": (
        NEVER.replace("}", ', when: {"aws:SourceVcp": vpc-1}}'),
        "no condition key of AWS has this name; found `aws:SourceVcp`; accepted: `aws:SourceVpc`",
    ),
    "an ARN of no service": (
        NEVER.replace("bucket/reports", '"arn:aws:s4:::reports"'),
        "no ARN of AWS has this service; found `arn:aws:s4:::reports`; accepted: `s3`",
    ),
    "no such file": (None, "promises.yaml: there is no such file"),
    "no YAML": ("never: [", "promises.yaml:1"),
    "no invariants": ("- never", "promises.yaml:1:1: the file has no invariants"),
    "an unknown section": (
        "nevr: []",
        "promises.yaml:1:1: unknown section; found `nevr`; accepted: `never`, `always`",
    ),
    "an unknown key": (
        'never: [{who: everyone, cn: "s3:*", on: "*"}]',
        "promises.yaml:1:25: unknown key in an invariant; found `cn`; accepted: `can`",
    ),
    "a name in none of the templates": (
        'never: [{who: everyone, can: "s3:DeleteObject", on: bucket/reprots}]',
        "promises.yaml:1:9: no template has this name; found `bucket/reprots`; accepted: `bucket/reports`",
    ),
    "no principal of the templates": (
        'always: [{who: role/cleanr, can: "s3:DeleteObject", on: bucket/reports}]',
        "promises.yaml:1:10: no template has this name; found `role/cleanr`; accepted: `role/cleaner`",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"), [pytest.param(*case, id=name) for name, case in UNUSABLE.items()]
)
def test_reports_mistakes_in_the_file_at_their_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    template(tmp_path)
    if text is not None:
        (tmp_path / "promises.yaml").write_text(text)
    answer = run("stack.json", "--invariants", "promises.yaml")
    assert answer.exit_code == 2
    assert message in answer.output


def test_a_name_in_one_of_the_templates_is_enough(tmp_path: Path) -> None:
    one = template(tmp_path, name="one.json")
    two = write_template(tmp_path / "two.json", {"Other": {**BUCKET, "Properties": {"BucketName": "other"}}})
    (tmp_path / INVARIANTS).write_text(NEVER)
    answer = run(one, two)
    assert answer.exit_code == 0
    assert "`bucket/reports` is not in these templates" in answer.output
    assert run(two).exit_code == 2


def test_an_action_that_is_confirmed_as_newer_than_the_reference_is_accepted(tmp_path: Path) -> None:
    (tmp_path / INVARIANTS).write_text(
        NEVER.replace("DeleteObject", "PurgeObject").replace("on:", 'unlisted: ["s3:PurgeObject"], on:')
    )
    assert read_invariants(tmp_path / INVARIANTS).findings == ()
    assert run(template(tmp_path)).exit_code == 0
    assert run(template(tmp_path, {**DELETING, "Action": "s3:Purge*"})).exit_code == 1


def test_a_synthesis_records_invariants_for_later_checks(tmp_path: Path) -> None:
    out = write_assembly(tmp_path / "cdk.out", stack={"Resources": resources(DELETING)})
    declared = as_declared(
        Never(who="everyone", can="s3:DeleteObject", on="bucket/reports"), Location("f", 2, 5)
    )
    Invariants((declared,)).write(out)
    assert recorded_invariants(out).declared == (declared,)
    assert run(out).exit_code == 1
    assert "INV001" in {each.rule for each in check_own_assembly(out, date(2026, 11, 24)).findings}


def test_a_synthesis_without_invariants_removes_an_earlier_record(tmp_path: Path) -> None:
    Invariants((as_declared(Never(who="everyone", can="s3:*", on="*")),)).write(tmp_path)
    Invariants().write(tmp_path)
    assert not (tmp_path / INVARIANTS_RECORD).exists()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"invariants": [{}], "names": {}}',
        '{"invariants": [], "names": []}',
        "[" * 50_000,
        "\ud800",
    ],
)
def test_an_invalid_record_is_unusable(tmp_path: Path, content: str) -> None:
    out = write_assembly(tmp_path / "cdk.out", stack={"Resources": {}})
    (out / INVARIANTS_RECORD).write_bytes(content.encode("utf-8", "surrogatepass"))
    assert [str(each.message) for each in recorded_invariants(out).findings] == [
        "the invariants cannot be read"
    ]
    assert run(out).exit_code == 2


texts = st.lists(st.text(max_size=8), max_size=3).map(tuple)


@settings(max_examples=50, deadline=None)
@given(
    st.builds(
        DeclaredInvariant,
        kind=st.sampled_from(["never", "always"]),
        who=texts,
        can=texts,
        on=texts,
        excepting=texts,
        when=st.dictionaries(
            st.text(max_size=4), st.dictionaries(st.text(max_size=4), texts, max_size=2), max_size=2
        ),
        without_mfa=st.booleans(),
        words=st.text(max_size=5),
        location=st.builds(Location, st.text(max_size=5), st.integers(0, 9), st.integers(0, 9)),
    )
)
def test_recorded_invariants_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, declared: DeclaredInvariant
) -> None:
    folder = tmp_path_factory.mktemp("out")
    Invariants((declared,), {"bucket/a": "arn:aws:s3:::a"}).write(folder)
    assert recorded_invariants(folder) == Invariants((declared,), {"bucket/a": "arn:aws:s3:::a"})


CIRCUMSTANCES = {
    "mfa": ({"with": "mfa"}, {"Bool": {"aws:MultiFactorAuthPresent": ("true",)}}),
    "no mfa": ({"without": "mfa"}, {"BoolIfExists": {"aws:MultiFactorAuthPresent": ("false",)}}),
    "an absent key": ({"without": "aws:SourceVpc"}, {"Null": {"aws:SourceVpc": ("true",)}}),
    "a text": ({"aws:RequestedRegion": "us-east-1"}, {"StringEquals": {"aws:RequestedRegion": ("us-east-1",)}}),
    "a pattern": ({"aws:RequestedRegion": ("us-*",)}, {"StringLike": {"aws:RequestedRegion": ("us-*",)}}),
    "an ARN": ({"aws:PrincipalArn": "arn:aws:iam::1:role/x"}, {"ArnLike": {"aws:PrincipalArn": ("arn:aws:iam::1:role/x",)}}),
    "a boolean": ({"aws:SecureTransport": "false"}, {"Bool": {"aws:SecureTransport": ("false",)}}),
    "an address": ({"aws:SourceIp": "192.0.2.0/24"}, {"IpAddress": {"aws:SourceIp": ("192.0.2.0/24",)}}),
}  # fmt: skip


@pytest.mark.parametrize(
    ("when", "conditions"), [pytest.param(*case, id=name) for name, case in CIRCUMSTANCES.items()]
)
def test_context_values_become_conditions(when: Any, conditions: Any) -> None:
    assert as_declared(Never(who="everyone", can="*", on="*", when=when)).when == conditions


def test_required_access_is_tested_over_tls() -> None:
    always = Always(who="role/x", can="*", on="*")
    assert as_declared(always).when == {"Bool": {"aws:SecureTransport": ("true",)}}


def test_an_invariant_ignores_deleted_people() -> None:
    declarations = Declarations.model_validate(
        {
            "account": {"id": "111111111111", "region": "eu-central-1"},
            "buckets": {"old": {"existing": "acme-old"}},
            "roles": {"legacy": {"existing": True}},
            "never": ({"who": ("user/gone",), "can": "s3:*", "on": "*"}, {"who": "everyone", "can": "s3:*", "on": "bucket/old"}),
        }
    )  # fmt: skip
    found = declared_invariants(declarations)
    assert [each.who for each in found.declared] == [("everyone",)]
    assert found.elsewhere == {
        "role/legacy": "arn:aws:iam::111111111111:role/access/legacy",
        "bucket/old": "arn:aws:s3:::acme-old",
    }


def test_least_privilege_is_asserted_with_them(tmp_path: Path) -> None:
    path = template(tmp_path, DELETING)
    promise = Never(who="everyone", can="s3:DeleteObject", on="bucket/reports")
    assert_least_privilege(path)
    assert_least_privilege(path, invariants=[promise.model_copy(update={"excepting": "role/cleaner"})])
    with pytest.raises(AssertionError, match="INV001"):
        assert_least_privilege(path, invariants=[promise])
    with pytest.raises(AssertionError, match="INV001"):
        assert_least_privilege(json.loads(path.read_text()), invariants=[promise])
    with pytest.raises(AssertionError, match="INV002"):
        assert_least_privilege(path, invariants=[Always(who="role/cleaner", can="iam:*", on="*")])
    with pytest.raises(AssertionError, match="no AWS action matches"):
        assert_least_privilege(path, invariants=[promise.model_copy(update={"can": "s3:DeletObject"})])
    with pytest.raises(AssertionError, match="no template has this name"):
        assert_least_privilege(path, invariants=[promise.model_copy(update={"on": "bucket/reprots"})])
