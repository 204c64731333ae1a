"""`keywright down`: removes the sandbox."""

from keywright.cli.operate.up import SANDBOX
from keywright.reporting.exit_codes import GOOD


def command() -> int:
    """Stop the sandbox and remove its folder `.sandbox`, with everything that was deployed into it.

    A sandbox that does not answer is killed; damaged files are removed.

    Exit codes: 0 removed, or there was none; 2 a process or file of it is left.
    """
    from keywright.cli.errors import CommandError
    from keywright.sandbox.account import SandboxError
    from keywright.sandbox.removal import remove

    try:
        for line in remove(SANDBOX):
            print(line, flush=True)
    except SandboxError as error:
        raise CommandError(error) from error
    return GOOD
