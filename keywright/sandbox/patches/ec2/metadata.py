"""The instance metadata service, version 2, of every instance of the account, each on a port of the loopback interface.

AWS: "Use the Instance Metadata Service to access instance metadata", "Retrieve security credentials from instance
metadata" in the Amazon EC2 User Guide. A token is always required (as with `HttpTokens: required`), the credentials are
those of the role in the profile that the instance has now, and STS accepts them. The emulator's own metadata service
belongs to no instance, needs no token, and returns credentials that no service accepts. Not emulated: the hop limit, and
that only the instance reaches the address.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from keywright.sandbox.client.control import ControlRefused
from keywright.sandbox.loopback import HOST
from keywright.sandbox.patches.emulator import instance_profiles, instances, request_scope, roles
from keywright.sandbox.patches.hooks import home_account, home_region, on_reset
from keywright.sandbox.patches.sts.assume_role import role_session
from keywright.sandbox.patches.sts.service_roles import EC2_SERVICE, trusts_service

LONGEST_TOKEN = 21_600
SESSION = timedelta(hours=6)
REFRESH = timedelta(minutes=10)
TTL = "X-aws-ec2-metadata-token-ttl-seconds"
TOKEN = "X-aws-ec2-metadata-token"  # noqa: S105 - a header's name
_CREDENTIALS = "meta-data/iam/security-credentials"
_services: dict[str, _Service] = {}


def register() -> None:
    """End the services with the account."""
    on_reset(_end_all)


def serve(question: dict[str, Any]) -> dict[str, Any]:
    """Serve an instance's metadata (`instance_id`), and give the endpoint."""
    instance_id = question["instance_id"]
    with request_scope(home_account(), home_region()):
        if instance_id not in instances:
            raise ControlRefused("InvalidInstanceID.NotFound", f"the account has no instance `{instance_id}`")
    if instance_id not in _services:
        _services[instance_id] = _Service(instance_id)
    return {"endpoint": _services[instance_id].endpoint}


def _end_all() -> None:
    while _services:
        _, service = _services.popitem()
        service.shutdown()
        service.server_close()


class _Service(ThreadingHTTPServer):
    """One instance's metadata."""

    # A client that keeps its connection open must not keep the process alive.
    daemon_threads = True

    def __init__(self, instance_id: str) -> None:
        super().__init__((HOST, 0), _RequestHandler)
        self.instance_id = instance_id
        self.tokens: dict[str, float] = {}
        self.issued: _IssuedCredentials | None = None
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self.server_address[1]}"

    def credentials(self, role: dict[str, Any]) -> dict[str, Any]:
        """Give the role's temporary credentials, the same ones until shortly before they expire."""
        if self.issued is None or not self.issued.serves(role):
            instance = f"arn:aws:ec2:{home_region()}:{home_account()}:instance/{self.instance_id}"
            session = role_session(
                role, self.instance_id, int(SESSION.total_seconds()), keys={"ec2:sourceinstancearn": instance}
            )
            self.issued = _IssuedCredentials(role["RoleId"], session["Credentials"])
        return self.issued.document()


@dataclass(frozen=True)
class _IssuedCredentials:
    """Credentials issued to an instance."""

    role_id: str
    credentials: dict[str, Any]
    issued: datetime = field(default_factory=lambda: datetime.now(UTC))

    def serves(self, role: dict[str, Any]) -> bool:
        ends: datetime = self.credentials["Expiration"]
        # Compared by id: a re-created role of the same name needs new credentials.
        return bool(self.role_id == role["RoleId"]) and datetime.now(UTC) < ends - REFRESH

    def document(self) -> dict[str, Any]:
        return {
            "Code": "Success",
            "LastUpdated": _written(self.issued),
            "Type": "AWS-HMAC",
            "AccessKeyId": self.credentials["AccessKeyId"],
            "SecretAccessKey": self.credentials["SecretAccessKey"],
            "Token": self.credentials["SessionToken"],
            "Expiration": _written(self.credentials["Expiration"]),
        }


class _RequestHandler(BaseHTTPRequestHandler):
    """One request to an instance's metadata."""

    server: _Service
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Log nothing: a path can name a role, a header has a token."""

    def do_PUT(self) -> None:
        """Give a token, unless a proxy forwards the request."""
        ttl = self.headers.get(TTL, "")
        if self.path != "/latest/api/token":
            self._say(404)
        # "Use the Instance Metadata Service to access instance metadata": such a request comes through a
        # proxy, which could be open to others.
        elif self.headers.get("X-Forwarded-For"):
            self._say(403)
        elif not ttl.isdigit() or not 1 <= int(ttl) <= LONGEST_TOKEN:
            self._say(400)
        else:
            token = secrets.token_urlsafe(40)
            self.server.tokens[token] = time.monotonic() + int(ttl)
            self._say(200, token, **{TTL: ttl})

    def do_GET(self) -> None:
        """Answer requests with a valid token."""
        token = self.headers.get(TOKEN, "")
        if self.server.tokens.get(token, 0) < time.monotonic():
            self._say(401)
            return
        with request_scope(home_account(), home_region()):
            content = _content(self.server, self.path.removeprefix("/latest/").strip("/"))
        if content is None:
            self._say(404)
        else:
            self._say(200, content if isinstance(content, str) else json.dumps(content, indent=2))

    def _say(self, status: int, content: str = "", **headers: str) -> None:
        body = content.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _content(service: _Service, path: str) -> Any:
    """Give the content of a metadata path: a text, an object, or None."""
    instance = instances.get(service.instance_id)
    if instance is None or instance["State"]["Name"] != "running":
        return None
    if path.startswith("meta-data/iam"):
        return _identity(service, instance, path)
    zone = instance["Placement"]["AvailabilityZone"]
    known = {
        "meta-data/instance-id": instance["InstanceId"],
        "meta-data/instance-type": instance["InstanceType"],
        "meta-data/ami-id": instance["ImageId"],
        "meta-data/local-ipv4": instance["PrivateIpAddress"],
        "meta-data/placement/availability-zone": zone,
        "meta-data/placement/region": home_region(),
        "meta-data/services/domain": "amazonaws.com",
        "user-data": base64.b64decode(instance.get("UserData") or "").decode("utf-8", "replace") or None,
        "dynamic/instance-identity/document": {
            "accountId": home_account(),
            "region": home_region(),
            "availabilityZone": zone,
            "instanceId": instance["InstanceId"],
            "instanceType": instance["InstanceType"],
            "imageId": instance["ImageId"],
            "privateIp": instance["PrivateIpAddress"],
            "architecture": "x86_64",
            "version": "2017-09-30",
        },
    }
    return known.get(path) or _listing(path, known)


def _listing(path: str, known: dict[str, Any]) -> str | None:
    below = {name[len(path) :].strip("/").split("/")[0] for name in known if name.startswith(f"{path}/")}
    return "\n".join(sorted(below)) or None


def _identity(service: _Service, instance: dict[str, Any], path: str) -> Any:
    profile = _profile(instance)
    role = roles.get(profile["Roles"][0]) if profile and profile["Roles"] else None
    if profile is None or role is None:
        return None
    known = {
        "meta-data/iam": "info\nsecurity-credentials/",
        "meta-data/iam/info": {
            "Code": "Success",
            "LastUpdated": _written(datetime.now(UTC)),
            "InstanceProfileArn": profile["Arn"],
            "InstanceProfileId": profile["InstanceProfileId"],
        },
        _CREDENTIALS: role["RoleName"],
    }
    if path == f"{_CREDENTIALS}/{role['RoleName']}":
        return _credentials(service, role)
    return known.get(path)


def _credentials(service: _Service, role: dict[str, Any]) -> dict[str, Any]:
    if trusts_service(role, EC2_SERVICE):
        return service.credentials(role)
    message = f"EC2 cannot assume the role {role['RoleName']}."
    return {
        "Code": "AssumeRoleUnauthorizedAccess",
        "Message": message,
        "LastUpdated": _written(datetime.now(UTC)),
    }


def _profile(instance: dict[str, Any]) -> dict[str, Any] | None:
    """Give the instance's current profile by id: a recreated one of the same name is another profile."""
    attached = instance.get("IamInstanceProfile") or {}
    return next(
        (each for each in instance_profiles.values() if each["InstanceProfileId"] == attached.get("Id")), None
    )


def _written(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
