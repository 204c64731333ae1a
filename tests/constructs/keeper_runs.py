"""A fake CloudFormation for the keeper's function: sends events, and records answers and calls."""

from __future__ import annotations

import importlib.util
import json
import threading
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest

import access_constructs

SOURCE = Path(access_constructs.__file__).parent / "keeper" / "index.py"


def source_as_module():
    """Load the function's source as Lambda does, as a separate file."""
    spec = importlib.util.spec_from_file_location("keeper_function", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Context:
    """The context object that Lambda passes to a function."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(max(self._end - time.monotonic(), 0) * 1000)


@contextmanager
def answers():
    """Listen at the response URL; gives the address and the list of answers so far."""
    received: list[dict[str, Any]] = []

    class Mailbox(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Mailbox)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Keeper:
    """The function in this process, its answers and its calls."""

    module: Any
    address: str
    received: list[dict[str, Any]]
    stack_id: str = ""
    calls: list[str] = field(default_factory=list)

    def send(self, resource_type, request_type, *, physical_id=None, seconds=110, address=None, **properties):
        """Send one event and give the answer."""
        event = {
            "ResourceType": f"Custom::{resource_type}",
            "RequestType": request_type,
            "RequestId": str(uuid.uuid4()),
            "StackId": self.stack_id,
            "LogicalResourceId": resource_type,
            "ResponseURL": address or self.address,
            "ResourceProperties": {"ServiceToken": "-", "ServiceTimeout": "300", **properties},
        }
        if physical_id is not None:
            event["PhysicalResourceId"] = physical_id
        self.calls.clear()
        self.module.handler(event, Context(seconds))
        answer = self.received[-1]
        assert (answer["RequestId"], answer["StackId"]) == (event["RequestId"], event["StackId"])
        return answer


SERVICES = ("iam", "secretsmanager", "cloudformation")


@contextmanager
def keeping(environment, **more):
    """Run the function with these variables and new clients, and record its calls and answers."""
    with pytest.MonkeyPatch.context() as patch, answers() as (address, received):
        for name, value in {**environment, **more}.items():
            patch.setenv(name, value)
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        keeper = Keeper(source_as_module(), address, received)
        keeper.module.LOGIN_SECONDS = 0
        for service in SERVICES:
            events = keeper.module.client(service).meta.events
            events.register("before-call", lambda model, **_: keeper.calls.append(model.name))
        yield keeper
        for service in SERVICES:
            keeper.module.client(service).close()
