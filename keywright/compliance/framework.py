"""The controls of a framework, read from its YAML file: number, title, check, and how to verify it in the account."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

_FILES = {"cis-aws-foundations-5.0.0": "cis_aws_foundations_5_0_0.yaml"}
FRAMEWORKS = tuple(_FILES)
"""The known frameworks; the first is the default."""


@dataclass(frozen=True)
class ByHand:
    """How to verify a control in the account: a command, its expected output, and the page of the console."""

    command: str
    seen: str
    console: str


@dataclass(frozen=True)
class Control:
    """One control. `check` names its check; without one, `why` says why no template can show it."""

    id: str
    title: str
    level: int
    by_hand: ByHand
    check: str = ""
    why: str = ""


@dataclass(frozen=True)
class Framework:
    """The part of a framework's version that is about identities."""

    name: str
    version: str
    section: str
    controls: tuple[Control, ...]

    @property
    def label(self) -> str:
        """Return its name with version and section."""
        return f"{self.name} {self.version}, section {self.section}"


@cache
def framework(name: str = FRAMEWORKS[0]) -> Framework:
    """Read a framework by its name."""
    content = yaml.safe_load(Path(__file__).with_name(_FILES[name]).read_text("utf-8"))
    controls = tuple(map(_control, content["controls"]))
    return Framework(content["name"], content["version"], content["section"], controls)


def _control(content: dict[str, Any]) -> Control:
    return Control(**{**content, "by_hand": ByHand(**content["by_hand"])})
