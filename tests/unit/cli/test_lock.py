"""`keywright lock` pins what is granted; what AWS adds to a level is granted only with `--upgrade`."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from keywright.cli.main import app
from keywright.model.grants.access_levels import AccessLevel, actions_at

DECLARED = """\
account: {id: "111111111111", region: eu-central-1}
groups:
  senders:
    grants:
      - allow: {service: sqs, levels: [read, write], resources: [orders]}
"""
LOCK = Path("access/actions.lock")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("access").mkdir()
    Path("access/all.yaml").write_text(DECLARED)


def run(*words):
    answer = CliRunner().invoke(app, [*words, "--today", "2026-11-24"])
    return answer.exit_code, answer.output.splitlines()


def test_reports_a_grant_that_is_not_locked_and_names_the_command():
    code, lines = run("validate")
    assert code == 1
    assert lines[0] == (
        "access/all.yaml:5:40: the actions of `sqs`, read on `queue` are not locked; "
        "found no access/actions.lock; accepted: `keywright lock`, and a review of what it writes"
    )
    assert run("lock")[0] == 0
    assert run("validate")[0] == 0


def test_check_writes_nothing_and_prints_the_changes():
    code, lines = run("lock", "--check")
    assert code == 1
    assert not LOCK.exists()
    assert lines == [
        f"`sqs`, read on `queue`: locked, {len(actions_at('sqs', 'queue', AccessLevel.READ))} actions",
        "  for group `senders`, access/all.yaml:5:40",
        f"`sqs`, write on `queue`: locked, {len(actions_at('sqs', 'queue', AccessLevel.WRITE))} actions",
        "  for group `senders`, access/all.yaml:5:46",
        "access/actions.lock: would change; 2 entries locked; nothing was written",
    ]
    run("lock")
    assert run("lock", "--check") == (0, ["access/actions.lock: nothing to change; 2 entries locked"])


def test_shows_changes_of_the_catalogue_and_accepts_them_on_request():
    run("lock")
    whole = LOCK.read_text()
    assert "        - ReceiveMessage\n" in whole
    LOCK.write_text(whole.replace("        - ReceiveMessage\n", "        - PeekMessage\n"))
    pinned = LOCK.read_text()
    assert run("lock") == (
        0,
        [
            "`sqs`, read on `queue`: AWS has changed it, `--upgrade` accepts that: 1 added, 1 removed",
            "  - sqs:PeekMessage",
            "  + sqs:ReceiveMessage",
            "  for group `senders`, access/all.yaml:5:40",
            "access/actions.lock: nothing to change; 2 entries locked",
        ],
    )
    assert LOCK.read_text() == pinned
    assert run("lock", "--upgrade", "--check")[0] == 1
    code, lines = run("lock", "--upgrade")
    assert (code, lines[-1]) == (0, "access/actions.lock: written; 1 entry changed")
    assert LOCK.read_text() == whole


def test_removes_unused_entries_and_keeps_the_rest():
    run("lock")
    Path("access/all.yaml").write_text(DECLARED.replace("read, write", "write"))
    code, lines = run("validate", "--strict")
    assert code == 0
    assert lines[0].startswith(
        "access/actions.lock:6:7: advice: no grant needs the locked actions of `sqs`, read"
    )
    assert run("lock")[1][0] == "`sqs`, read on `queue`: removed, no declaration uses it"
    assert "read:" not in LOCK.read_text()


@pytest.mark.parametrize(
    ("smuggled", "code", "message"),
    [
        (
            "AddPermission",
            1,
            "warning: `sqs:AddPermission` is locked as read, but AWS lists it as permissions management",
        ),
        ("GetEverything", 0, "advice: `sqs:GetEverything` is locked, but no AWS action has this name"),
        ("ListMessageMoveTasks", 0, None),
    ],
)
def test_reports_manual_edits_of_the_lock(smuggled, code, message):
    run("lock")
    LOCK.write_text(LOCK.read_text().replace("- ReceiveMessage\n", f"- {smuggled}\n"))
    ended, lines = run("validate", "--strict")
    assert ended == code
    if message is not None:
        assert lines[0] == (
            f"access/actions.lock:12:11: {message}; found `{smuggled}`; accepted: `keywright lock --upgrade`, which removes it"
        )


def test_locks_no_action_on_named_resources_for_all_resources():
    Path("access/all.yaml").write_text(
        DECLARED.replace("[read, write], resources: [orders]", "[read]").replace("sqs", "secretsmanager")
    )
    run("lock")
    LOCK.write_text(LOCK.read_text().replace("- GetRandomPassword\n", "- GetSecretValue\n"))
    code, lines = run("validate", "--strict")
    assert code == 1
    assert lines[0].split(": ", 1)[1] == (
        "warning: `secretsmanager:GetSecretValue` is locked without a resource, but AWS lists it for other resource types; "
        "found `GetSecretValue`; accepted: `keywright lock --upgrade`, which removes it"
    )


TAGGED = DECLARED.replace("[orders]", "[orders], where: {resource_tag: team, value: shop}")


def test_locks_the_actions_that_a_tag_restricts():
    """AWS may start to support tags for an action at any time: no grant by tag allows it until it is accepted."""
    Path("access/all.yaml").write_text(TAGGED)
    code, lines = run("lock")
    assert (code, lines[-1]) == (0, "access/actions.lock: written; 2 entries locked")
    assert lines[0].startswith("`sqs`, read by tag on `queue`: locked, ")
    whole = LOCK.read_text()
    LOCK.write_text(whole.replace("        - ReceiveMessage\n", ""))
    assert run("validate", "--strict")[0] == 0
    assert run("lock")[1][:2] == [
        "`sqs`, read by tag on `queue`: AWS has changed it, `--upgrade` accepts that: 1 added, 0 removed",
        "  + sqs:ReceiveMessage",
    ]
    run("lock", "--upgrade")
    assert LOCK.read_text() == whole


def test_accepts_a_lock_of_the_older_format_until_it_is_rewritten():
    run("lock")
    LOCK.write_text(LOCK.read_text().replace("        - ReceiveMessage\n", ""))
    Path("access/all.yaml").write_text(TAGGED)
    assert run("validate")[0] == 0
    code, lines = run("validate", "--strict")
    assert code == 1
    assert lines[0] == (
        "access/all.yaml:5:40: warning: the actions of `sqs`, read by tag on `queue` are not locked; "
        "found no entry in access/actions.lock; accepted: `keywright lock`, and a review of what it writes"
    )
    lines = run("lock")[1]
    assert "`sqs`, read on `queue`: removed, no declaration uses it" in lines
    assert "ReceiveMessage" not in LOCK.read_text()
    assert run("validate", "--strict")[0] == 0


def test_refuses_a_level_that_no_tag_restricts():
    Path("access/all.yaml").write_text(
        TAGGED.replace("sqs, levels: [read, write]", "athena, levels: [list]").replace(
            "[orders]", '["workgroup/a"]'
        )
    )
    assert run("validate")[0] == 1


def test_never_rewrites_a_lock_that_it_cannot_read():
    LOCK.write_text("<<<<<<< ours\n")
    assert run("validate")[0] == 2
    assert run("lock")[0] == 2
    assert LOCK.read_text() == "<<<<<<< ours\n"


def test_locks_no_declarations_with_mistakes():
    Path("access/all.yaml").write_text(DECLARED.replace("sqs", "sqss"))
    assert run("lock")[0] == 1
    assert not LOCK.exists()
