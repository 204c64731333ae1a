"""One live account that a test edits as a person would: change a declaration, deploy, look from outside by boto3."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from access_stacks import app
from keywright.sandbox.client.authenticator import Authenticator
from keywright.sandbox.client.console import Credentials, sign_in
from keywright.sandbox.deployment import Deployment

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from keywright.sandbox.account import Sandbox

ACCOUNT = "111111111111"
REGION = "eu-central-1"
REFUSALS = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"}
UNKNOWN = {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"}
OWN_PASSWORD = "correct horse battery staple 1A!"

Keys = tuple[str, ...]


@dataclass
class World:
    """The sandbox, the folder of declarations deployed into it, and what its people have on them."""

    sandbox: Sandbox
    access: Path
    today: date
    path: str = "/access/"
    authenticators: dict[str, Authenticator] = field(default_factory=dict)
    _clients: dict[tuple[str, Keys], Any] = field(default_factory=dict)

    def edit(self, file: str, before: str, after: str) -> None:
        """Replace one place of one declaration; a place that is not there exactly once is a mistake of the test."""
        path = self.access / file
        text = path.read_text()
        assert text.count(before) == 1, f"`{before}` stands {text.count(before)} times in {file}"
        path.write_text(text.replace(before, after))

    def deploy(self) -> str:
        """Deploy as `app.py` and the CDK command line do, with `app.py` in this process, where the CDK is loaded already."""
        deployment = self.deployment()
        if app.run(self.sandbox.environment() | deployment.context()):
            deployment.synthesize()
        return deployment.deploy()

    def deployment(self, environment: dict[str, str] | None = None) -> Deployment:
        reached = environment or self.sandbox.environment()
        return Deployment(self.access, self.sandbox.state / "cdk.out", reached, self.today)

    @property
    def root_keys(self) -> Keys:
        environment = self.sandbox.environment()
        return environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]

    def client(self, service: str, keys: Keys | Credentials | None = None) -> Any:
        """Return a client: the root's, somebody's, or with `()` an anonymous one."""
        if isinstance(keys, Credentials):
            keys = (keys.access_key_id, keys.secret_access_key, keys.session_token)
        chosen = self.root_keys if keys is None else keys
        if (service, chosen) not in self._clients:
            names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
            unsigned = {} if chosen else {"signature_version": UNSIGNED}
            self._clients[service, chosen] = boto3.client(
                service,
                endpoint_url=self.sandbox.endpoint,
                region_name=self.sandbox.region,
                config=Config(
                    retries={"max_attempts": 1}, proxies={}, s3={"addressing_style": "path"}, **unsigned
                ),
                **dict(zip(names, chosen, strict=False)),
            )
        return self._clients[service, chosen]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def secret(self, name: str) -> dict[str, str]:
        return json.loads(self.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])

    def first_password(self, user: str) -> str:
        return self.secret(f"keywright/first-password/{user}")["password"]

    def sign_in(self, user: str, password: str = OWN_PASSWORD, **more: Any) -> Credentials:
        """Sign in at the console, with a fresh code where the person has an authenticator."""
        if user in self.authenticators:
            more.setdefault("code", self.authenticators[user].code())
        return sign_in(self.sandbox.endpoint, user, password, **more)

    def complete_onboarding(self, user: str) -> Credentials:
        """Follow the onboarding sheet: change the first password, register an MFA device, sign in with it."""
        before = self.sign_in(user, self.first_password(user), new_password=OWN_PASSWORD)
        self.enrol(user, before)
        return self.sign_in(user)

    def enrol(self, user: str, session: Keys | Credentials) -> None:
        iam = self.client("iam", session)
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName=user)["VirtualMFADevice"]
        authenticator = Authenticator(self.sandbox.endpoint, device["Base32StringSeed"])
        first, second = authenticator.two_codes()
        iam.enable_mfa_device(
            UserName=user,
            SerialNumber=device["SerialNumber"],
            AuthenticationCode1=first,
            AuthenticationCode2=second,
        )
        self.authenticators[user] = authenticator

    def assume(self, role: str, keys: Keys | Credentials, **more: Any) -> Keys:
        arn = f"arn:aws:iam::{self.sandbox.account_id}:role{self.path}{role}"
        answer = self.client("sts", keys).assume_role(RoleArn=arn, RoleSessionName="story", **more)
        return keys_of(answer)

    def groups_of(self, user: str) -> set[str]:
        return {
            each["GroupName"] for each in self.client("iam").list_groups_for_user(UserName=user)["Groups"]
        }

    def users(self) -> set[str]:
        return {each["UserName"] for each in self.client("iam").list_users(PathPrefix=self.path)["Users"]}


def keys_of(answer: dict[str, Any]) -> Keys:
    given = answer["Credentials"]
    return given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]


def bucket(declared: str) -> str:
    return f"{declared}-{ACCOUNT}-{REGION}-an"


def role_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/access/{name}"


def error_of(call: Any, /, **arguments: Any) -> str:
    """Return the code of AWS's error, or nothing where it answers."""
    try:
        call(**arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def refused(call: Any, /, **arguments: Any) -> bool:
    """Return whether AWS denies access; any other error is a mistake of the test."""
    code = error_of(call, **arguments)
    assert code in REFUSALS | {""}, code
    return bool(code)
