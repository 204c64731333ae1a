"""`keywright check`: checks templates against the guardrails and invariants, without Node."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.formats import CheckFormat, Profile
from keywright.cli.options import Output, Today, Workers, day
from keywright.reporting.text import listed


def _list_rules(wanted: bool) -> None:  # noqa: FBT001 - typer passes the flag by position
    if not wanted:
        return
    from keywright.guardrails.rule import all_rules

    rules = all_rules().values()
    width = max(len(rule.severity) for rule in rules) + 1
    for rule in rules:
        severity = f"{rule.severity}{'*' if rule.is_convention else ''}"
        typer.echo(f"{rule.code}  {severity:{width}}  {rule.title}")
    raise typer.Exit


def _explain(code: str | None) -> None:
    if code is None:
        return
    from keywright.guardrails.reports.rule_pages import Page
    from keywright.guardrails.rule import all_rules
    from keywright.model.fields.nearest import nearest

    rule = all_rules().get(code.upper())
    if rule is None:
        near = listed(nearest(code.upper(), all_rules())[:3], "or", none="one of `--list-rules`")
        raise typer.BadParameter(f"there is no rule `{code}`; accepted: {near}")
    typer.echo(Page(rule).markdown(), nl=False)
    raise typer.Exit


# The options of other tools are known, so that the refusal can name the alternative (ADR 16).
def _refuse_switches(given: list[str] | None) -> None:
    """Explain why there is no option that disables a rule."""
    if given:
        raise typer.BadParameter(
            "rules can't be disabled; accepted: an exception for each finding, with a reason and an end date, in "
            "keywright-exceptions.yaml, or `--baseline FILE` for existing findings"
        )


def command(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            help="A cdk.out, a folder of templates, a template, or the output of `terraform show -json`; `-` for standard input.",
        ),
    ],
    *,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit with 1 on warnings too, and with 3 if a check is undecided."),
    ] = False,
    own: Annotated[
        bool,
        typer.Option(
            "--own",
            help="Treat the templates as ours, signed or not: conventions are errors, what their synthesis accepted applies.",
        ),
    ] = False,
    profile: Annotated[
        Profile,
        typer.Option(
            help="On templates that are not ours: `default` leaves out the conventions (marked * in --list-rules), `strict` has all rules."
        ),
    ] = Profile.DEFAULT,
    exceptions: Annotated[
        Path | None,
        typer.Option(
            "--exceptions",
            metavar="FILE",
            help="The accepted findings. Default: keywright-exceptions.yaml beside the templates.",
        ),
    ] = None,
    invariants: Annotated[
        Path | None,
        typer.Option(
            "--invariants",
            metavar="FILE",
            help="What must never, or always, be possible. Default: keywright-invariants.yaml beside the templates.",
        ),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            "--baseline", metavar="FILE", help="Report only findings that are not in this baseline."
        ),
    ] = None,
    write_baseline: Annotated[
        Path | None,
        typer.Option(
            "--write-baseline", metavar="FILE", help="Write the findings as a baseline and exit with 0."
        ),
    ] = None,
    fix: Annotated[
        bool,
        typer.Option("--fix", help="Fix findings in the templates where that is safe; never adds access."),
    ] = False,
    widening: Annotated[
        bool,
        typer.Option("--widening", help="With --fix: also repair ineffective grants (adds access)."),
    ] = False,
    diff: Annotated[
        bool,
        typer.Option(
            "--diff", help="Show what --fix would change and write nothing; exit with 1 if it would."
        ),
    ] = False,
    today: Today = None,
    format: Annotated[CheckFormat, typer.Option(help="The output format.")] = CheckFormat.TEXT,  # noqa: A002 - the option's name
    output: Output = None,
    workers: Workers = 0,
    _list: Annotated[
        bool,
        typer.Option("--list-rules", callback=_list_rules, is_eager=True, help="List the rules and exit."),
    ] = False,
    _page: Annotated[
        str | None,
        typer.Option(
            "--explain",
            metavar="RULE",
            callback=_explain,
            is_eager=True,
            help="Print a rule's page and exit.",
        ),
    ] = None,
    _switched: Annotated[
        list[str] | None,
        typer.Option("--ignore", "--select", "--skip", "--disable", hidden=True, callback=_refuse_switches),
    ] = None,
) -> int:
    """Check synthesized templates against the guardrails and invariants. Any CloudFormation template works, JSON or YAML.

    So does any plan or state of Terraform or OpenTofu as JSON: of a plan, what there is after it is checked.

    Exit codes: 0 no errors, 1 an error was found, 2 unusable input; see --strict for 3.
    """
    if widening and not (fix or diff):
        raise typer.BadParameter("`--widening` needs `--fix`; accepted: `--fix --widening`")
    if write_baseline and (fix or diff):
        raise typer.BadParameter(
            "`--write-baseline` and `--fix` exclude each other; accepted: one after the other"
        )
    if diff and format is not CheckFormat.TEXT:
        raise typer.BadParameter(
            "`--diff` prints only a diff; accepted: `--format json`, which contains each fix"
        )
    if Path("-") in paths and (fix or diff):
        raise typer.BadParameter("standard input can't be fixed; accepted: a template's file")
    from keywright.cli.judge.check_run import CheckOptions, check

    return check(
        CheckOptions(
            paths=paths,
            own=own,
            profile=profile,
            exceptions=exceptions,
            invariants=invariants,
            baseline=baseline,
            today=day(today),
            workers=workers,
            strict=strict,
            form=format,
            output=output,
            write_baseline=write_baseline,
            fix=fix,
            widening=widening,
            diff=diff,
        )
    )
