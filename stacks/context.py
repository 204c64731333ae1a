"""What the CDK command line is told beside the declarations: `cdk synth -c key=value`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from access_constructs.refusal import refusal

if TYPE_CHECKING:
    import aws_cdk as cdk


@dataclass(frozen=True)
class Context:
    """The folder of declarations, the clock, and whether the sandbox's destroyable variant is meant."""

    access: Path
    today: date
    sandbox: bool


def context_of(app: cdk.App) -> Context:
    """Read the context `access`, `today` and `sandbox`.

    Raises:
        ValueError: A value that means nothing.
    """
    sandbox = _flag("sandbox", app.node.try_get_context("sandbox"))
    if sandbox:
        _refuse_elsewhere(os.environ.get("AWS_ENDPOINT_URL", ""))
    return Context(
        Path(app.node.try_get_context("access") or "access"),
        _today(app.node.try_get_context("today")),
        sandbox,
    )


def _refuse_elsewhere(endpoint: str) -> None:
    """Keep the variant whose buckets and instances go with their stacks away from any real account."""
    if urlsplit(endpoint).hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise refusal(
            "context `sandbox` is for the embedded account alone",
            found=f"`AWS_ENDPOINT_URL={endpoint}`" if endpoint else "no `AWS_ENDPOINT_URL`",
            accepted="an address of this machine, as `make up` sets it",
        )


def _today(given: object) -> date:
    if given is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        raise refusal("context `today` is no date", found=f"`{given}`", accepted="YYYY-MM-DD") from None


def _flag(name: str, given: object) -> bool:
    known = {None: False, False: False, "false": False, True: True, "true": True}
    if not isinstance(given, bool | str | None) or given not in known:
        raise refusal(f"context `{name}` is no switch", found=f"`{given}`", accepted="`true`, `false`")
    return known[given]
