"""`python -m sandbox start|stop|status`: the embedded AWS account from the command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sandbox.account import Sandbox, SandboxError


def main(arguments: list[str]) -> int:
    """Do one verb; 0 good, 1 refused or not running, 2 unusable arguments."""
    given = _parser().parse_args(arguments)
    sandbox = Sandbox(given.state, given.account, given.region)
    try:
        return int(_VERBS[given.verb](sandbox))
    except SandboxError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("verb", choices=sorted(_VERBS))
    parser.add_argument("--state", type=Path, default=Path(".sandbox"), help="folder of everything it writes")
    parser.add_argument("--account", default="111111111111", help="the account's number")
    parser.add_argument("--region", default="eu-central-1")
    return parser


def _start(sandbox: Sandbox) -> int:
    sandbox.start()
    sys.stdout.write(f"account {sandbox.account_id} at {sandbox.endpoint}; clients: {sandbox.env_file}\n")
    return 0


def _stop(sandbox: Sandbox) -> int:
    sandbox.stop()
    return 0


def _status(sandbox: Sandbox) -> int:
    running = sandbox.is_running()
    sys.stdout.write(f"running at {sandbox.endpoint}\n" if running else "not running\n")
    return 0 if running else 1


_VERBS = {"start": _start, "stop": _stop, "status": _status}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
