"""`python -m keywright.sandbox start|stop|status|sign-in`: the sandbox from the command line."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path

from keywright.sandbox.account import Sandbox, SandboxError, write_env
from keywright.sandbox.client.console import Credentials, sign_in
from keywright.sandbox.client.control import ControlRefused


def main(arguments: list[str]) -> int:
    """Run one command; 0 success, 1 refused or not running, 2 unusable arguments."""
    given = _parser().parse_args(arguments)
    sandbox = Sandbox(given.state, given.account, given.region)
    try:
        return int(_VERBS[given.verb](sandbox, given))
    except (SandboxError, ControlRefused) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m keywright.sandbox", description=__doc__)
    parser.add_argument("verb", choices=sorted(_VERBS))
    parser.add_argument(
        "--state", type=Path, default=Path(".sandbox"), help="folder for all files that it writes"
    )
    parser.add_argument("--account", default="111111111111", help="the account id")
    parser.add_argument("--region", default="eu-central-1")
    parser.add_argument("--user", default="", help="the user who signs in; prompts for the password")
    parser.add_argument("--code", help="the code of the user's MFA device")
    return parser


def _start(sandbox: Sandbox, _given: argparse.Namespace) -> int:
    sandbox.start()
    sys.stdout.write(f"account {sandbox.account_id} at {sandbox.endpoint}; clients: {sandbox.env_file}\n")
    return 0


def _stop(sandbox: Sandbox, _given: argparse.Namespace) -> int:
    sandbox.stop()
    return 0


def _status(sandbox: Sandbox, _given: argparse.Namespace) -> int:
    running = sandbox.is_running()
    sys.stdout.write(f"running at {sandbox.endpoint}\n" if running else "not running\n")
    return 0 if running else 1


def _sign_in(sandbox: Sandbox, given: argparse.Namespace) -> int:
    """Sign in as a person does, and write the session to `sessions/USER`; no secret is printed."""
    # Not an option: other users of the machine can read a process's arguments.
    password = _ask("Password")
    try:
        session = sign_in(sandbox.endpoint, given.user, password, given.code)
    except ControlRefused as refused:
        # As on AWS, the first password is only good for setting a new one.
        if refused.code != "PasswordResetRequired":
            raise
        session = sign_in(sandbox.endpoint, given.user, password, given.code, _ask("New password"))
    sys.stdout.write(f"{given.user} is signed in; clients: {_write_session(sandbox, given.user, session)}\n")
    return 0


def _write_session(sandbox: Sandbox, user: str, session: Credentials) -> Path:
    file = sandbox.state / "sessions" / user
    file.parent.mkdir(exist_ok=True, mode=0o700)
    write_env(file, {**sandbox.environment(), **session.environment()})
    return file


def _ask(what: str) -> str:
    """Prompt without echo; read a line from standard input if it is not a terminal."""
    return getpass.getpass(f"{what}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


_VERBS = {"start": _start, "stop": _stop, "status": _status, "sign-in": _sign_in}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
