"""What the CDK command line is told beside the declarations: `cdk synth -c key=value`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from access_constructs.refusal import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

GIVEN, OVERFLOW = "CDK_CONTEXT_JSON", "CONTEXT_OVERFLOW_LOCATION_ENV"
"""How the CDK command line hands context to an app (CONTEXT_ENV, CONTEXT_OVERFLOW_LOCATION_ENV of aws-cdk-lib's `cx-api`)."""


@dataclass(frozen=True)
class Context:
    """The folder of declarations, the clock, whether the sandbox's destroyable variant is meant, and all that was given."""

    access: Path
    today: date
    sandbox: bool
    given: Mapping[str, Any]


def context_of(environment: Mapping[str, str]) -> Context:
    """Read the context `access`, `today` and `sandbox` as an app would, without loading the CDK.

    Raises:
        ValueError: A value that means nothing.
    """
    given = _given(environment)
    sandbox = _flag("sandbox", given.get("sandbox"))
    if sandbox:
        _refuse_elsewhere(environment.get("AWS_ENDPOINT_URL", ""))
    return Context(_folder(given.get("access")), _today(given.get("today")), sandbox, given)


def _given(environment: Mapping[str, str]) -> dict[str, Any]:
    """Merge what stands in the environment with the file that takes what has no room there."""
    file = Path(environment.get(OVERFLOW) or "")
    overflow = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return {**json.loads(environment.get(GIVEN) or "{}"), **overflow}


def _refuse_elsewhere(endpoint: str) -> None:
    """Keep the variant whose buckets and instances go with their stacks away from any real account."""
    if urlsplit(endpoint).hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise refusal(
            "context `sandbox` is for the embedded account alone",
            found=f"`AWS_ENDPOINT_URL={endpoint}`" if endpoint else "no `AWS_ENDPOINT_URL`",
            accepted="an address of this machine, as `make up` sets it",
        )


def _folder(given: object) -> Path:
    if not isinstance(given, str | None):
        raise refusal("context `access` is no folder", found=f"`{given}`", accepted="the path of a folder")
    return Path(given or "access")


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
