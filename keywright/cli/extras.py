"""What a command needs beyond the base installation: the extras of the package."""

from importlib.util import find_spec

from keywright.cli.errors import CommandError

_EXTRAS = {"cdk": ("aws_cdk", "the CDK"), "sandbox": ("ministack", "the sandbox")}
"""Extra to the package that it installs, and what that is."""


def require_extra(extra: str) -> None:
    """Continue if an extra is installed; nothing of it is imported.

    Raises:
        CommandError: It is not; the message says how to install it.
    """
    package, what = _EXTRAS[extra]
    if find_spec(package) is None:
        message = f'{what} is not installed; found no package `{package}`; accepted: `pip install "keywright[{extra}]"`'
        raise CommandError(message)
