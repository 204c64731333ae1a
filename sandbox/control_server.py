"""The emulator's front door: what is addressed to the sandbox itself is answered here, the rest is AWS's.

It listens on the loopback only, and still asks two things of every caller, because a web page in a browser of
this machine reaches the loopback too: the Host header names this machine, and a control request carries a
header that a page cannot send to another site unasked.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from sandbox.client.control import HEADER, PREFIX, ControlRefused
from sandbox.loopback import is_loopback_host

Answer = Callable[[dict[str, Any]], dict[str, Any]]
_AWS_SIDE = ("/_ministack/cfn-response/", "/_ministack/health")
"""What the emulator's own custom resources and whoever waits for it ask."""
_CLOSED = (
    PREFIX,
    "/_ministack/",
    "/_localstack/",
    "/_aws/",
    "/latest/meta-data",
    "/latest/api/",
    "/latest/dynamic",
)
"""Ours to answer, and what the emulator offers beside AWS: an open reset, settings, metadata without a token."""


def front_door(app: Any, answers: dict[str, Answer]) -> Any:
    """Wrap the emulator's ASGI application."""

    async def door(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        if not _names_this_machine(headers.get("host", "")):
            await _respond(
                send, 421, {"code": "Misdirected", "message": "the sandbox is this machine's alone"}
            )
        elif scope["path"].startswith(_AWS_SIDE) or not scope["path"].startswith(_CLOSED):
            await app(_as_over_tls(scope, headers), receive, send)
        else:
            await _control(scope, headers, receive, send, answers)

    return door


def _as_over_tls(scope: Any, headers: dict[str, str]) -> Any:
    """Let the loopback stand for TLS, so that a policy which asks for it can be met; a client may say otherwise."""
    if "x-forwarded-proto" in headers:
        return scope
    return {**scope, "headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}


def _names_this_machine(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    return is_loopback_host(name) or name.endswith((".localhost", ".127.0.0.1"))


async def _control(
    scope: Any, headers: dict[str, str], receive: Any, send: Any, answers: dict[str, Answer]
) -> None:
    subject = scope["path"].removeprefix(PREFIX)
    if HEADER not in headers or scope["method"] != "POST" or subject not in answers:
        await _respond(send, 404, {"code": "NotFound", "message": f"the sandbox knows no `{scope['path']}`"})
        return
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    await _respond(send, *_answered(answers[subject], body))


def _answered(answer: Answer, body: bytes) -> tuple[int, dict[str, Any]]:
    try:
        return 200, answer(json.loads(body or b"{}"))
    except ControlRefused as refused:
        return 403, {"code": refused.code, "message": refused.message}
    except (KeyError, TypeError, ValueError) as error:
        logging.getLogger(__name__).exception("a control request failed")
        return 400, {"code": "BadRequest", "message": f"the question lacks or misstates {error}"}


async def _respond(send: Any, status: int, content: dict[str, Any]) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(content).encode()})
