"""`keywright check`: judge assemblies and templates by the guardrails, without Node."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.formats import CheckFormat
from keywright.cli.judge.check_rules import explain, list_rules, refuse_switches
from keywright.cli.options import Today, day


def command(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH", help="Folders written by cdk synth, folders of templates, or templates."
        ),
    ],
    *,
    strict: Annotated[
        bool, typer.Option("--strict", help="Warnings count (1), and so does what cannot be told (3).")
    ] = False,
    own: Annotated[
        bool,
        typer.Option(
            "--own", help="The templates are ours: conventions are errors, declared exceptions count."
        ),
    ] = False,
    exceptions: Annotated[
        Path | None,
        typer.Option(
            "--exceptions",
            metavar="FILE",
            help="What is accepted; keywright-exceptions.yaml beside what is checked, if not given.",
        ),
    ] = None,
    invariants: Annotated[
        Path | None,
        typer.Option(
            "--invariants",
            metavar="FILE",
            help="What must never, or always, be possible; keywright-invariants.yaml beside what is checked, if not given.",
        ),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="FILE", help="What was found before: only what is new counts."),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(
            "--write-baseline",
            metavar="FILE",
            help="Write what is found now as a baseline, and leave with 0.",
        ),
    ] = None,
    fix: Annotated[
        bool,
        typer.Option("--fix", help="Rewrite the templates where that is safe: nobody may do more by it."),
    ] = False,
    widening: Annotated[
        bool,
        typer.Option(
            "--widening", help="With --fix: rewrite also what makes a grant work that was meant and is none."
        ),
    ] = False,
    diff: Annotated[
        bool,
        typer.Option("--diff", help="Show what --fix would rewrite, and write nothing; 1 if there is any."),
    ] = False,
    today: Today = None,
    format: Annotated[CheckFormat, typer.Option(help="How to write the findings.")] = CheckFormat.TEXT,  # noqa: A002 - it is the option's name
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write the report to a file.")
    ] = None,
    workers: Annotated[
        int,
        typer.Option(
            "--workers", min=0, metavar="N", help="Processes; 0 takes the cores where there is enough to do."
        ),
    ] = 0,
    _list: Annotated[
        bool,
        typer.Option("--list-rules", callback=list_rules, is_eager=True, help="List the rules, and leave."),
    ] = False,
    _explain: Annotated[
        str | None,
        typer.Option(
            "--explain",
            metavar="RULE",
            callback=explain,
            is_eager=True,
            help="Print a rule's page, and leave.",
        ),
    ] = None,
    _switched: Annotated[
        list[str] | None,
        typer.Option("--ignore", "--select", "--skip", "--disable", hidden=True, callback=refuse_switches),
    ] = None,
) -> int:
    """Judge synthesized templates by the guardrails; anybody's, JSON or YAML, `-` for one on standard input."""
    _refuse_senseless(fixes=fix or diff, widening=widening, diff=diff, writes=write is not None, form=format)
    if Path("-") in paths and (fix or diff):
        raise typer.BadParameter("standard input cannot be rewritten; accepted: a template's file")
    from keywright.cli.judge.check_run import Checking, Terms, Wishes

    terms = Terms(own, exceptions, baseline, day(today), workers, invariants)
    wishes = Wishes(
        strict=strict, form=format, output=output, write=write, fix=fix, widening=widening, diff=diff
    )
    return Checking(paths, terms, wishes).run()


def _refuse_senseless(*, fixes: bool, widening: bool, diff: bool, writes: bool, form: CheckFormat) -> None:
    """Refuse options that do not go together.

    Raises:
        BadParameter: Some do not.
    """
    if widening and not fixes:
        raise typer.BadParameter("`--widening` says what `--fix` may do; accepted: `--fix --widening`")
    if fixes and writes:
        raise typer.BadParameter("`--write-baseline` goes without `--fix`; accepted: one after the other")
    if diff and form is not CheckFormat.TEXT:
        raise typer.BadParameter(
            "`--diff` shows a difference alone; accepted: `--format json`, which holds each fix"
        )
