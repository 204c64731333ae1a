"""The emulator's own process: `python -m sandbox.server STATE ACCOUNT REGION [PIPE]`, started by `sandbox.account`.

With the number of an open pipe it ends when the pipe's other end is closed, that is, with whoever started it.
It returns 0 once the account answers and leaves the emulator behind it, or says on stderr why it did not
start.
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

from sandbox.loopback import HOST

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

READY = b"ready"


def main(arguments: list[str]) -> int:
    """Start the emulator in a process of its own and wait until it answers."""
    state, account_id, region = Path(arguments[0]), arguments[1], arguments[2]
    life_line = int(arguments[3]) if len(arguments) > len(("state", "account", "region")) else None
    lock = (state / "lock").open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.stderr.write(f"another sandbox runs in {state}\n")
        return 1
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
        _become_emulator(state, listener, _announcing(state, record, writer), life_line)
        return 0
    os.close(writer)
    said = os.read(reader, len(READY))
    if said != READY:
        sys.stderr.write("the emulator ended before it answered\n")
    return 0 if said == READY else 1


def _address(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


def _announcing(state: Path, record: dict[str, Any], writer: int) -> Callable[[], None]:
    """Give what tells the starter that the account answers, and everybody where."""

    def announce() -> None:
        half = state / "running.json.half"
        half.write_text(json.dumps(record))
        half.rename(state / "running.json")
        os.write(writer, READY)
        os.close(writer)

    return announce


def _become_emulator(
    state: Path, listener: socket.socket, announce: Callable[[], None], life_line: int | None
) -> None:
    """Detach from the caller, point all output at the log, and serve until told to end."""
    os.setsid()
    (state / "log").mkdir(exist_ok=True)
    log = os.open(state / "log" / "emulator.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for stream, target in ((0, nothing), (1, log), (2, log)):
        os.dup2(target, stream)
    asyncio.run(_serve(listener, announce, life_line))


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
        "DOCKER_HOST": f"unix://{nothing}",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "INFO",
        "TMPDIR": str(temporary),
    }


async def _serve(listener: socket.socket, announce: Callable[[], None], life_line: int | None) -> None:
    from hypercorn.asyncio import serve  # noqa: PLC0415 - the emulator reads its settings while it is imported
    from hypercorn.config import Config  # noqa: PLC0415
    from ministack.app import app  # noqa: PLC0415

    from sandbox.control_server import front_door  # noqa: PLC0415
    from sandbox.patches.registry import ANSWERS, register_all  # noqa: PLC0415

    register_all()
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.loglevel = "WARNING"
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    if life_line is not None:
        asyncio.get_running_loop().add_reader(life_line, ended.set)
    await serve(_announced(front_door(app, ANSWERS), announce), config, shutdown_trigger=ended.wait)


Application = Any


def _announced(app: Application, announce: Callable[[], None]) -> Application:
    """Wrap an ASGI application so that `announce` is called once it has started."""

    async def wrapped(scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        async def sending(message: Any) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                announce()

        await app(scope, receive, sending if scope["type"] == "lifespan" else send)

    return wrapped


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
