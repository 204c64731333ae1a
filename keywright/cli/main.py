"""`keywright`: the table of verbs, each loaded only when it runs."""

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
        "onboard": "Print a user's sign-in instructions, without any secret.",
        "rotate": "Write the next state of an application's access keys.",
        "verify": "Compare the identities in the account with the declarations.",
        "partner": "Print what another account needs to assume a role.",
        "deployer": "Synthesize least-privilege roles for CloudFormation.",
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
VERBS = {verb: line for verbs in GROUPS.values() for verb, line in verbs.items()}

EXIT_CODES = "Exit codes: 0 good, 1 findings, 2 unusable input, 3 undecided."


def module_name(verb: str) -> str:
    """Name the module that holds a verb's `command`."""
    group = next(group for group, verbs in GROUPS.items() if verb in verbs)
    return f"keywright.cli.{group}.{verb.replace('-', '_')}"


class Verbs(TyperGroup):
    """The verbs as a lazy group: help and completion read the table, running imports one module."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for verb, line in VERBS.items():
            self.add_command(TyperCommand(name=verb, help=line, short_help=line, rich_markup_mode=None))

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - typer's signature
        """List the verbs by group, all in one column."""
        width = max(map(len, VERBS))
        for group, verbs in GROUPS.items():
            with formatter.section(TITLES[group]):
                formatter.write_dl([(f"{verb:{width}}", line) for verb, line in verbs.items()])

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
        from keywright.cli.examples import EXAMPLES

        formatter.write_paragraph()
        formatter.write("For example:\n")
        formatter.write("".join(f"  {each}\n" for each in EXAMPLES[ctx.info_name]))


def _load(verb: str) -> Any:
    one = typer.Typer(add_completion=False, rich_markup_mode=None)
    one.command(verb, cls=Verb)(import_module(module_name(verb)).command)
    return typer.main.get_command(one)


def _unknown(verb: str, verbs: list[str]) -> str:
    from difflib import get_close_matches

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
