"""The sandbox account starts, stops, survives a crash, and talks to this machine alone."""

import os
import signal
import socket
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import boto3
import pytest

from keywright.sandbox.account import Sandbox, SandboxError, read_env
from keywright.sandbox.client.control import HEADER, ask
from keywright.sandbox.loopback import NotLoopback, require_loopback
from keywright.sandbox.processes import has_ended
from tests.sandbox.cloud import ACCOUNT, OTHER_ACCOUNT, REGION, allow


@pytest.fixture
def sandbox(tmp_path):
    sandbox = Sandbox(tmp_path / "state", ACCOUNT, REGION)
    yield sandbox
    sandbox.stop()


def whoami(environment):
    client = boto3.client(
        "sts",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )
    try:
        return client.get_caller_identity()["Arn"]
    finally:
        client.close()


def test_started_account_is_the_declared_one(sandbox):
    sandbox.start()
    assert whoami(sandbox.environment()) == f"arn:aws:iam::{ACCOUNT}:root"
    assert whoami(sandbox.other_account(OTHER_ACCOUNT)) == f"arn:aws:iam::{OTHER_ACCOUNT}:root"


def test_environment_has_everything_a_client_needs_and_nothing_of_the_caller(sandbox):
    sandbox.start()
    environment = sandbox.environment()
    assert sorted(environment) == [
        "AWS_ACCESS_KEY_ID",
        "AWS_CONFIG_FILE",
        "AWS_DEFAULT_REGION",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_ENDPOINT_URL",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SHARED_CREDENTIALS_FILE",
        "CDK_HOME",
        "NO_PROXY",
        "no_proxy",
    ]
    assert not Path(environment["AWS_CONFIG_FILE"]).exists()
    assert environment["CDK_HOME"].startswith(str(sandbox.state))
    assert read_env(sandbox.env_file) == environment
    assert stat.S_IMODE(sandbox.env_file.stat().st_mode) == 0o600


def test_started_twice_is_started_once(sandbox):
    sandbox.start()
    endpoint = sandbox.endpoint
    sandbox.start()
    assert sandbox.endpoint == endpoint


def test_another_account_does_not_start_in_the_same_folder(sandbox):
    sandbox.start()
    other = Sandbox(sandbox.state, OTHER_ACCOUNT, REGION)
    with pytest.raises(
        SandboxError,
        match=f"another account runs in .*; found {ACCOUNT} in {REGION}; accepted: {OTHER_ACCOUNT}",
    ):
        other.start()


def test_stopped_account_and_its_credentials_no_longer_exist(sandbox):
    sandbox.start()
    sandbox.stop()
    assert not sandbox.is_running()
    assert not sandbox.env_file.exists()
    with pytest.raises(SandboxError, match="no sandbox runs in"):
        sandbox.environment()
    sandbox.stop()


def test_crashed_account_is_not_running_and_starts_again(sandbox):
    sandbox.start()
    before = sandbox.environment()["AWS_ACCESS_KEY_ID"]
    os.kill(sandbox._record()["pid"], signal.SIGKILL)
    assert has_ended(sandbox.state, 10)
    assert sandbox._unlocks()
    assert sandbox._record_file.exists()
    sandbox.start()
    assert whoami(sandbox.environment()) == f"arn:aws:iam::{ACCOUNT}:root"
    assert sandbox.environment()["AWS_ACCESS_KEY_ID"] != before


def test_account_in_a_with_statement_stops_with_its_process(sandbox):
    program = f"""
import os, signal
from pathlib import Path
from keywright.sandbox.account import Sandbox
with Sandbox(Path({str(sandbox.state)!r}), {ACCOUNT!r}, {REGION!r}) as sandbox:
    print(sandbox.is_running(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == "True\n", done.stderr
    assert has_ended(sandbox.state, 10)
    assert sandbox._unlocks()


def test_account_starts_with_any_environment(sandbox, monkeypatch):
    leftovers = {
        "AUTH": "false",
        "GATEWAY_PORT": "1",
        "MINISTACK_ACCOUNT_ID": OTHER_ACCOUNT,
        "AWS_ACCESS_KEY_ID": "left-over",
        "AWS_ENDPOINT_URL": "http://192.0.2.1",
        "HTTP_PROXY": "http://192.0.2.1:3128",
        "PERSIST_STATE": "1",
    }
    for name, value in leftovers.items():
        monkeypatch.setenv(name, value)
    sandbox.start()
    for name in leftovers:
        monkeypatch.delenv(name)
    assert whoami(sandbox.environment()) == f"arn:aws:iam::{ACCOUNT}:root"


def test_account_listens_on_the_loopback_only(sandbox):
    sandbox.start()
    port = int(sandbox.endpoint.rpartition(":")[2])
    with socket.socket() as anywhere:
        anywhere.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        anywhere.bind(("127.0.0.2", port))


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://192.0.2.1:80",
        "https://iam.amazonaws.com",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
        "http://user@127.0.0.1",
        "file:///etc/passwd",
        "127.0.0.1:80",
    ],
)
def test_endpoint_outside_of_the_sandbox_is_refused(endpoint):
    with pytest.raises(NotLoopback, match="the sandbox connects to this machine only; found"):
        require_loopback(endpoint)
    with pytest.raises(NotLoopback):
        ask(endpoint, "reset")


def answer(endpoint, path, **headers):
    request = urllib.request.Request(endpoint + path, data=b"{}", headers=headers)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request)
    caught.value.close()
    return caught.value.code


def test_web_page_cannot_control_the_sandbox(running_cloud):
    """A page in a browser of this machine reaches the loopback: by another name, or without our header."""
    endpoint = running_cloud.endpoint
    assert answer(endpoint, "/_sandbox/reset") == 404
    assert answer(endpoint, "/_sandbox/reset", Host="evil.example", **{HEADER: "1"}) == 421
    assert answer(endpoint, "/_ministack/reset", **{HEADER: "1"}) == 404
    assert answer(endpoint, "/_ministack/config", **{HEADER: "1"}) == 404


def run(*arguments):
    command = [sys.executable, "-m", "keywright.sandbox", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_command_line_starts_reports_and_stops(tmp_path):
    state = str(tmp_path / "state")
    assert run("status", "--state", state).stdout == "not running\n"
    started = run("start", "--state", state, "--account", OTHER_ACCOUNT)
    try:
        secret = read_env(tmp_path / "state" / "env")["AWS_SECRET_ACCESS_KEY"]
        assert (started.returncode, OTHER_ACCOUNT in started.stdout) == (0, True)
        assert secret not in started.stdout + started.stderr
        assert run("status", "--state", state).returncode == 0
    finally:
        assert run("stop", "--state", state).returncode == 0
    assert run("status", "--state", state).returncode == 1


def test_command_line_signs_a_person_in_and_shows_no_secret(running_sandbox, running_cloud):
    running_cloud.reset()
    change = allow("iam:ChangePassword")
    running_cloud.user("alice", change)
    first, own = "Correct-horse-1", "Battery-staple-2"
    running_cloud.iam.create_login_profile(UserName="alice", Password=first, PasswordResetRequired=True)
    command = [
        sys.executable,
        "-m",
        "keywright.sandbox",
        "sign-in",
        "--state",
        str(running_sandbox.state),
        "--user",
        "alice",
    ]
    done = subprocess.run(command, input=f"{first}\n{own}\n", capture_output=True, text=True, check=False)
    kept = running_sandbox.state / "sessions" / "alice"
    assert (done.returncode, done.stdout) == (0, f"alice is signed in; clients: {kept}\n")
    session = read_env(kept)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    keys = (session["AWS_ACCESS_KEY_ID"], session["AWS_SECRET_ACCESS_KEY"], session["AWS_SESSION_TOKEN"])
    assert running_cloud.client("sts", keys).get_caller_identity()["Arn"].endswith(":user/alice")
    wrong = subprocess.run(command, input="guess\n", capture_output=True, text=True, check=False)
    assert (wrong.returncode, wrong.stderr.startswith("InvalidCredentials: ")) == (1, True)


def test_command_line_refuses_another_account_in_the_same_folder(tmp_path):
    state = str(tmp_path / "state")
    run("start", "--state", state)
    try:
        refused = run("start", "--state", state, "--account", OTHER_ACCOUNT)
    finally:
        run("stop", "--state", state)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("another account runs in")


def test_log_contains_no_secret(running_sandbox, running_cloud):
    running_cloud.reset()
    secrets = [running_cloud.root[1], *running_cloud.user("alice")[1:]]
    running_cloud.iam.create_login_profile(UserName="alice", Password="Correct-horse-1")
    log = running_sandbox.log_file.read_text()
    assert not [secret for secret in [*secrets, "Correct-horse-1"] if secret in log]
