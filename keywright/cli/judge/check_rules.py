"""`keywright check --list-rules` and `--explain RULE`: the rules and their pages, where one checks."""

import typer

from keywright.guardrails.rule import all_rules
from keywright.model.fields.nearest import nearest


def list_rules(wanted: bool) -> None:  # noqa: FBT001 - typer hands the flag over by position
    """Print a line a rule, and leave."""
    if wanted:
        width = max(map(len, (rule.severity for rule in all_rules().values())))
        for rule in all_rules().values():
            typer.echo(f"{rule.code}  {rule.severity:{width}}  {rule.title}")
        raise typer.Exit


def explain(code: str | None) -> None:
    """Print a rule's page, and leave."""
    if code is None:
        return
    rule = all_rules().get(code.upper())
    if rule is None:
        near = " or ".join(f"`{each}`" for each in nearest(code.upper(), all_rules())[:3])
        raise typer.BadParameter(f"there is no rule `{code}`; accepted: {near or 'one of `--list-rules`'}")
    from keywright.guardrails.reports.rule_pages import Page

    typer.echo(Page(rule).markdown(), nl=False)
    raise typer.Exit


def refuse_switches(given: list[str] | None) -> None:
    """Say why no rule is switched off."""
    if given:
        message = (
            "no rule is switched off or on; accepted: an exception for each finding, with a reason and an end, in "
            "keywright-exceptions.yaml, or `--baseline FILE` for what was there before"
        )
        raise typer.BadParameter(message)
