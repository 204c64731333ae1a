"""The program `keywright`: runs the command line and never shows a traceback.

Ctrl-C may come while the commands are still being imported, and a full disk is noticed when the last output is written.
"""

import os
import sys
from collections.abc import Callable

from keywright.reporting.exit_codes import INTERRUPTED, UNREAD, UNUSABLE

OLDEST = (3, 11)


def run() -> None:
    """Run the command line, and exit with its exit code."""
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        sys.stderr.write(f"keywright needs a newer Python; found {found}; accepted: 3.11 and newer\n")
        sys.exit(UNUSABLE)
    sys.exit(exit_code_of(_run_commands))


def _run_commands() -> None:
    from keywright.cli.main import run as run_commands  # importing it may be interrupted

    run_commands()


def exit_code_of(act: Callable[[], None]) -> int:
    """Run, flush the output, and give the exit code."""
    shown = sys.stdout
    try:
        code = _exit_code(act)
        if sys.stdout is not shown:  # typer replaces standard output after a broken pipe
            return UNREAD
        # The last output may only now reach a full disk or a closed pipe; at exit Python would print a
        # traceback.
        shown.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _discard_output(UNREAD)
    except OSError as error:
        return _discard_output(_report(error))
    return code


def _exit_code(act: Callable[[], None]) -> int:
    try:
        act()
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else 0
    return 0


def _report(error: OSError) -> int:
    what = (
        f"{error.filename}: cannot be read or written"
        if error.filename
        else "standard output: cannot be written"
    )
    sys.stderr.write(f"{what}; found {(error.strerror or 'an unknown error').lower()}\n")
    return UNUSABLE


def _discard_output(code: int) -> int:
    """Send the remaining output to the null device: the interpreter would fail on it again at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return code
