"""`keywright up`: deploys the declarations into the sandbox."""

from pathlib import Path

from keywright.cli.options import ACCESS, Folder, Today, day

SANDBOX = Path(".sandbox")


def command(folder: Folder = ACCESS, *, today: Today = None) -> int:
    """Deploy the declarations into the sandbox, verify the result, and show who can do what.

    The sandbox is an AWS account that is emulated on this machine, without a network. Its files are in `.sandbox`; it runs until
    `keywright down`. A second `keywright up` deploys what has changed.

    Exit codes: 0 deployed as declared, 1 a mistake, a refused deployment or a failed check, 2 unusable input or no sandbox.
    """
    from keywright.cli.errors import CommandError
    from keywright.cli.extras import require_cdk, require_sandbox

    require_sandbox()
    require_cdk()  # otherwise it would be missed only after the synthesis
    from keywright.cli.terminal import print_error
    from keywright.sandbox.account import SandboxError
    from keywright.sandbox.up.steps import up

    try:
        return up(folder, SANDBOX, day(today))
    except SandboxError as error:
        raise CommandError(error) from error
    except KeyboardInterrupt:
        print_error("interrupted: `keywright up` goes on from here, `keywright down` removes the sandbox")
        raise
