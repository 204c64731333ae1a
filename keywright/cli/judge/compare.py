"""`keywright compare`: does a policy permit what it did not before?"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from keywright.cli.formats import ReportFormat
from keywright.policy.statement import Kind


def command(
    old: Annotated[Path | None, typer.Argument(metavar="OLD", help="The policy document before.")] = None,
    new: Annotated[Path | None, typer.Argument(metavar="NEW", help="The policy document after.")] = None,
    *,
    kind: Annotated[
        Kind | None, typer.Option(help="What the policies hang on; seen by their elements when not told.")
    ] = None,
    form: Annotated[
        ReportFormat | None,
        typer.Option("--format", help="For people, or JSON; a batch is answered in JSON."),
    ] = None,
    batch: Annotated[
        str | None,
        typer.Option(metavar="FILE.jsonl", help="Many pairs, one a line; `-` reads standard input."),
    ] = None,
) -> int:
    """Compare two policy documents: no new access, or a request as witness.

    Says whether NEW permits a request that OLD did not. `no-new-access` is a proof; `new-access` comes with one such
    request; what can't be decided is `undecided`, with the reason. A line of a batch holds `id`, `kind` (`identity`,
    `resource`, `trust`), `before` and `after`.

    Exit code: 2 when an input is unusable, 1 when there is new access, 3 when that is undecided, else 0.
    """
    from keywright.cli.judge.compare_run import compare_batch, compare_two

    if batch is not None and old is None:
        return compare_batch(batch, form or ReportFormat.JSON)
    if batch is not None or old is None or new is None:
        print("give two documents, OLD and NEW, or --batch FILE.jsonl", file=sys.stderr)
        return 2
    return compare_two(old, new, kind, form or ReportFormat.TEXT)
