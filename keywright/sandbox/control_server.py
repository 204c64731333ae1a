"""ASGI middleware in front of the emulator: it answers control requests and passes all others on.

The server listens on the loopback interface only. Because a web page in a browser on this machine reaches that too, it
also requires that the Host header names this machine, and that a control request has a header that a page cannot send to
another site.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from keywright.sandbox.client.control import HEADER, PREFIX, ControlRefused
from keywright.sandbox.loopback import is_loopback_host

Answer = Callable[[dict[str, Any]], dict[str, Any]]
_EMULATOR_PATHS = ("/_ministack/cfn-response/", "/_ministack/health")
"""Paths of the emulator's custom resource responses and health check."""
_BLOCKED_PATHS = (
    PREFIX,
    "/_ministack/",
    "/_localstack/",
    "/_aws/",
    "/latest/meta-data",
    "/latest/api/",
    "/latest/dynamic",
)
"""Control requests, and what the emulator offers beside AWS: a reset, settings, metadata without a token."""


def control_middleware(app: Any, answers: dict[str, Answer]) -> Any:
    """Wrap the emulator's ASGI application."""

    async def middleware(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        headers = {
            # Latin-1 decodes any byte, so a strange header cannot break the check.
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in scope["headers"]
        }
        # A web page can let its own host name resolve to this machine (DNS rebinding); the Host header shows
        # that.
        if not _names_this_machine(headers.get("host", "")):
            await _respond(
                send,
                421,
                {"code": "Misdirected", "message": "the sandbox accepts requests to this machine only"},
            )
        elif scope["path"].startswith(_EMULATOR_PATHS) or not scope["path"].startswith(_BLOCKED_PATHS):
            await app(_as_over_tls(scope, headers), receive, send)
        else:
            await _control(scope, headers, receive, send, answers)

    return middleware


def _as_over_tls(scope: Any, headers: dict[str, str]) -> Any:
    """Report requests as sent over TLS, so that policies that require it can match; a client can send another header."""
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
    # Without the header a browser could send the request from any page: it is what makes it ask for
    # permission (CORS).
    if HEADER not in headers or scope["method"] != "POST" or subject not in answers:
        await _respond(
            send, 404, {"code": "NotFound", "message": f"there is no control request `{scope['path']}`"}
        )
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
        return 400, {"code": "BadRequest", "message": f"the request lacks or misstates {error}"}


async def _respond(send: Any, status: int, content: dict[str, Any]) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(content).encode()})
