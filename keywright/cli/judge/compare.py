"""`keywright compare`: whether a policy allows what it did not allow before."""

from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.errors import CommandError
from keywright.cli.formats import ReportFormat
from keywright.policy.statement import Kind


def command(
    old: Annotated[Path | None, typer.Argument(metavar="OLD", help="The policy document before.")] = None,
    new: Annotated[Path | None, typer.Argument(metavar="NEW", help="The policy document after.")] = None,
    *,
    kind: Annotated[
        Kind | None, typer.Option(help="The kind of policy. Default: by the elements of the documents.")
    ] = None,
    form: Annotated[
        ReportFormat | None,
        typer.Option("--format", help="The output format. Default: text, and json for a batch."),
    ] = None,
    batch: Annotated[
        str | None,
        typer.Option(metavar="FILE.jsonl", help="Compare many pairs, one per line; `-` for standard input."),
    ] = None,
) -> int:
    """Compare two policy documents: no new access, or an example of it.

    Reports whether NEW allows a request that OLD does not. `no-new-access` is a proof; `new-access` comes with an example
    of such a request; `undecided` comes with the reason. A line of a batch has `id`, `kind` (`identity`, `resource`,
    `trust`), `before` and `after`.

    Exit codes: 0 no new access, 1 new access, 2 unusable input, 3 undecided.
    """
    from keywright.cli.judge.compare_run import compare_batch, compare_two

    if batch is not None and old is None:
        return compare_batch(batch, form or ReportFormat.JSON)
    if batch is not None or old is None or new is None:
        raise CommandError("give two documents, OLD and NEW, or --batch FILE.jsonl")
    return compare_two(old, new, kind, form or ReportFormat.TEXT)
