"""The one network the sandbox knows: this machine's loopback."""

from __future__ import annotations

from urllib.parse import urlsplit

HOST = "127.0.0.1"


class NotLoopback(ValueError):  # noqa: N818 - says what the endpoint is
    """An endpoint outside of this machine: the sandbox talks to none."""


def is_loopback_host(name: str) -> bool:
    """Tell whether a host name or address can only be this machine's."""
    return name in {HOST, "localhost", "::1"}


def require_loopback(endpoint: str) -> str:
    """Give the endpoint back if it is on this machine.

    Raises:
        NotLoopback: It is anywhere else, or no http address at all.
    """
    address = urlsplit(endpoint)
    if address.scheme == "http" and is_loopback_host(address.hostname or "") and not address.username:
        return endpoint
    message = f"the sandbox talks to this machine only; found `{endpoint}`; accepted: `http://{HOST}:<port>`"
    raise NotLoopback(message)
