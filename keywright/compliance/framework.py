"""A framework's controls, as its file tells them: number, title in our words, how it is judged, what is left to look at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

_FILES = {"cis-aws-foundations-5.0.0": "cis_aws_foundations_5_0_0.yaml"}
FRAMEWORKS = tuple(_FILES)
"""The frameworks that there are, the first one unless another is asked for."""


@dataclass(frozen=True)
class ByHand:
    """How to see for oneself in the account: a command, what it must show, and the page of the console."""

    command: str
    seen: str
    console: str


@dataclass(frozen=True)
class Control:
    """One control; `judged_by` names what judges it, or is empty where no template holds it, and `why` says so."""

    id: str
    title: str
    level: int
    by_hand: ByHand
    judged_by: str = ""
    why: str = ""


@dataclass(frozen=True)
class Framework:
    """A version of a framework, as far as it is about identities."""

    name: str
    version: str
    section: str
    controls: tuple[Control, ...]

    @property
    def label(self) -> str:
        """Name it with its version and section."""
        return f"{self.name} {self.version}, section {self.section}"


@cache
def framework(name: str = FRAMEWORKS[0]) -> Framework:
    """Read a framework by its name."""
    content = yaml.safe_load(Path(__file__).with_name(_FILES[name]).read_text("utf-8"))
    controls = tuple(map(_control, content["controls"]))
    return Framework(content["name"], content["version"], content["section"], controls)


def _control(content: dict[str, Any]) -> Control:
    return Control(**{**content, "by_hand": ByHand(**content["by_hand"])})
