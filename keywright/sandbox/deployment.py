"""Synthesizes and deploys with the project's app and the CDK command line, each in its own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from keywright.cdk.command_line import cdk_command
from keywright.cdk.process import started
from keywright.cdk.project import app_command, context_of
from keywright.live.passes.first_pass import MovingError, write_first_pass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from mypy_boto3_cloudformation import CloudFormationClient

POLL_OFTEN = f'--require "{Path(__file__).with_name("poll_often.cjs")}"'
"""`NODE_OPTIONS` for the sandbox; in a real account, such frequent polling would be throttled."""


class StepFailed(Exception):  # noqa: N818 - the event's name
    """A step ended with a nonzero exit code; `output` is all that it printed."""

    def __init__(self, step: str, code: int, output: str) -> None:
        super().__init__(f"{step} ended with exit code {code}\n{output[-4000:]}")
        self.step = step
        self.code = code
        self.output = output


def _silent(_line: str) -> None:
    """Ignore a line."""


@dataclass(frozen=True)
class Deployment:
    """One folder of declarations, deployed into the account that `environment` points at."""

    access: Path
    output: Path
    environment: Mapping[str, str]
    today: date | None = None
    sandbox: bool = True
    role_arn: str = ""
    """The execution role of CloudFormation; without one it uses the caller's permissions."""
    tell: Callable[[str], None] = _silent
    """Called with each line as it is printed."""
    project: Path = field(default_factory=Path.cwd)
    """The folder with `cdk.json`."""

    def synthesize(self) -> str:
        """Write the cloud assembly and check the guardrails.

        Raises:
            StepFailed: No app, a mistake in a declaration, or a finding of a guardrail.
        """
        command = app_command(self.project)
        if command is None:
            message = f"{self.project / 'cdk.json'}: no app; accepted: `app`, such as `python app.py`"
            raise StepFailed("synthesis", 2, message)
        # The CDK, too, leaves the command to the shell.
        return self._run("synthesis", ["/bin/sh", "-c", command], self.context())

    def context(self) -> dict[str, str]:
        """Give the environment variables with the context of the app."""
        context = context_of(self.project)
        context |= {"access": str(self.access.resolve()), "sandbox": str(self.sandbox).lower()}
        if self.today is not None:
            context["today"] = self.today.isoformat()
        return {
            "CDK_CONTEXT_JSON": json.dumps(context),
            "CDK_OUTDIR": str(self.output.resolve()),
            # The CDK's built-in validation takes 3 to 6 s in each process; `make test` runs it once.
            "CDK_VALIDATION": "false",
        }

    def deploy(self, stacks: Sequence[str] = ()) -> str:
        """Deploy all stacks, or those named.

        Raises:
            StepFailed: The CDK command line or CloudFormation failed.
        """
        if stacks:
            return self._deploy(stacks, self.output)
        return "".join(self._deploy(["--all"], assembly) for assembly in self._passes())

    def _passes(self) -> list[Path]:
        """Give the assemblies to deploy in turn: groups are deleted in the last one, after their members have left."""
        first = self.output.with_name(f"{self.output.name}.first")
        formation = self._formation()
        try:
            kept = write_first_pass(self.output, first, formation)
        except (ClientError, MovingError) as error:
            raise StepFailed("deployment", 1, str(error)) from error
        finally:
            formation.close()
        return [first, self.output] if kept else [self.output]

    def _formation(self) -> CloudFormationClient:
        known = self.environment
        session = boto3.Session(
            aws_access_key_id=known.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=known.get("AWS_SECRET_ACCESS_KEY"),
            aws_session_token=known.get("AWS_SESSION_TOKEN"),
            region_name=known.get("AWS_REGION"),
        )
        return session.client("cloudformation", endpoint_url=known.get("AWS_ENDPOINT_URL"))

    def _deploy(self, stacks: Sequence[str], assembly: Path) -> str:
        options = [
            "--require-approval",
            "never",
            "--method",
            # A change set for each stack would take more requests and time.
            "direct",
            "--concurrency",
            "4",
            "--progress",
            "events",
        ]
        return self._cdk("deployment", ["deploy", *stacks, *options], assembly)

    def destroy(self) -> str:
        """Delete all stacks; only the sandbox's variant allows that.

        Raises:
            StepFailed: A stack could not be deleted.
        """
        return self._cdk("removal", ["destroy", "--all", "--force"], self.output)

    def difference(self) -> str:
        """Give the output of `cdk diff` for a deployment."""
        return self._cdk("difference", ["diff", "--all", "--method", "template"], self.output)

    def _cdk(self, step: str, words: Sequence[str], assembly: Path) -> str:
        try:
            command = cdk_command(self.project)
        except ValueError as missing:
            raise StepFailed(step, 2, str(missing)) from missing
        role = ["--role-arn", self.role_arn] if self.role_arn and step != "difference" else []
        options = ["--app", str(assembly.resolve()), *role, "--no-notices", "--ci", "--no-color"]
        more = {"NODE_OPTIONS": POLL_OFTEN} if "AWS_ENDPOINT_URL" in self.environment else {}
        return self._run(step, [*command, *words, *options], more)

    def _run(self, step: str, command: Sequence[str], more: Mapping[str, str]) -> str:
        environment = {**_inherited(), **self.environment, **more}
        lines = []
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
        with started(command, self.project, environment, apart=True, **streams) as process:
            for line in process.stdout or ():
                lines.append(line)
                self.tell(line.rstrip())
        if process.returncode:
            raise StepFailed(step, process.returncode, "".join(lines))
        return "".join(lines)


def _inherited() -> dict[str, str]:
    """Give this process's environment without variables that could reach a real account.

    The app's `python` is the interpreter of this process, as in an activated virtual environment.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "CDK_"))}
    programs = str(Path(sys.executable).parent)
    return kept | {"PATH": os.pathsep.join([programs, os.environ.get("PATH", os.defpath)])}
