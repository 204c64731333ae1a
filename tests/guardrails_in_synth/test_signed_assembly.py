"""What a synthesis accepted travels with its assembly, and is believed only there where this user signed it."""

from __future__ import annotations

import hmac
import json
import os
import shutil
import subprocess
import sys
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from typer.testing import CliRunner

from access_constructs.synthesis.accepted_findings import accept
from keywright.cli.main import app as command_line
from keywright.guardrails.cdk.plugin import attach, conclude
from keywright.guardrails.exceptions.signature import SIGNATURE
from keywright.guardrails.exceptions.signing_key import existing_key, key_file, key_for_signing
from keywright.guardrails.testing import assert_least_privilege
from keywright.guardrails.verdict import report
from keywright.model.exceptions import FindingException

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TODAY = date(2026, 11, 24)
OTHER = "arn:aws:iam::222222222222:root"
EXCEPTION = FindingException(
    rule="TRU002",
    on="role/vendor",
    finding="account 222222222222",
    because="the vendor cannot send an external ID before its release in spring",
    until=date(2027, 6, 30),
)
CHANGED = "the assembly was changed after its synthesis"
ELSEWHERE = "the assembly was synthesized by another user, or on another machine"
UNSIGNED = "the assembly is not signed"


def role(scope: Any, name: str) -> iam.CfnRole:
    statement = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return iam.CfnRole(scope, name, assume_role_policy_document=document)


def synthesize(folder: Path, *, own: bool = True) -> int:
    """Synthesize roles in a stack, a nested stack and a stage: accepted by an exception, and by a construct."""
    app = cdk.App(outdir=str(folder), builtin_cloud_formation_validation=False, analytics_reporting=False)
    env = cdk.Environment(account="111111111111", region="eu-central-1")
    stack = cdk.Stack(app, "Access", env=env)
    vendor = role(stack, "Vendor")
    vendor.override_logical_id("Role0vendor")
    inner = role(cdk.NestedStack(stack, "Inner"), "Nested")
    far = role(cdk.Stack(cdk.Stage(app, "Prod"), "Far", env=env), "Partner")
    for each in (inner, far):
        accept(each, "TRU002[account-222222222222]", "the partner cannot send an external ID")
    for each in (vendor, inner, far) if own else ():
        accept(each, "LIF001[no-PermissionsBoundary]", "this account has no boundary")
    attach(app, packs=[], exceptions=[EXCEPTION], declared={"role/vendor": vendor}, own=own, today=TODAY)
    return conclude(app)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("signed") / "cdk.out"
    assert synthesize(folder) == 0
    return folder


@pytest.fixture
def assembly(original: Path, tmp_path: Path) -> Path:
    return shutil.copytree(original, tmp_path / "cdk.out")


def check(folder: Path, *arguments: str, today: str = "2026-11-24") -> Any:
    return CliRunner().invoke(
        command_line, ["check", str(folder), "--profile", "strict", "--today", today, *arguments]
    )


def note_of(output: str) -> str:
    """Give the first words of the note, after the path."""
    line = output.splitlines()[0]
    assert line.startswith("note: ") is ("note: " in output)
    return line.partition("cdk.out: ")[2].partition(", so ")[0] if line.startswith("note: ") else ""


def test_an_untouched_assembly_is_judged_as_its_synthesis_was(assembly: Path) -> None:
    answer = check(assembly, "--strict")
    assert answer.output == "0 errors, 0 warnings, 0 undecided, 6 accepted in 3 templates, 4 resources\n"
    assert (answer.exit_code, len(report(assembly).accepted)) == (0, 6)
    assert answer.output == check(assembly, "--own", "--strict").output
    assert_least_privilege(assembly, strict=True, today=TODAY)


def test_it_counts_only_until_the_exception_ends(assembly: Path) -> None:
    answer = check(assembly, today="2027-07-01")
    assert (answer.exit_code, note_of(answer.output)) == (1, "")
    assert "TRU002" in answer.output
    assert "on: role/vendor\n" in answer.output, "suggestions use the declared name"


def test_conventions_stay_warnings_in_the_app_of_others(tmp_path: Path) -> None:
    assert synthesize(tmp_path / "cdk.out", own=False) == 0
    answer = check(tmp_path / "cdk.out")
    assert (answer.exit_code, note_of(answer.output)) == (0, "")
    assert "0 errors, 3 warnings, 0 undecided, 3 accepted" in answer.output


def refused(answer: Any, note: str) -> str:
    """Assert that nothing was accepted, and give the note's line."""
    assert (answer.exit_code, note_of(answer.output)) == (1, note)
    assert "3 errors, 3 warnings, 0 undecided in 3 templates" in answer.output
    return str(answer.output.splitlines()[0])


def test_one_byte_more_in_any_file_breaks_the_signature(assembly: Path) -> None:
    signed = json.loads((assembly / SIGNATURE).read_text())["files"]
    here = {each.relative_to(assembly).as_posix() for each in assembly.rglob("*.json")}
    assert signed.keys() == here - {SIGNATURE}
    assert {each.rpartition("/")[0] for each in signed} == {"", "assembly-Prod"}
    for name in signed:
        content = (assembly / name).read_bytes()
        (assembly / name).write_bytes(content + b"\n")
        assert f"; found `{name}`; accepted: a new synthesis, or `--own`" in refused(check(assembly), CHANGED)
        (assembly / name).write_bytes(content)
    assert check(assembly).exit_code == 0


def add(assembly: Path) -> None:
    (assembly / "assembly-Prod/more.json").write_text("{}")


def remove(assembly: Path) -> None:
    (assembly / "tree.json").unlink()


def link(assembly: Path) -> None:
    shutil.move(assembly / "tree.json", assembly.parent / "tree.json")
    (assembly / "tree.json").symlink_to(assembly.parent / "tree.json")


def link_a_folder(assembly: Path) -> None:
    shutil.move(assembly / "assembly-Prod", assembly.parent / "Prod")
    (assembly / "assembly-Prod").symlink_to("../Prod")


def make_a_pipe(assembly: Path) -> None:
    os.mkfifo(assembly / "pipe.json")


@pytest.mark.parametrize(
    ("edit", "found"),
    [
        pytest.param(add, "`assembly-Prod/more.json`, which is new", id="a file more"),
        pytest.param(remove, "no `tree.json`", id="a file less"),
        pytest.param(link, "`tree.json`, which is a symbolic link", id="a link to the same content"),
        pytest.param(make_a_pipe, "`pipe.json`, which is not an ordinary file", id="a pipe"),
    ],
)
def test_the_files_must_be_the_same(assembly: Path, edit: Callable[[Path], None], found: str) -> None:
    edit(assembly)
    assert f"; found {found}; " in refused(check(assembly), CHANGED)


def test_a_link_out_of_the_folder_is_not_followed(assembly: Path) -> None:
    link_a_folder(assembly)
    answer = check(assembly)
    assert "; found `assembly-Prod`, which is a symbolic link; " in answer.output
    assert answer.exit_code == 2


def digests(assembly: Path) -> dict[str, str]:
    names = (each.relative_to(assembly).as_posix() for each in assembly.rglob("*.json"))
    return {
        name: sha256((assembly / name).read_bytes()).hexdigest()
        for name in sorted(names)
        if name != SIGNATURE
    }


def forged(assembly: Path, key: bytes | None) -> dict[str, Any]:
    """Give a signature of the files as they are: with a key, or with the signature that is there."""
    files = digests(assembly)
    content = b"keywright assembly 1\0" + json.dumps(files, sort_keys=True, separators=(",", ":")).encode()
    old = json.loads((assembly / SIGNATURE).read_text())["signature"]
    return {"files": files, "signature": hmac.new(key, content, sha256).hexdigest() if key else old}


def test_the_format_is_as_the_forger_knows_it(assembly: Path) -> None:
    """Else the forgeries below would fail for another reason."""
    assert forged(assembly, existing_key()) == json.loads((assembly / SIGNATURE).read_text())


@pytest.mark.parametrize(
    "key", [pytest.param(None, id="the old signature"), pytest.param(b"0" * 32, id="another key")]
)
def test_a_forged_acceptance_is_not_believed(assembly: Path, key: bytes | None) -> None:
    """A stranger's assembly accepts whatever it contains, and every digest in it is right."""
    for path in assembly.rglob("*.json"):
        path.write_text(path.read_text().replace("222222222222", "333333333333"))
    (assembly / SIGNATURE).write_text(json.dumps(forged(assembly, key)))
    assert check(assembly, "--own").exit_code == 0, "the forged record would accept it"
    refused(check(assembly), ELSEWHERE)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        '{"files": {}}',
        '{"files": [], "signature": ""}',
        '{"files": {"a": 1}, "signature": ""}',
        "[" * 9999,
    ],
)
def test_a_malformed_signature_is_none(assembly: Path, content: str) -> None:
    (assembly / SIGNATURE).write_text(content)
    refused(check(assembly), UNSIGNED)


def test_a_template_among_the_assets_is_not_believed(assembly: Path) -> None:
    """The CDK writes no template there; a signed manifest that names one is still not enough."""
    (assembly / "asset.0").mkdir()
    shutil.move(assembly / "Access.template.json", assembly / "asset.0/t.json")
    manifest = assembly / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"Access.template.json"', '"asset.0/t.json"'))
    (assembly / SIGNATURE).write_text(json.dumps(forged_without_assets(assembly)))
    note = note_of(check(assembly).output)
    assert note == "the assembly has a template that its signature does not include"


def forged_without_assets(assembly: Path) -> dict[str, Any]:
    shutil.move(assembly / "asset.0", assembly.parent)
    made = forged(assembly, existing_key())
    shutil.move(assembly.parent / "asset.0", assembly)
    return made


# The key


def test_another_key_is_another_user(assembly: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    refused(check(assembly), ELSEWHERE)
    assert not (tmp_path / "state").exists(), "a check creates no key"
    assert key_for_signing() == existing_key()
    refused(check(assembly), ELSEWHERE)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert key_for_signing() is not None
    path = key_file()
    assert path is not None
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    path.chmod(mode)
    assert (existing_key(), key_for_signing()) == (None, None)


def test_without_a_place_for_the_key_nothing_is_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file/state"))
    assert synthesize(tmp_path / "cdk.out") == 0
    assert not (tmp_path / "cdk.out" / SIGNATURE).exists()
    refused(check(tmp_path / "cdk.out"), UNSIGNED)
    assert check(tmp_path / "cdk.out", "--own").exit_code == 0


def test_processes_that_start_together_get_one_key(tmp_path: Path) -> None:
    program = (
        "from keywright.guardrails.exceptions.signing_key import key_for_signing as k; "
        "from hashlib import sha256; print(sha256(k()).hexdigest())"
    )
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    started = [
        subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert len({each.communicate()[0] for each in started}) == 1
    assert [each.name for each in (tmp_path / "keywright").iterdir()] == ["signing.key"]


def test_the_key_is_in_no_file_and_no_output(assembly: Path) -> None:
    key = existing_key()
    assert key is not None
    written = b"".join(each.read_bytes() for each in assembly.rglob("*") if each.is_file())
    output = "".join(check(assembly, "--format", form).output for form in ("text", "json", "sarif"))
    for form in (key, key.hex().encode(), sha256(key).hexdigest().encode()):
        assert form not in written
        assert form not in output.encode()


def test_a_synthesis_removes_the_signature_of_an_earlier_one(tmp_path: Path) -> None:
    (tmp_path / SIGNATURE).write_text("{}")
    attach(cdk.App(outdir=str(tmp_path), analytics_reporting=False), packs=[])
    assert not (tmp_path / SIGNATURE).exists()


# The other formats


def test_every_format_has_the_note(assembly: Path) -> None:
    add(assembly)
    found = json.loads(check(assembly, "--format", "json").output)
    assert found["notes"] == [
        (
            f"{assembly}: {CHANGED}, so the findings that it accepts are reported; found `assembly-Prod/more.json`, which is new; "
            "accepted: a new synthesis, or `--own` if you trust it"
        )
    ]
    (run,) = json.loads(check(assembly, "--format", "sarif").output)["runs"]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is True
    assert [each["level"] for each in invocation["toolExecutionNotifications"]] == ["note"]
    assert check(assembly, "--format", "github").output.startswith("::notice file=")
    assert CHANGED in check(assembly, "--format", "junit").output


def test_compliance_follows_the_same_rule(
    assembly: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def compliance(*arguments: str) -> Any:
        words = ["compliance", str(assembly), "--today", "2026-11-24", "--format", "json", *arguments]
        return CliRunner().invoke(command_line, words)

    def enforced(answer: Any) -> bool:
        return "guardrail" in json.dumps(json.loads(answer.stdout))

    assert enforced(compliance())
    assert compliance().stderr == ""
    add(assembly)
    assert not enforced(compliance())
    assert CHANGED in compliance().stderr
    assert enforced(compliance("--own"))
    assert compliance("--own").stderr == ""
