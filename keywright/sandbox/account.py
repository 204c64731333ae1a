"""Starts and stops the sandbox, and gives the environment in which clients reach it."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from keywright.sandbox.loopback import require_loopback
from keywright.sandbox.processes import end_server, server_command

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

STOP_SECONDS = 10.0
"""Seconds to wait for the emulator to end before it is killed."""
_START_SECONDS = 5.0
"""Seconds to wait for a sandbox that another process is starting."""
_UNLOCK_SECONDS = 2.0
_POLL_SECONDS = 0.02


_lifelines: dict[Path, int] = {}
"""Open pipes of the accounts that end with this process."""


class SandboxError(RuntimeError):
    """The sandbox could not be started or used; the message has the reason."""


@dataclass(frozen=True)
class Sandbox:
    """An AWS account in its own process, in memory: stopping it deletes everything in it.

    It writes only to the folder `state`, and listens only on a free port of the loopback interface.
    """

    state: Path
    account_id: str
    region: str

    def start(self) -> None:
        """Start the account and wait until it answers; a running one is kept.

        One whose files are damaged can't be used and is started anew. It outlives this process. Used as a context manager, it
        ends with this process, even if that is killed.

        Raises:
            SandboxError: It did not start, or another account runs in this state folder.
        """
        if self._is_usable():
            self._require_same_account()
        else:
            self._launch(())

    def _is_usable(self) -> bool:
        """Tell whether it runs and clients can reach it; stop one that can't be used."""
        # Another process may be starting it right now.
        deadline = time.monotonic() + _START_SECONDS
        while self._is_locked() and time.monotonic() < deadline:
            if self._record() and self.env_file.exists():
                return True
            if self._record_file.exists() and not self._record():
                break  # damaged: it is written in one step
            time.sleep(_POLL_SECONDS)
        self.stop()
        return False

    def _launch(self, lifeline: tuple[int, ...]) -> None:
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        credentials = _new_root_credentials()
        try:
            self._run_server(credentials, lifeline)
        except BaseException:
            # Interrupted: without the file of its credentials nobody could use it.
            self.stop()
            raise
        self._write_env(credentials)

    def _run_server(self, credentials: Mapping[str, str], lifeline: tuple[int, ...]) -> None:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            server_command(sys.executable, self.state, self.account_id, self.region, *map(str, lifeline)),
            pass_fds=lifeline,
            env=_server_environment(self.state.resolve(), credentials),
            cwd=self.state,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise SandboxError(
                f"the sandbox did not start: {done.stderr.strip() or 'no reason given'}; see {self.log_file}"
            )

    def stop(self, patience: float = STOP_SECONDS) -> list[int]:
        """Stop the account and remove its files, also if it has already ended or crashed, or does not answer.

        After `patience` seconds it is killed.

        Returns:
            The processes that did not end when asked and were killed.

        Raises:
            SandboxError: The processes are another user's, or are not known.
        """
        try:
            killed = end_server(self.state, patience)
        except PermissionError as error:
            raise self._not_stopped("a process of another user", "that user stops it") from error
        if not self._unlocks():
            raise self._not_stopped(
                f"a process that holds `{self._lock_file}` and is not the emulator of this folder",
                f"its end; `fuser {self._lock_file}` names it",
            )
        for leftover in (self._record_file, self.env_file):
            leftover.unlink(missing_ok=True)
        if (lifeline := _lifelines.pop(self.state.resolve(), None)) is not None:
            os.close(lifeline)
        return killed

    def _not_stopped(self, found: str, accepted: str) -> SandboxError:
        return SandboxError(
            f"the sandbox in {self.state} was not stopped; found {found}; accepted: {accepted}"
        )

    def is_running(self) -> bool:
        """Tell whether the account runs and answers."""
        # The lock is taken before the server listens; the record is written once it answers.
        return self._is_locked() and bool(self._record())

    def _is_locked(self) -> bool:
        """Tell whether a process runs the account: it holds a lock while it lives."""
        try:
            with self._lock_file.open("rb") as lock:
                # The kernel releases the lock when the process ends, however it ends, so a crashed account is
                # never taken for a running one.
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def _unlocks(self) -> bool:
        """Wait for the kernel to release the lock of a process that has ended."""
        deadline = time.monotonic() + _UNLOCK_SECONDS
        while self._is_locked():
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def environment(self) -> dict[str, str]:
        """Give the environment with which any AWS client, including the CDK, reaches this account and no other.

        Raises:
            SandboxError: The account is not running.
        """
        if not self.is_running():
            raise SandboxError(f"no sandbox runs in {self.state}")
        return read_env(self.env_file)

    def other_account(self, account_id: str) -> dict[str, str]:
        """Give the environment of another account's root user; the sandbox has every account that a test names."""
        return {**self.environment(), "AWS_ACCESS_KEY_ID": account_id}

    @property
    def endpoint(self) -> str:
        """The endpoint of all services of the account."""
        return self.environment()["AWS_ENDPOINT_URL"]

    @property
    def env_file(self) -> Path:
        """KEY=value lines of `environment()`, readable by its owner alone."""
        return self.state / "env"

    @property
    def log_file(self) -> Path:
        """The emulator's log; the sandbox writes no secrets to it."""
        return self.state / "log" / "emulator.log"

    @property
    def _record_file(self) -> Path:
        return self.state / "running.json"

    @property
    def _lock_file(self) -> Path:
        return self.state / "lock"

    def __enter__(self) -> Self:
        if self._is_usable():
            self._require_same_account()
            return self
        # The server sees the end of the pipe when this process ends, also if that is killed.
        reader, writer = os.pipe()
        _lifelines[self.state.resolve()] = writer
        try:
            self._launch((reader,))
        finally:
            os.close(reader)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _record(self) -> dict[str, Any]:
        """Read what the emulator wrote when it began to answer; empty if that is missing or damaged."""
        try:
            record = json.loads(self._record_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        is_whole = isinstance(record, dict) and record.keys() >= {"endpoint", "account_id", "region"}
        return record if is_whole else {}

    def _require_same_account(self) -> None:
        record = self._record()
        if (record["account_id"], record["region"]) != (self.account_id, self.region):
            raise SandboxError(
                f"another account runs in {self.state}; found {record['account_id']} in {record['region']}; "
                f"accepted: {self.account_id} in {self.region}, or stop that one first"
            )

    def _write_env(self, credentials: Mapping[str, str]) -> None:
        state = self.state.resolve()
        # Clients that find no file use no profile of a real account.
        nothing = str(state / "no-such-file")
        values = {
            "AWS_ENDPOINT_URL": require_loopback(str(self._record()["endpoint"])),
            **credentials,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_CONFIG_FILE": nothing,
            "AWS_SHARED_CREDENTIALS_FILE": nothing,
            "AWS_EC2_METADATA_DISABLED": "true",
            # The CDK command line caches account ids by access key in its home.
            "CDK_HOME": str(state / "cdk"),
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }
        write_env(self.env_file, values)


def write_env(file: Path, values: Mapping[str, str]) -> None:
    """Write KEY=value lines to a file that only its owner can read."""
    # The mode is set at creation: a later chmod would leave the credentials readable for a moment.
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as lines:
        lines.writelines(f"{key}={value}\n" for key, value in values.items())


def read_env(file: Path) -> dict[str, str]:
    """Read the KEY=value lines that `start` wrote."""
    pairs = (line.partition("=") for line in file.read_text().splitlines() if "=" in line)
    return {key: value for key, _, value in pairs}


def _new_root_credentials() -> dict[str, str]:
    """Generate the root user's keys for each start: the CDK caches account ids by access key."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return {
        "AWS_ACCESS_KEY_ID": "AKIA" + "".join(secrets.choice(letters) for _ in range(16)),
        "AWS_SECRET_ACCESS_KEY": secrets.token_urlsafe(30),
    }


def _server_environment(state: Path, credentials: Mapping[str, str]) -> dict[str, str]:
    """Give the emulator's whole environment: from the caller's, only the path of programs."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "HOME": str(state),
        **credentials,
    }
