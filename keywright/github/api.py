"""GitHub's REST API: as little of it as the action needs, with a bound on every answer.

Source: "GitHub REST API documentation", version 2022-11-28.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from typing import IO, TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from keywright.reporting.text import on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from http.client import HTTPMessage
    from pathlib import Path

    from keywright.github.runner import Runner

_VERSION = "2022-11-28"
_SECONDS = 60
_LARGEST_ANSWER = 16 * 1024 * 1024
_PER_PAGE = 100
_MOST_PAGES = 100
_CHUNK = 1024 * 1024


class GitHubError(Exception):
    """GitHub refused a request, or answered with what can't be used."""


class _WithoutToken(HTTPRedirectHandler):
    """Follows a redirect; another host never gets the token."""

    def redirect_request(  # noqa: PLR0917 - the signature of the library
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        """Give the next request: artifacts are stored on another host, which must not see the token."""
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is not None and urlsplit(newurl).netloc != urlsplit(req.full_url).netloc:
            following.remove_header("Authorization")
        return following


@dataclass(frozen=True)
class Api:
    """The API for one repository, with a token."""

    root: str
    repository: str
    token: str

    @classmethod
    def of(cls, runner: Runner) -> Api:
        """Take address, repository and token from the step's environment."""
        return cls(*map(runner.variable, ("GITHUB_API_URL", "GITHUB_REPOSITORY", "GITHUB_TOKEN")))

    def get(self, path: str, **query: object) -> Any:
        """Get one document of the repository."""
        return self._call("GET", path, query)

    def pages(self, path: str, **query: object) -> Iterator[Any]:
        """Get the items of a list, page after page."""
        for page in range(1, _MOST_PAGES + 1):
            items = self.get(path, per_page=_PER_PAGE, page=page, **query)
            if not isinstance(items, list):
                raise GitHubError(f"GET {path}: the answer is not a list")
            yield from items
            if len(items) < _PER_PAGE:
                return

    def send(self, method: str, path: str, body: Mapping[str, object] | None = None) -> None:
        """Create, change or delete something of the repository."""
        self._call(method, path, {}, body)

    def download(self, path: str, file: Path, largest: int) -> None:
        """Write an answer to a file; one that is larger is refused, and nothing of it stays."""
        left = largest
        with _answer(self._request("GET", path, {})) as answer, file.open("wb") as stream:
            while left >= 0 and (chunk := answer.read(min(_CHUNK, left + 1))):
                left -= len(chunk)
                stream.write(chunk)
        if left < 0:
            file.unlink()
            raise GitHubError(f"GET {path}: the answer is larger than {largest} bytes")

    def _call(
        self, method: str, path: str, query: Mapping[str, object], body: Mapping[str, object] | None = None
    ) -> Any:
        with _answer(self._request(method, path, query, body)) as answer:
            content = answer.read(_LARGEST_ANSWER + 1)
        if len(content) > _LARGEST_ANSWER:
            raise GitHubError(f"{method} {path}: the answer is larger than {_LARGEST_ANSWER} bytes")
        try:
            return json.loads(content) if content else None
        except ValueError as error:
            raise GitHubError(f"{method} {path}: the answer is not JSON") from error

    def _request(
        self, method: str, path: str, query: Mapping[str, object], body: Mapping[str, object] | None = None
    ) -> Request:
        url = f"{self.root}/repos/{quote(self.repository)}/{path}"
        return Request(  # noqa: S310 - the runner gives the address
            f"{url}?{urlencode(query)}" if query else url,
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "User-Agent": "keywright",
                "X-GitHub-Api-Version": _VERSION,
            },
        )


@contextmanager
def _answer(request: Request) -> Iterator[IO[bytes]]:
    """Open the answer to a request; what goes wrong while it is read is told in the same way."""
    where = f"{request.get_method()} {urlsplit(request.full_url).path}"
    try:
        with build_opener(_WithoutToken).open(request, timeout=_SECONDS) as answer:
            yield answer
    except HTTPError as error:
        reason = on_one_line(error.read(2_000).decode(errors="replace"), 300)
        raise GitHubError(f"{where}: GitHub answered {error.code}; found `{reason}`") from error
    except (OSError, HTTPException) as error:
        raise GitHubError(f"{where}: GitHub can't be reached; found {error}") from error
