"""Plays the acceptance story in a real, empty account, or in the sandbox, and writes a signed report.

python -m tests.aws run --account 123456789012
python -m tests.aws run --sandbox
python -m tests.aws clean --account 123456789012      # what an interrupted run left
python -m tests.aws check build/acceptance
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from keywright.sandbox.account import Sandbox
from tests.aws import estimate, report
from tests.aws.cleanup import CleanUp, clean_up, stacks_in, users_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.aws.cleanup import ClientOf

ROOT = Path(__file__).resolve().parent.parent.parent
REGION = "eu-central-1"
IN_SANDBOX = "111111111111"
GOOD, FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130


class RefusedError(Exception):
    """Nothing is done; the text says why."""


def main(arguments: list[str] | None = None) -> int:
    """Run one of the commands."""
    given = _parser().parse_args(arguments)
    if given.command == "check":
        return _check(given.folder)
    try:
        return _clean(given.account) if given.command == "clean" else _run(given)
    except RefusedError as refused:
        print(refused, file=sys.stderr)
        return UNUSABLE


def _parser() -> argparse.ArgumentParser:
    account: dict[str, Any] = {
        "default": os.environ.get("KEYWRIGHT_AWS_ACCOUNT", ""),
        "help": "the account's number",
    }
    folder: dict[str, Any] = {
        "nargs": "?",
        "type": Path,
        "default": Path("build/acceptance"),
        "help": "the report's folder",
    }
    parser = argparse.ArgumentParser(prog="python -m tests.aws", description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="estimate the cost, play the story, clean up, write the report")
    where = run.add_mutually_exclusive_group()
    where.add_argument("--account", **account)
    where.add_argument("--sandbox", action="store_true", help="in the sandbox instead of AWS")
    run.add_argument("--yes", action="store_true", help="do not ask before anything is created")
    run.add_argument("folder", **folder)
    commands.add_parser("clean", help="remove what an interrupted run left").add_argument(
        "--account", **account
    )
    commands.add_parser("check", help="tell whether a report is as a run wrote it").add_argument(
        "folder", **folder
    )
    return parser


def _check(folder: Path) -> int:
    doubt = report.doubt(folder)
    print(f"{folder}: {doubt or 'is as the run wrote it'}")
    return FAILED if doubt else GOOD


def _clean(account: str) -> int:
    with _environment(sandbox=False) as environment:
        client = _clients(environment)
        _refuse_other_account(client, account)
        found = [*stacks_in(client), *sorted(users_in(client))]
        if not found:
            print("nothing to remove")
            return GOOD
        print(f"to remove: {', '.join(found)}")
        _ask(
            account, "All of that, with the buckets, keys, logs and secrets of these stacks, will be removed"
        )
        return _told(clean_up(client))


def _run(given: argparse.Namespace) -> int:
    print(estimate.text(), flush=True)
    with _environment(sandbox=given.sandbox) as environment:
        account = IN_SANDBOX if given.sandbox else given.account
        client = _clients(environment)
        _refuse_other_account(client, account)
        _refuse_used_account(client)
        if not (given.sandbox or given.yes):
            _ask(account, "Users, roles, a function, secrets and buckets will be created, and removed again")
        started, tests = _now(), []
        try:
            tests = _story(environment | {"KEYWRIGHT_AWS_ACCOUNT": account})
        finally:  # also after Ctrl-C
            print("removing what was created ...", flush=True)
            code = _report(given, account, started, tests, clean_up(client))
    return code


@contextmanager
def _environment(*, sandbox: bool) -> Iterator[dict[str, str]]:
    if not sandbox:
        yield {**os.environ, "AWS_REGION": REGION, "KEYWRIGHT_AWS_TARGET": report.AWS}
        return
    with (
        tempfile.TemporaryDirectory(prefix="keywright-acceptance-") as folder,
        Sandbox(Path(folder) / "sandbox", IN_SANDBOX, REGION) as started,
    ):
        kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        yield {**kept, **started.environment(), "KEYWRIGHT_AWS_TARGET": report.SANDBOX}


def _clients(environment: dict[str, str]) -> ClientOf:
    for key in [key for key in os.environ if key.startswith("AWS_") and key not in environment]:
        del os.environ[key]
    reached = {key: value for key, value in environment.items() if key.startswith(("AWS_", "NO_", "no_"))}
    os.environ.update(reached)
    return cache(boto3.Session(region_name=REGION).client)


def _refuse_other_account(client: ClientOf, account: str) -> None:
    if not re.fullmatch(r"[0-9]{12}", account):
        raise RefusedError("no account; accepted: KEYWRIGHT_AWS_ACCOUNT=<twelve digits>, or --sandbox")
    try:
        reached = client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise RefusedError(f"the account cannot be reached; found {error}") from None
    if reached != account:
        raise RefusedError(
            f"the credentials belong to another account; found `{reached}`; accepted: `{account}`"
        )


def _refuse_used_account(client: ClientOf) -> None:
    found = [*stacks_in(client), *sorted(users_in(client))]
    if found:
        raise RefusedError(
            f"the account is not empty; found {', '.join(found[:5])}; "
            "accepted: none of the sample's stacks, and no user under /access/"
        )


def _ask(account: str, what: str) -> None:
    if not sys.stdin.isatty():
        raise RefusedError("nothing is done without a confirmation; accepted: a terminal, or --yes")
    if input(f"{what}, in {account}. Its number to begin: ").strip() != account:
        raise RefusedError("not confirmed; nothing was done")


def _story(environment: dict[str, str]) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        command = [sys.executable, "-m", "pytest", "-m", "aws", "-p", "tests.aws.results", "tests/aws"]
        environment |= {"KEYWRIGHT_AWS_RESULTS": str(results)}
        with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
            try:
                code = process.wait()
            except KeyboardInterrupt:  # the story gets it too, and ends what it has begun
                code = process.wait() or INTERRUPTED
        tests = json.loads(results.read_text()) if results.exists() else []
    # A story that ended early may have passed as far as it went.
    return (
        tests
        if code == GOOD
        else [*tests, {"name": "the whole story", "outcome": f"exit code {code}", "seconds": 0}]
    )


def _report(
    given: argparse.Namespace, account: str, started: str, tests: list[dict[str, Any]], done: CleanUp
) -> int:
    content = {
        "target": report.SANDBOX if given.sandbox else report.AWS,
        "account": account,
        "region": REGION,
        "tree": report.state_of(ROOT),
        "started": started,
        "ended": _now(),
        "estimate": estimate.total(),
        "tests": tests,
        "removed": done.removed,
        "left": done.left,
    }
    is_signed, is_good = report.written(given.folder, content), report.is_good(content)
    code = _told(done)
    how = "signed report" if is_signed else "report without a signature"
    print(f"{given.folder}: {how}: {'passed' if is_good else 'failed'}")
    return code or (GOOD if is_signed and is_good else FAILED)


def _told(done: CleanUp) -> int:
    for name in done.removed:
        print(f"removed {name}")
    for name, why in done.left.items():
        print(f"LEFT IN THE ACCOUNT: {name}: {why}", file=sys.stderr)
    return FAILED if done.left else GOOD


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


if __name__ == "__main__":
    sys.exit(main())
