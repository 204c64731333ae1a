"""The requests of a snapshot: paged, throttling waited out, and refusals told apart from what ends the run."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import boto3

    from keywright.live.snapshot.operations import Operation

CONCURRENT = 8
"""Requests at the same time; IAM's rate limits are waited out, so more would only wait longer."""

_CONFIG = Config(
    connect_timeout=10,
    max_pool_connections=CONCURRENT,
    # Slows down all requests of a client while the account's rate limits throttle it.
    retries={"mode": "adaptive", "max_attempts": 12},
)
_THROTTLED = frozenset(
    {
        "PriorRequestNotComplete",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_ENDS_THE_RUN = _THROTTLED | {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
"""What may be gone a while later: to list it as unread would be wrong."""
_INVALID_CREDENTIALS = frozenset({"InvalidClientTokenId", "SignatureDoesNotMatch"})
"""From IAM. A Region that is not enabled answers the first of these to valid credentials."""
_ABSENT = frozenset({"NoSuchEntity", "NoSuchEntityException"})


class RefusedError(Exception):
    """AWS refused a request, such as for want of permissions or in a Region that is not enabled."""


class AbsentError(Exception):
    """What was asked about does not exist, perhaps no longer."""


class StoppedError(Exception):
    """The run cannot go on now, but later: throttled for minutes, expired credentials, no connection."""


class Requests:
    """Sends the operations of a snapshot in one session; safe to use from several threads.

    `when_throttled` is called, in any thread, for each answer that asks to slow down.
    """

    def __init__(
        self,
        session: boto3.Session,
        endpoint_url: str | None = None,
        when_throttled: Callable[[], None] = lambda: None,
    ) -> None:
        self._session = session
        self._endpoint_url = endpoint_url
        self._when_throttled = when_throttled
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = Lock()

    def one(self, operation: Operation, region: str = "", **parameters: Any) -> dict[str, Any]:
        """Send one request.

        Raises:
            RefusedError: AWS refuses it.
            AbsentError: What it names does not exist.
            StoppedError: It can succeed later.
        """
        client = self._client(operation.service, region)
        try:
            answer: dict[str, Any] = getattr(client, xform_name(operation.name))(**parameters)
        except ClientError as error:
            raise _meaning(error, operation) from None
        except BotoCoreError as error:
            text = f"`{operation.name}` failed: {' '.join(str(error).split())}"
            # A Region without an endpoint is no reason to end; without IAM nothing can be read.
            raise (StoppedError if operation.service == "iam" else RefusedError)(text) from None
        return answer

    def pages(self, operation: Operation, region: str = "", **parameters: Any) -> Iterator[dict[str, Any]]:
        """Send a request for each page; raises as `one` does."""
        while True:
            page = self.one(operation, region, **parameters)
            yield page
            # IAM marks pages by `Marker`, other services by `NextToken`; some of these have no paginator in botocore.
            name = "Marker" if page.get("IsTruncated") else "NextToken"
            if not page.get(name):
                return
            parameters[name] = page[name]

    def items(self, operation: Operation, region: str = "", **parameters: Any) -> list[dict[str, Any]]:
        """Give the items of all pages; raises as `one` does."""
        return [
            each
            for page in self.pages(operation, region, **parameters)
            for each in page.get(operation.items, [])
        ]

    def _client(self, service: str, region: str) -> Any:
        with self._lock:  # making a client is not safe in several threads
            if (service, region) not in self._clients:
                client = self._session.client(
                    service,  # type: ignore[call-overload] # a name, not a literal
                    region_name=region or None,
                    endpoint_url=self._endpoint_url,
                    config=_CONFIG,
                )
                client.meta.events.register("needs-retry", self._answered)
                self._clients[service, region] = client
            return self._clients[service, region]

    def _answered(self, response: tuple[Any, dict[str, Any]] | None, **_: Any) -> None:
        """See every answer before botocore decides whether to send the request again."""
        if response and response[1].get("Error", {}).get("Code") in _THROTTLED:
            self._when_throttled()


def _meaning(error: ClientError, operation: Operation) -> Exception:
    code = error.response.get("Error", {}).get("Code", "an error without a code")
    text = f"`{operation.name}` returned {code}"
    if code in _ABSENT:
        return AbsentError(text)
    if code in _ENDS_THE_RUN or (operation.service == "iam" and code in _INVALID_CREDENTIALS):
        return StoppedError(text)
    return RefusedError(text)
