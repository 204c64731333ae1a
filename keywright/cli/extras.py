"""What some commands need beyond the base installation: the sandbox, and the CDK command line of the project."""

from importlib.util import find_spec
from pathlib import Path

from keywright.cdk.command_line import cdk_command
from keywright.cli.errors import CommandError


def require_sandbox() -> None:
    """Continue if the extra `sandbox` is installed; nothing of it is imported.

    Raises:
        CommandError: It is not; the message says how to install it.
    """
    if find_spec("ministack") is None:
        message = (
            "the sandbox is not installed; found no package `ministack`; "
            'accepted: `pip install "keywright[sandbox]"`'
        )
        raise CommandError(message)


def require_cdk() -> list[str]:
    """Give the words that start the CDK command line of the project in this folder.

    Raises:
        CommandError: It is not installed; the message says how to install it.
    """
    try:
        return cdk_command(Path.cwd())
    except ValueError as missing:
        raise CommandError(missing) from missing
