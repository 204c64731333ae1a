"""The account that is edited and disturbed, and what must hold after every deployment."""

from __future__ import annotations

import os
import random
import threading
import time
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from access_stacks import app
from keywright.live.verification.verify import verify
from keywright.model.reading import read
from keywright.reporting.finding import Severity
from keywright.sandbox.account import Sandbox
from keywright.sandbox.deployment import StepFailed
from keywright.sandbox.processes import end_server
from tests.e2e.world import ACCOUNT, REGION, World
from tests.soak.declared import KEPT_APPLICATION, KEPT_PERSON, Declared, regrant
from tests.soak.faults import deployed
from tests.soak.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.soak.faults import Fault

TODAY = date(2026, 11, 24)
TOO_LATE = "the fault came too late"
PATIENCE = 60.0
"""Seconds for CloudFormation to finish what it has begun."""


@dataclass
class Round:
    """One edit and its deployment, disturbed or not."""

    edit: str
    noticed: str
    looks: int
    unanswered: int
    seconds: float
    mistakes: list[str] = field(default_factory=list)


@dataclass
class Company:
    """A live account with its declarations."""

    world: World
    declared: Declared
    key: str = ""
    seconds: float = 0.0
    """How long the command line takes to deploy an edit: faults come at parts of it."""

    def start(self) -> None:
        """Deploy the first day, and one edit; a person changes her password and registers an MFA device."""
        self.declared.write(self.world.access)
        with _quiet():
            self.world.deploy()
        self.world.complete_onboarding(KEPT_PERSON)
        self.key = self._key()
        self.declared.edit(regrant)
        self.declared.write(self.world.access)
        with _quiet():
            assert app.run(self.world.sandbox.environment() | self.world.deployment().context()) == 0
            begun = time.monotonic()
            deployed(self.world.deployment())
        self.seconds = time.monotonic() - begun

    def play(self, fault: Fault | None = None) -> Round:
        """Make a random edit, deploy it disturbed, then once plainly, and look for mistakes all the while."""
        edit = self.declared.edit(fault.edit if fault else None)
        self.declared.write(self.world.access)
        begun = time.monotonic()
        with Watch(self.world) as watch:
            noticed = self._disturb(fault) if fault else ""
            mistakes = self._converge()
        result = Round(edit, noticed, len(watch.looks), watch.unanswered, time.monotonic() - begun, mistakes)
        result.mistakes += [*watch.mistakes(), *self._lasting()]
        return result

    def lose_account(self) -> Round:
        """Kill the account while it is deployed: its successor is empty, and one deployment brings back what is declared."""
        edit = self.declared.edit()
        self.declared.write(self.world.access)
        begun = time.monotonic()
        with _quiet():
            assert app.run(self.world.sandbox.environment() | self.world.deployment().context()) == 0
        results: list[str] = []
        deployment = self.world.deployment()
        thread = threading.Thread(target=lambda: results.append(deployed(deployment)))
        thread.start()
        time.sleep(self.seconds / 2)
        end_server(self.world.sandbox.state, 0)
        thread.join()
        self.world.sandbox.start()
        self.world = World(self.world.sandbox, self.world.access, TODAY)
        mistakes = self._converge()
        self.world.complete_onboarding(KEPT_PERSON)
        self.key = self._key()
        return Round(edit, results[0], 0, 0, time.monotonic() - begun, [*mistakes, *self._lasting()])

    def _disturb(self, fault: Fault) -> str:
        with _quiet():
            assert app.run(self.world.sandbox.environment() | self.world.deployment().context()) == 0
            noticed = fault.run(self.world)
        return f"{noticed}, {TOO_LATE}" if fault.stops and noticed.startswith("it succeeded") else noticed

    def _converge(self) -> list[str]:
        """Deploy once more, when CloudFormation has finished: that must succeed."""
        formation = self.world.client("cloudformation")
        deadline = time.monotonic() + PATIENCE
        while any(
            each["StackStatus"].endswith("_IN_PROGRESS") for each in formation.describe_stacks()["Stacks"]
        ):
            if time.monotonic() > deadline:
                return ["a stack does not come to rest"]
            time.sleep(0.1)
        try:
            with _quiet():
                self.world.deploy()
        except StepFailed as error:
            return [f"the next deployment fails: {error.output[-600:]}"]
        return []

    def _lasting(self) -> Iterator[str]:
        """Say what differs from the declarations, and what was lost of a password, an MFA device or a key."""
        reading = read(self.world.access, TODAY)
        assert reading.declarations is not None, reading.findings
        iam = self.world.client("iam")
        for finding in verify(reading.declarations, iam, reading.places, today=TODAY):
            if finding.severity is Severity.ERROR:
                yield f"declared and live differ: {finding.message}; found {finding.found}"
        try:
            self.world.sign_in(KEPT_PERSON)
        except Exception as error:  # noqa: BLE001 - whatever it is, she can't sign in
            yield f"the password or MFA device of {KEPT_PERSON} is lost: {error}"
        if self._key() != self.key:
            yield f"the key of {KEPT_APPLICATION} was replaced"

    def _key(self) -> str:
        keys = self.world.client("iam").list_access_keys(UserName=KEPT_APPLICATION)["AccessKeyMetadata"]
        return " ".join(each["AccessKeyId"] for each in keys)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the guardrails' report of each synthesis out of the output."""
    with Path(os.devnull).open("w") as nothing, redirect_stdout(nothing), redirect_stderr(nothing):
        yield


@contextmanager
def company(folder: Path, seed: int) -> Iterator[Company]:
    """Run an account with the declarations of the first day deployed."""
    with Sandbox(folder / "account", ACCOUNT, REGION) as sandbox:
        made = Company(World(sandbox, folder / "access", TODAY), Declared(random.Random(seed)))
        made.start()
        yield made
        made.world.close()
