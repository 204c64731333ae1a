"""The command `keywright` from its first moment to its last, in which whatever ends it shows no traceback.

Ctrl-C may come while the verbs are still loading, and a full disk shows when the last of the output is written.
"""

import os
import sys
from collections.abc import Callable

UNUSABLE = 2
INTERRUPTED = 130
"""What a shell says of a command that Ctrl-C ended."""
UNREAD = 141
"""What a shell says of a command whose reader went away: neither good nor a finding."""


def run() -> None:
    """Run the command line, and leave with its exit code."""
    sys.exit(ended(_verbs))


def _verbs() -> None:
    from keywright.cli.main import run as run_verbs

    run_verbs()


def ended(act: Callable[[], None]) -> int:
    """Act, write what is left to be written, and give the exit code."""
    shown = sys.stdout
    try:
        code = _left(act)
        if sys.stdout is not shown:  # so typer keeps a closed pipe from failing again
            return UNREAD
        shown.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _given_up(UNREAD)
    except OSError as error:
        return _given_up(_told(error))
    return code


def _left(act: Callable[[], None]) -> int:
    try:
        act()
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else 0
    return 0


def _told(error: OSError) -> int:
    what = (
        f"{error.filename}: cannot be read or written"
        if error.filename
        else "standard output: cannot be written"
    )
    sys.stderr.write(f"{what}; found {(error.strerror or 'no way to it').lower()}\n")
    return UNUSABLE


def _given_up(code: int) -> int:
    """Send what is still to be written nowhere: the interpreter tries once more as it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return code
