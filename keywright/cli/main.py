"""`keywright`: the table of verbs, each loaded only when it runs."""

import atexit
import gc
import os
import sys
from importlib import import_module
from importlib.util import find_spec
from io import TextIOWrapper
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from keywright.cli.parameters import QuickCommand, quick

VERBS = {
    "validate": "Check the declarations: types, names, quotas, dates.",
    "lock": "Pin the actions that access levels give, and show what would change.",
    "schema": "Write the JSON Schema of the declarations, for editors.",
    "check": "Check synthesized templates by guardrails and invariants.",
    "review": "Say who gains and who loses what access between two assemblies.",
    "compliance": "Report how the CIS controls on identities stand, with evidence.",
    "exceptions": "List the findings that are accepted, and the days left.",
    "can": "Tell whether a principal may act on a resource, and why.",
    "who-can": "List who may act on a resource, and by which path.",
    "across": "Say who of one account may act as which role of another.",
    "explain": "Say in sentences all that a principal may do.",
    "compare": "Compare two policies: no new access, or a witness.",
    "simulate": "Evaluate many requests, one JSON line each.",
    "escalations": "Find the paths to more privilege in templates, step by step.",
    "map": "Draw who may reach what as a page: the access map of an assembly.",
    "onboard": "Print the sign-in sheet of a user; it holds no secret.",
    "partner": "Print what another account needs to assume a role, or a new external ID.",
    "spread": "Spread what is declared over more stacks; nobody moves.",
    "deployer": "Synthesize the least-privileged roles that CloudFormation deploys with.",
    "first-pass": "Write what to deploy first where groups are to go.",
    "rotate": "Write the next state of an application's keys into the declarations.",
    "verify": "Compare who is alive in the account with who is declared.",
}
"""Verb to one-line help, in the order of `--help`. A verb whose module is missing is not a verb."""

EXIT_CODES = "Exit codes: 0 good, 1 findings, 2 unusable input, 3 undecided."


def module_name(verb: str) -> str:
    """Name the module that holds a verb's `command`."""
    return f"keywright.cli.{verb.replace('-', '_')}"


class Verbs(TyperGroup):
    """The verbs as a lazy group: help and completion read the table, running imports one module."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for verb, line in VERBS.items():
            if find_spec(module_name(verb)) is not None:
                self.add_command(TyperCommand(name=verb, help=line, short_help=line, rich_markup_mode=None))

    def get_params(self, ctx: Any) -> list[Any]:
        """Give what comes before the verb, without waiting for what makes values of it."""
        return quick(super().get_params(ctx))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Load the verb that is really run, or refuse it with the nearest ones."""
        verb, *rest = args
        if verb in self.commands:
            return verb, _load(verb), rest
        if not verb.startswith("-"):
            ctx.fail(_unknown(verb, list(self.commands)))
        return super().resolve_command(ctx, args)


class Verb(QuickCommand):
    """A verb whose help ends with examples, and whose refusals are in its own words."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Refuse a value without what pydantic puts in front."""
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as refused:
            refused.message = refused.message.removeprefix("Value error, ")
            raise

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Show what is typed, each command on one line, so that it can be copied."""
        from keywright.cli.examples import EXAMPLES  # noqa: PLC0415 - help alone needs it

        formatter.write_paragraph()
        formatter.write("For example:\n")
        formatter.write("".join(f"  {each}\n" for each in EXAMPLES[ctx.info_name]))


def _load(verb: str) -> Any:
    one = typer.Typer(add_completion=False, rich_markup_mode=None)
    one.command(verb, cls=Verb)(import_module(module_name(verb)).command)
    return typer.main.get_command(one)


def _unknown(verb: str, verbs: list[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistyped verb pays for it

    nearest = get_close_matches(verb, verbs, n=3, cutoff=0.4) or verbs
    return f"there is no verb `{verb}`; accepted: {', '.join(f'`{each}`' for each in nearest)}"


def _leave(code: int | None, **_: Any) -> NoReturn:
    raise typer.Exit(code or 0)


app = typer.Typer(
    name="keywright",
    cls=Verbs,
    help="AWS access as code: declare who may reach what, prove it is least privilege, deploy it with CDK.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    result_callback=_leave,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer hands the flag over by position
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - as slow as all the rest

        typer.echo(f"keywright {version('keywright')}")
        raise typer.Exit


@app.callback()
def main(
    *,
    wanted: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    """Hold what comes before the verb."""


def run() -> None:
    """Run the command line; leaves with the verb's exit code."""
    gc.set_threshold(
        200_000, 20, 100
    )  # what a command reads it keeps: looking for garbage in it is a third of its time
    atexit.register(gc.freeze)  # nor does the interpreter look for it at the end: a fifth of a short command
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without UTF-8 is shown escapes
    os.environ.setdefault(
        "PYDANTIC_DISABLE_PLUGINS", "__all__"
    )  # to look for them reads all that is installed
    app(prog_name="keywright")
