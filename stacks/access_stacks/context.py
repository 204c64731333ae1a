"""The context of the app, given with `cdk synth -c key=value`."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from keywright.reporting.text import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

GIVEN, OVERFLOW = "CDK_CONTEXT_JSON", "CONTEXT_OVERFLOW_LOCATION_ENV"
"""The variables by which the CDK command line passes context (CONTEXT_ENV, CONTEXT_OVERFLOW_LOCATION_ENV of aws-cdk-lib's `cx-api`)."""
_SHOWN = 20
"""How many characters of malformed context a message shows."""


@dataclass(frozen=True)
class Context:
    """The folder of declarations, the date, whether the sandbox's destroyable variant is made, and all given values."""

    access: Path
    today: date
    sandbox: bool
    given: Mapping[str, Any]


def context_of(environment: Mapping[str, str]) -> Context:
    """Read the context `access`, `today` and `sandbox` as an app would, without loading the CDK.

    Raises:
        ValueError: A value of the wrong type or form.
    """
    given = _given(environment)
    sandbox = _flag("sandbox", given.get("sandbox"))
    if sandbox:
        _refuse_elsewhere(environment.get("AWS_ENDPOINT_URL", ""))
    return Context(_folder(given.get("access")), _today(given.get("today")), sandbox, given)


def _given(environment: Mapping[str, str]) -> dict[str, Any]:
    """Merge the context in the environment with the overflow file, which has the values that do not fit there."""
    file = Path(environment.get(OVERFLOW) or "")
    overflow = _object(file.read_bytes(), str(file)) if file.is_file() else {}
    return {**_object(os.fsencode(environment.get(GIVEN) or "{}"), GIVEN), **overflow}


def _object(written: bytes, where: str) -> dict[str, Any]:
    """Read the context as a JSON object; the error names the line and column where it is malformed."""
    place = f"{where}:1:1"
    try:
        given = json.loads(written.decode())
    except json.JSONDecodeError as wrong:
        place = f"{where}:{wrong.lineno}:{wrong.colno}"
        found = f"`{wrong.doc[wrong.pos : wrong.pos + _SHOWN]}`" if wrong.pos < len(wrong.doc) else "its end"
    # Bytes that are not UTF-8, or objects that are nested too deeply.
    except (ValueError, RecursionError):
        found = "text that is not JSON"
    else:
        if isinstance(given, dict):
            return given
        found = f"`{json.dumps(given)[:_SHOWN]}`"
    raise refusal(
        f"{place}: the context is not an object", found=found, accepted='JSON such as `{"access": "access"}`'
    )


def _refuse_elsewhere(endpoint: str) -> None:
    """Refuse the variant whose buckets and instances are deleted with their stacks in a real account."""
    if urlsplit(endpoint).hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise refusal(
            "context `sandbox` is allowed only in the sandbox",
            found=f"`AWS_ENDPOINT_URL={endpoint}`" if endpoint else "no `AWS_ENDPOINT_URL`",
            accepted="an address of this machine, as `keywright up` sets it",
        )


def _folder(given: object) -> Path:
    if not isinstance(given, str | None) or "\0" in (given or ""):
        raise refusal(
            "context `access` is not a folder",
            found=f"`{given}`".replace("\0", "␀"),
            accepted="the path of a folder",
        )
    return Path(given or "access")


def _today(given: object) -> date:
    if given is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        raise refusal("context `today` is not a date", found=f"`{given}`", accepted="YYYY-MM-DD") from None


def _flag(name: str, given: object) -> bool:
    # `-c sandbox=true` on the command line passes a text, `cdk.json` a boolean.
    known = {None: False, False: False, "false": False, True: True, "true": True}
    if not isinstance(given, bool | str | None) or given not in known:
        raise refusal(f"context `{name}` is not a boolean", found=f"`{given}`", accepted="`true`, `false`")
    return known[given]
