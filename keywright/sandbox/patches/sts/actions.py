"""Replaces actions of AWS STS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from keywright.sandbox.patches.emulator import access_key_of, iam_error, sts, sts_request
from keywright.sandbox.patches.hooks import STS, Parameters, Refused, patch, text
from keywright.sandbox.patches.iam.limits import check_parameters

Answer = Callable[[Parameters, str], Mapping[str, Any]]
_answers: dict[str, Answer] = {}


def register() -> None:
    """Answer the actions given to `replace_action` before the emulator sees them."""
    patch(sts, "handle_request", _handle)


def replace_action(action: str, give: Answer) -> None:
    """Let `give` answer an action: parameters and the caller's access key id in, output members out."""
    _answers[action] = give


async def _handle(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
    parameters = {**query, **parse_qs((body or b"").decode("utf-8", "replace"), keep_blank_values=True)}
    # Clients with the JSON protocol name the action in a header.
    action = text(parameters, "Action") or str(headers.get("x-amz-target", "")).rpartition(".")[2]
    if action not in _answers:
        return await sts_request(method, path, headers, body, query)
    try:
        check_parameters(STS, action, parameters)
        return STS.write(action, _answers[action](parameters, access_key_of(headers, query)))
    except Refused as refused:
        return iam_error(refused.status, refused.code, escape(refused.message), ns="sts")
