"""The loopback interface, the only network that the sandbox uses."""

from __future__ import annotations

from urllib.parse import urlsplit

HOST = "127.0.0.1"


class NotLoopback(ValueError):  # noqa: N818 - says what the endpoint is
    """An endpoint that is not on this machine."""


def is_loopback_host(name: str) -> bool:
    """Tell whether a host name or address is this machine's loopback."""
    return name in {HOST, "localhost", "::1"}


def require_loopback(endpoint: str) -> str:
    """Give the endpoint back if it is on this machine.

    Raises:
        NotLoopback: It is elsewhere, or not an http URL.
    """
    address = urlsplit(endpoint)
    # `http://127.0.0.1@example.com` reads like this machine; a user part is never needed here.
    if address.scheme == "http" and is_loopback_host(address.hostname or "") and not address.username:
        return endpoint
    message = (
        f"the sandbox connects to this machine only; found `{endpoint}`; accepted: `http://{HOST}:<port>`"
    )
    raise NotLoopback(message)
