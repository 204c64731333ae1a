"""`keywright can --session-policy`: a session's own policies restrict what its role can do, and grant nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.cli.access import allow, document, inline, resource, trust, write
from tests.unit.cli.in_process import keywright

if TYPE_CHECKING:
    from pathlib import Path

OBJECT = "arn:aws:s3:::acme-reports/monthly/x"
ANY = "arn:aws:s3:::acme-reports/*"


def asked(folder: Path, principal: str, action: str, on: str, *policies: Any) -> tuple[int, str, bytes]:
    write(
        folder,
        Bob=resource("IAM::User", UserName="bob"),
        Lister=resource(
            "IAM::Role",
            RoleName="lister",
            AssumeRolePolicyDocument=trust({"Service": "lambda.amazonaws.com"}),
            Policies=inline(allow("sts:AssumeRole", {"Fn::GetAtt": ["Writer", "Arn"]})),
        ),
    )
    words = []
    for number, each in enumerate(policies):
        (folder / f"session-{number}.policy").write_text(json.dumps(each) if isinstance(each, dict) else each)
        words += ["--session-policy", f"session-{number}.policy"]
    done = keywright("can", principal, action, on, "access.template.json", *words, folder=folder)
    return done.returncode, done.stdout.decode().partition(":")[0], done.stderr


@pytest.mark.parametrize(
    ("policies", "verdict"),
    [
        pytest.param([], "allowed", id="none"),
        pytest.param([allow("s3:*")], "allowed", id="all of it"),
        pytest.param(
            [allow("s3:PutObject", "arn:aws:s3:::acme-reports/daily/*")], "implicitly-denied", id="elsewhere"
        ),
        pytest.param([allow("s3:GetObject")], "implicitly-denied", id="another action"),
        pytest.param([allow("s3:GetObject"), allow("s3:Put*")], "allowed", id="two, together"),
        pytest.param(
            [allow("*"), {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}],
            "explicitly-denied",
            id="a denial",
        ),
    ],
)
def test_a_session_has_what_role_and_session_policy_both_allow(
    tmp_path: Path, policies: list[Any], verdict: str
) -> None:
    files = list(map(document, policies))
    assert asked(tmp_path, "role/writer", "s3:PutObject", OBJECT, *files)[1] == verdict


def test_a_session_policy_grants_nothing(tmp_path: Path) -> None:
    everything = document(allow("*"))
    assert asked(tmp_path, "role/writer", "s3:GetObject", OBJECT, everything)[1] == "implicitly-denied"


def test_a_pattern_is_searched_within_the_session_policy(tmp_path: Path) -> None:
    monthly = document(allow("s3:*", "arn:aws:s3:::acme-reports/monthly/*"))
    assert asked(tmp_path, "role/writer", "s3:PutObject", ANY, monthly)[1] == "allowed"


def test_assumes_no_role_that_the_session_policy_does_not_allow(tmp_path: Path) -> None:
    def allowed(*policies: Any) -> bool:
        asked(tmp_path, "role/lister", "s3:PutObject", OBJECT, *policies)
        words = [
            word
            for number in range(len(policies))
            for word in ("--session-policy", f"session-{number}.policy")
        ]
        done = keywright(
            "can",
            "role/lister",
            "s3:PutObject",
            OBJECT,
            "access.template.json",
            *words,
            "--format",
            "json",
            folder=tmp_path,
        )
        return bool(json.loads(done.stdout)["by_roles"])

    assert allowed()
    assert allowed(document(allow("sts:AssumeRole")))
    assert not allowed(document(allow("s3:*")))


@pytest.mark.parametrize(
    ("principal", "policies", "message"),
    [
        pytest.param(
            "user/bob",
            [document(allow("*"))],
            b"only a role has session policies; found `user/bob`",
            id="a user",
        ),
        pytest.param("role/writer", ["{"], b"session-0.policy:1:2: the text is not JSON", id="no JSON"),
        pytest.param("role/writer", ["[]"], b"the policy is not a JSON object", id="no policy"),
        pytest.param(
            "role/writer", [" " * 3000], b"is too long; found 3000 characters or more", id="too long"
        ),
        pytest.param(
            "role/writer", [document(allow("*"))] * 12, b"found 12; accepted: at most 11", id="too many"
        ),
    ],
)
def test_an_invalid_session_policy_exits_with_2(
    tmp_path: Path, principal: str, policies: list[Any], message: bytes
) -> None:
    code, _, allowed = asked(tmp_path, principal, "s3:PutObject", OBJECT, *policies)
    assert message in allowed
    assert code == 2


def test_a_missing_file_exits_with_2(tmp_path: Path) -> None:
    write(tmp_path)
    done = keywright(
        "can",
        "role/writer",
        "s3:PutObject",
        OBJECT,
        "access.template.json",
        "--session-policy",
        "absent",
        folder=tmp_path,
    )
    assert (done.returncode, done.stderr) == (
        2,
        b"absent: cannot be read; found no such file or directory\n",
    )
