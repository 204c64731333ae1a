"""`keywright`: the table of commands; a command's module is imported only when it runs."""

import atexit
import gc
import os
import sys
from importlib import import_module
from io import TextIOWrapper
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from keywright.cli.quick_values import QuickCommand, quick

GROUPS = {
    "declare": {
        "init": "Write a repository of your own, with its first person.",
        "adopt": "Write the declarations of an account that exists, proved equal.",
        "validate": "Check the declarations: types, names, quotas, dates.",
        "schema": "Write the JSON Schema of the declarations, for editors.",
        "lock": "Pin the actions that access levels grant.",
        "spread": "Spread new users, groups or resources over more stacks.",
    },
    "judge": {
        "check": "Check synthesized templates against guardrails and invariants.",
        "review": "Compare two assemblies: who gains and who loses access.",
        "compare": "Compare two policies: no new access, or an example of it.",
        "compliance": "Report on the CIS controls for identities, with evidence.",
        "exceptions": "List the accepted findings and when each exception ends.",
    },
    "ask": {
        "can": "Tell whether a principal can perform an action, and why.",
        "who-can": "List who can perform an action on a resource, and how.",
        "explain": "Describe everything that a principal can do.",
        "escalations": "Find privilege escalation paths, step by step.",
        "map": "Draw who can access what, as an HTML page.",
        "across": "List who in one account can assume which role in another.",
        "simulate": "Evaluate many requests, one JSON line each.",
    },
    "operate": {
        "up": "Deploy into the sandbox, an AWS account on this machine.",
        "down": "Stop the sandbox and remove its files.",
        "deploy": "Deploy into the declared account, then verify it.",
        "onboard": "Print a user's sign-in instructions, without any secret.",
        "rotate": "Write the next state of an application's access keys.",
        "retire": "Find unused users, roles and keys, and retire them.",
        "verify": "Compare the identities in the account with the declarations.",
        "snapshot": "Save an account's identities, credentials and last use.",
        "users": "List the users that could be roles, the riskiest first.",
        "drift": "Report by meaning what of the account differs from an assembly.",
        "tighten": "Report what was used, and narrow grants to it.",
        "partner": "Print what another account needs to assume a role.",
        "deployer": "Synthesize least-privilege roles for CloudFormation.",
        "import-map": "Write what `cdk import` takes over from an account that exists.",
        "first-pass": "Write what to deploy first before groups are removed.",
    },
}
"""Folder of commands to command to one-line help, in the order of `--help`: what is used every day comes first."""
TITLES = {
    "declare": "Declare access",
    "judge": "Check and review",
    "ask": "Ask about access",
    "operate": "Operate the account",
}
COMMANDS = {command: line for commands in GROUPS.values() for command, line in commands.items()}

EXIT_CODES = "Exit codes: 0 good, 1 findings, 2 unusable input, 3 undecided."


def module_name(command: str) -> str:
    """Name the module that holds a command."""
    group = next(group for group, commands in GROUPS.items() if command in commands)
    return f"keywright.cli.{group}.{command.replace('-', '_')}"


class Commands(TyperGroup):
    """A lazy group: help and completion read the table, running a command imports one module."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for name, line in COMMANDS.items():
            # Stands for the command until it runs, so that `--help` imports no command (ADR 34).
            self.add_command(TyperCommand(name=name, help=line, short_help=line, rich_markup_mode=None))

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - typer's signature
        """List the commands by group, all in one column."""
        width = max(map(len, COMMANDS))
        for group, commands in GROUPS.items():
            with formatter.section(TITLES[group]):
                formatter.write_dl([(f"{name:{width}}", line) for name, line in commands.items()])

    def get_params(self, ctx: Any) -> list[Any]:
        """Give the options before the command; their values are made without pydantic."""
        return quick(super().get_params(ctx))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Load the command that is run, or refuse it and name the nearest ones."""
        name, *rest = args
        if name in self.commands:
            return name, loaded(name), rest
        if not name.startswith("-"):
            ctx.fail(_unknown(name))
        return super().resolve_command(ctx, args)


class Command(QuickCommand):
    """One command: its help ends with examples, its errors are one line."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Leave out what pydantic puts in front of a refusal."""
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as refused:
            refused.message = refused.message.removeprefix("Value error, ")
            raise

    def invoke(self, ctx: Any) -> Any:
        """Run the command; an error that ends it goes to standard error."""
        from keywright.cli.errors import CommandError
        from keywright.reporting.text import printable

        try:
            return super().invoke(ctx)
        except CommandError as error:
            typer.echo(printable(str(error)), err=True)
            return error.exit_code

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples, each on one line, so that it can be copied."""
        from keywright.cli.examples import EXAMPLES

        formatter.write_paragraph()
        formatter.write("Examples:\n")
        formatter.write("".join(f"  {each}\n" for each in EXAMPLES[ctx.info_name]))


def loaded(name: str) -> Any:
    """Load a command with its options."""
    one = typer.Typer(add_completion=False, rich_markup_mode=None)
    one.command(name, cls=Command)(import_module(module_name(name)).command)
    return typer.main.get_command(one)


def _unknown(name: str) -> str:
    from difflib import get_close_matches

    from keywright.reporting.text import listed

    nearest = get_close_matches(name, COMMANDS, n=3, cutoff=0.4) or COMMANDS
    return f"unknown command `{name}`; accepted: {listed(nearest)}"


def _exit(code: int | None, **_: Any) -> NoReturn:
    raise typer.Exit(code or 0)


app = typer.Typer(
    name="keywright",
    cls=Commands,
    help="AWS access as code: declare who can access what, prove least privilege, deploy with the CDK.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    result_callback=_exit,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer passes the flag by position
    if wanted:
        from importlib.metadata import version

        typer.echo(f"keywright {version('keywright')}")
        raise typer.Exit


@app.callback()
def main(
    *,
    wanted: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Take the options before the command."""


def run() -> None:
    """Run the command line; exits with the command's exit code."""
    # A command keeps nearly all that it reads. Collecting garbage takes a third of the time of a long command, and
    # the interpreter's last collection a fifth of a short one.
    gc.set_threshold(200_000, 20, 100)
    atexit.register(gc.freeze)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # for a terminal without UTF-8
    # Pydantic searches all installed packages for plugins otherwise.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    app(prog_name="keywright")
