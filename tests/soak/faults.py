"""What disturbs a deployment. Each runs one, disturbed, and returns what it noticed; the account is looked at meanwhile."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError

from keywright.sandbox.client import clock
from keywright.sandbox.deployment import Deployment, StepFailed
from tests.soak.declared import leave

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tests.e2e.world import World
    from tests.soak.declared import Edit


@dataclass(frozen=True)
class Interrupted(Deployment):
    """A deployment whose command line gets a signal after some seconds, unless it has ended."""

    after: float = 1.0
    number: signal.Signals = signal.SIGKILL

    def _run(self, step: str, command: Sequence[str], more: Mapping[str, str]) -> str:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "CDK_"))}
        process = subprocess.Popen(
            command,
            cwd=self.project,
            env={**kept, **self.environment, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )
        try:
            process.wait(self.after)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, self.number)
        process.wait()
        if process.returncode:
            raise StepFailed(step, process.returncode, f"signal {self.number.name} after {self.after} s")
        return ""


def deployed(deployment: Deployment) -> str:
    """Deploy, and say how it ended."""
    try:
        deployment.deploy()
    except StepFailed as error:
        return f"exit code {error.code}"
    except BotoCoreError as error:
        return f"no answer: {type(error).__name__}"
    return "it succeeded"


def _interrupted(after: float, number: signal.Signals) -> Callable[[World], str]:
    def run(world: World) -> str:
        made = world.deployment()
        return deployed(Interrupted(**{**vars(made), "after": after, "number": number}))

    return run


def clock_moves(world: World) -> str:
    """Move the account's clock by a day while it is deployed."""
    timer = threading.Timer(1.0, clock.advance, (world.sandbox.endpoint, timedelta(days=1)))
    timer.start()
    try:
        return deployed(world.deployment())
    finally:
        timer.join()
        clock.unset(world.sandbox.endpoint)


def two_at_once(world: World) -> str:
    """Deploy the same assembly twice at the same time."""
    results: list[str] = []
    threads = [
        threading.Thread(target=lambda: results.append(deployed(world.deployment()))) for _ in range(2)
    ]
    for each in threads:
        each.start()
        time.sleep(0.3)
    for each in threads:
        each.join()
    return " and ".join(results)


class _Between(BaseHTTPRequestHandler):
    """Passes requests on to the account, and refuses some as AWS would."""

    protocol_version = "HTTP/1.1"
    to: ClassVar[str] = ""
    refusal: ClassVar[tuple[int, str]] = (400, "Throttling")
    is_refused: ClassVar[Callable[[int], bool]]
    count: ClassVar[int] = 0
    refused: ClassVar[int] = 0

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kind = type(self)
        kind.count += 1
        if kind.is_refused(kind.count):
            kind.refused += 1
            status, code = self.refusal
            error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>refused</Message></Error>"
            content = f"<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>"
            self._answer(status, {"Content-Type": "text/xml"}, content.encode())
            return
        there = urlsplit(self.to)
        connection = HTTPConnection(there.hostname or "", there.port)
        connection.request(self.command, self.path, body, dict(self.headers))
        given = connection.getresponse()
        content = given.read()
        passed = ("content-type", "x-amzn-requestid")
        self._answer(
            given.status, {key: value for key, value in given.getheaders() if key.lower() in passed}, content
        )
        connection.close()

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST  # noqa: N815 - the base class's names

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Write no log."""


def _refusing(status: int, code: str, is_refused: Callable[[int], bool]) -> Callable[[World], str]:
    """Deploy through an endpoint that refuses the command line some requests, by their number."""

    def run(world: World) -> str:
        to = world.sandbox.endpoint
        members = {"to": to, "refusal": (status, code), "is_refused": staticmethod(is_refused)}
        handler = type("Handler", (_Between,), {**members, "count": 0, "refused": 0})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        environment = {
            key: address if value == to else value for key, value in world.sandbox.environment().items()
        }
        try:
            result = deployed(world.deployment(environment))
        finally:
            server.shutdown()
            server.server_close()
        return f"{result}, {handler.refused} of {handler.count} requests refused"

    return run


def disk_is_full(world: World) -> str:
    """Synthesize where no file can grow beyond 16 kB; nothing is deployed."""
    made = world.deployment()

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (16 << 10, 16 << 10))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "CDK_"))}
    done = subprocess.run(
        [sys.executable, "app.py"],
        env={**kept, **made.environment, **made.context(), "CDK_OUTDIR": str(made.output) + ".full"},
        capture_output=True,
        preexec_fn=limit,
        check=False,
    )
    return f"the synthesis ended with exit code {done.returncode}"


def changed_by_hand(world: World) -> str:
    """Give everybody a policy and a key by hand: IAM refuses to delete such a user. Who stays loses them again."""
    iam = world.client("iam")
    keys = {name: _by_hand(iam, name) for name in world.users() if name.startswith("u")}
    result = deployed(world.deployment())
    for name in world.users() & keys.keys():
        iam.delete_user_policy(UserName=name, PolicyName="by-hand")
        iam.delete_access_key(UserName=name, AccessKeyId=keys[name])
    return result


def _by_hand(iam: Any, name: str) -> str:
    iam.put_user_policy(UserName=name, PolicyName="by-hand", PolicyDocument=_NOTHING)
    return str(iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"])


_NOTHING = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}'


@dataclass(frozen=True)
class Fault:
    """A way to disturb a deployment, and the edit that it is about if not any.

    One that `stops` the command line was too late if that succeeds.
    """

    name: str
    run: Callable[[World], str]
    edit: Edit | None = None
    stops: bool = False


def faults(seconds: float) -> Iterator[Fault]:
    """Give the faults: the command line killed at ten moments of the time that it takes, interrupted, and the others."""
    # First, while there is certainly somebody who can leave.
    yield Fault("changed by hand", changed_by_hand, leave)
    for part in range(1, 11):
        killed = _interrupted(seconds * part / 11, signal.SIGKILL)
        yield Fault(f"killed after {part}/11", killed, stops=True)
    for part in (1, 2):
        yield Fault(f"SIGINT after {part}/3", _interrupted(seconds * part / 3, signal.SIGINT), stops=True)
    expired = _refusing(403, "ExpiredToken", lambda number: number > 12)
    yield Fault("credentials expire", expired, stops=True)
    yield Fault("throttled", _refusing(400, "Throttling", lambda number: number % 3 == 0))
    yield Fault("two at once", two_at_once)
    yield Fault("clock moves by a day", clock_moves)
    yield Fault("disk is full", disk_is_full)
