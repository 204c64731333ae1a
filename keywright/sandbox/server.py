"""The emulator's process: `python -m keywright.sandbox.server STATE ACCOUNT REGION [PIPE]`, started by `keywright.sandbox.account`.

With the file descriptor of a pipe it ends when the other end is closed, that is, with the process that started it.
It returns 0 once the account answers, and the emulator keeps running; otherwise it prints the reason to standard error.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keywright.sandbox.loopback import HOST

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

READY = b"ready"


def main(arguments: list[str]) -> int:
    """Start the emulator in its own process and wait until it answers."""
    state, account_id, region = Path(arguments[0]), arguments[1], arguments[2]
    lifeline = int(arguments[3]) if len(arguments) > len(("state", "account", "region")) else None
    # Never closed here: the forked process inherits it and holds the lock while it lives.
    lock = (state / "lock").open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.stderr.write(f"another sandbox runs in {state}\n")
        return 1
    # Bound before the fork, so that the port is known and cannot be taken by another process.
    listener = socket.create_server((HOST, 0))
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        os.environ.update(emulator_settings(state, account_id, region, _address(listener)))
        record = {
            "pid": os.getpid(),
            "endpoint": _address(listener),
            "account_id": account_id,
            "region": region,
        }
        _become_emulator(state, listener, _ready_callback(state, record, writer), lifeline)
        return 0
    os.close(writer)
    message = os.read(reader, len(READY))
    if message != READY:
        sys.stderr.write("the emulator ended before it answered\n")
    return 0 if message == READY else 1


def _address(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


def _ready_callback(state: Path, record: dict[str, Any], writer: int) -> Callable[[], None]:
    """Give a callback that writes `running.json` and tells the starting process that the account answers."""

    def ready() -> None:
        # A rename is atomic, so no reader sees half of the record.
        half = state / "running.json.half"
        half.write_text(json.dumps(record))
        half.rename(state / "running.json")
        os.write(writer, READY)
        os.close(writer)

    return ready


def _become_emulator(
    state: Path, listener: socket.socket, ready: Callable[[], None], lifeline: int | None
) -> None:
    """Detach from the caller, redirect all output to the log, and serve until stopped."""
    # A new session: Ctrl-C in the terminal that started it does not end the account.
    os.setsid()
    (state / "log").mkdir(exist_ok=True)
    log = os.open(state / "log" / "emulator.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for stream, target in ((0, nothing), (1, log), (2, log)):
        os.dup2(target, stream)
    asyncio.run(_serve(listener, ready, lifeline))


def emulator_settings(state: Path, account_id: str, region: str, endpoint: str) -> dict[str, str]:
    """Give the emulator's settings, which it reads while it is imported."""
    temporary = state / "tmp"
    temporary.mkdir(exist_ok=True)
    nothing = str(state / "no-such-file")
    return {
        "AUTH": "true",
        "MINISTACK_ACCOUNT_ID": account_id,
        "MINISTACK_REGION": region,
        "MINISTACK_HOST": HOST,
        "BIND_HOST": HOST,
        "GATEWAY_PORT": endpoint.rpartition(":")[2],
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": nothing,
        "AWS_SHARED_CREDENTIALS_FILE": nothing,
        "AWS_EC2_METADATA_DISABLED": "true",
        # The emulator must not start containers on a machine that has Docker.
        "DOCKER_HOST": f"unix://{nothing}",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "INFO",
        "TMPDIR": str(temporary),
    }


async def _serve(listener: socket.socket, ready: Callable[[], None], lifeline: int | None) -> None:
    from hypercorn.asyncio import serve  # noqa: PLC0415 - the emulator reads its settings while it is imported
    from hypercorn.config import Config  # noqa: PLC0415
    from ministack.app import app  # noqa: PLC0415

    from keywright.sandbox.control_server import control_middleware  # noqa: PLC0415
    from keywright.sandbox.patches.registry import ANSWERS, register_all  # noqa: PLC0415

    # After the import of the emulator and before its first request.
    register_all()
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.loglevel = "WARNING"
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    if lifeline is not None:
        asyncio.get_running_loop().add_reader(lifeline, ended.set)
    await serve(
        _with_ready_callback(control_middleware(app, ANSWERS), ready), config, shutdown_trigger=ended.wait
    )


Application = Any


def _with_ready_callback(app: Application, ready: Callable[[], None]) -> Application:
    """Wrap an ASGI application so that `ready` is called once it has started."""

    async def wrapped(scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        async def sending(message: Any) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                ready()

        await app(scope, receive, sending if scope["type"] == "lifespan" else send)

    return wrapped


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
