"""Control requests to the sandbox, for what has no AWS API: clock, console sign-in, issuers' keys, instance metadata."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from keywright.sandbox.loopback import require_loopback

PREFIX = "/_sandbox/"
HEADER = "x-sandbox-control"
"""A header that a web page cannot send to another site; the sandbox refuses control requests without it."""


class ControlRefused(Exception):  # noqa: N818 - the event's name
    """A refused control request; `code` is a one-word reason."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


def ask(endpoint: str, subject: str, **question: Any) -> dict[str, Any]:
    """Send a control request and give the response.

    Raises:
        ControlRefused: The sandbox refused.
        NotLoopback: `endpoint` is not on this machine.
    """
    request = urllib.request.Request(  # noqa: S310 - loopback http only, checked
        require_loopback(endpoint) + PREFIX + subject,
        data=json.dumps(question).encode(),
        headers={"content-type": "application/json", HEADER: "1"},
    )
    try:
        with _DIRECT.open(request) as response:
            answer: dict[str, Any] = json.load(response)
            return answer
    except urllib.error.HTTPError as error:
        with error:
            refused = json.load(error)
        raise ControlRefused(refused["code"], refused["message"]) from None


# A proxy of the environment must not see control requests.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def reset(endpoint: str) -> None:
    """Delete everything in every account of the sandbox, and reset its clock."""
    ask(endpoint, "reset")
