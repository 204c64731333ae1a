"""The proof of an adoption finds every change of access in what was written."""

from __future__ import annotations

import json
from datetime import date

import pytest

from keywright.account.snapshot import snapshot_of
from keywright.adopt.adoption import Options
from keywright.adopt.proof import Proof, Verdict
from keywright.adopt.run import adopt_account
from keywright.adopt.world import World
from keywright.model.reading import read
from tests.unit.adopt.foreign_account import GROWN, REGION, allow, group, text

TODAY = date(2026, 12, 3)
OPTIONS = Options(TODAY, REGION)


@pytest.fixture(scope="module")
def grown():
    snapshot = snapshot_of(json.dumps(GROWN), "account.json")
    return snapshot, adopt_account(snapshot, OPTIONS, "account.json")


def verdicts(snapshot, adopted, folder, old="", new=""):
    """Prove again after an edit of what was written; the reader reads files of one folder as one."""
    written = "\n".join(text for name, text in adopted.files.items() if name.endswith(".yaml"))
    assert old in written
    (folder / "all.yaml").write_text(written.replace(old, new, 1) if old else written)
    reading = read(folder, TODAY, locked=False)
    assert reading.declarations is not None, reading.findings
    proof = Proof(World(snapshot), adopted.adoption, reading.declarations, reading.lock)
    return dict(proof.of_all())


def test_proves_each_identity_and_policy(grown, tmp_path):
    found = verdicts(*grown, tmp_path)
    assert {each.verdict for each in found.values()} == {Verdict.PROVED}
    assert len(found) == 12


@pytest.mark.parametrize(
    ("old", "new", "differing"),
    [
        pytest.param(
            '["s3:PutObject", "s3:DeleteObject"]',
            '["s3:PutObject"]',
            {"users/ci-deploy"},
            id="an action less",
        ),
        pytest.param('"s3:DeleteObject"]', '"s3:GetObject"]', {"users/ci-deploy"}, id="another action"),
        pytest.param("acme-site/*", "acme-*", {"users/ci-deploy"}, id="more resources"),
        pytest.param(
            "prefix: monthly/",
            "prefix: daily/",
            {"groups/developers", "users/alice", "users/eva"},
            id="another prefix, in a group",
        ),
        pytest.param(
            'not_actions: ["s3:*"]', 'not_actions: ["s3:*", "logs:*"]', {"users/eva"}, id="less denied"
        ),
        pytest.param("acme-7f3a", "acme-7f3b", {"roles/auditors"}, id="another external id"),
        pytest.param(
            "environment: production", "environment: test", {"roles/deploy"}, id="another environment"
        ),
        pytest.param("policy/team/limits", "policy/team/logs", {"users/eva"}, id="another boundary"),
        pytest.param(
            "      boundary: none\n      mfa: later\n", "      mfa: later\n", {"users/alice"}, id="a boundary"
        ),
        pytest.param(
            "      boundary: none\n      mfa: later\n",
            "      boundary: none\n",
            {"users/alice"},
            id="the MFA guard",
        ),
        pytest.param("    groups: [developers]\n    tags", "    tags", {"users/alice"}, id="a group less"),
        pytest.param(
            "managed: SecurityAudit",
            "managed: ReadOnlyAccess",
            {"roles/auditors"},
            id="another managed policy",
        ),
        pytest.param(
            'actions: ["logs:*"]',
            'actions: ["logs:Get*"]',
            {"policies/logs", "groups/developers", "users/alice"},
            id="a shared policy",
        ),
    ],
)
def test_finds_a_change_of_access(grown, tmp_path, old, new, differing):
    found = verdicts(*grown, tmp_path, old, new)
    assert {name for name, each in found.items() if each.verdict is not Verdict.PROVED} == differing


def test_a_deny_that_denies_nothing_in_its_group_counts(tmp_path):
    deny = {"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"}
    snapshot = snapshot_of(text(GroupDetailList=[group("some", allow("sns:Publish", "*"), deny)]), "a.json")
    adopted = adopt_account(snapshot, OPTIONS, "a.json")
    assert verdicts(snapshot, adopted, tmp_path)["groups/some"].verdict is Verdict.PROVED
    found = verdicts(snapshot, adopted, tmp_path, "sqs:SendMessage", "sqs:PurgeQueue")["groups/some"]
    assert found.verdict is Verdict.DIFFERS
    assert (
        found.because
        == "declared, it is denied `sqs:PurgeQueue` on `arn:aws:sqs:us-east-1:123456789012:example`"
    )


def test_an_unknown_managed_policy_is_undecided_and_never_equal(grown, tmp_path):
    edit = ("managed: SecurityAudit", "managed: PolicyOfTomorrow")
    found = verdicts(*grown, tmp_path, *edit)["roles/auditors"]
    assert found.verdict is Verdict.UNDECIDED
    assert found.because.endswith(
        "AWS managed policy `arn:aws:iam::aws:policy/PolicyOfTomorrow` is not known"
    )
