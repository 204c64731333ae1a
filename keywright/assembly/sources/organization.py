"""The control policies that limit an assembly's account, recorded beside its templates by the synthesis.

No template has them. They state what an organization is expected to enforce: questions about the present access apply
them; a review does not use them to hide gained access.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keywright.policy.parsing.control_policies import FULL_ACCESS, Control, full_access, read_control_policy
from keywright.policy.statement import Effect
from keywright.reporting.finding import Finding, Location

if TYPE_CHECKING:
    from pathlib import Path

    from keywright.policy.statement import Document, Statement

RECORD = "keywright-organization.json"
LARGEST = 4 << 20
"""Bytes of the record."""
MOST_LEVELS, MOST_POLICIES = 7, 20


@dataclass(frozen=True)
class ControlLevel:
    """The root, an organizational unit or the account, with its attached policies."""

    name: str
    service_control: tuple[Document, ...] = ()
    resource_control: tuple[Document, ...] = ()


@dataclass(frozen=True)
class Organization:
    """The levels from the root down to `account`. `findings` state why a record cannot be used."""

    account: str = ""
    levels: tuple[ControlLevel, ...] = ()
    findings: tuple[Finding, ...] = field(default=())

    @property
    def service_control(self) -> tuple[tuple[Document, ...], ...]:
        """Give the service control policies, by level; empty if no level has any."""
        found = tuple(each.service_control for each in self.levels)
        return found if any(found) else ()

    @property
    def resource_control(self) -> tuple[tuple[Document, ...], ...]:
        """Give the resource control policies, by level."""
        found = tuple(each.resource_control for each in self.levels)
        return found if any(found) else ()

    @property
    def denied(self) -> tuple[Statement, ...]:
        """Give the Deny statements of resource control policies, of all levels."""
        return tuple(
            statement
            for level in self.resource_control
            for each in level
            for statement in each.statements
            if statement.effect is Effect.DENY
        )

    def write(self, outdir: Path) -> None:
        """Write the record to an assembly's folder; without any levels, remove an old one."""
        file = outdir / RECORD
        if not self.levels:
            file.unlink(missing_ok=True)
            return
        outdir.mkdir(parents=True, exist_ok=True)
        content = {"account": self.account, "levels": list(map(_as_json, self.levels))}
        file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


NO_ORGANIZATION = Organization()


def _as_json(level: ControlLevel) -> dict[str, Any]:
    return {
        "level": level.name,
        **{
            key: [{"file": each.file, "policy": each.to_json()} for each in getattr(level, key)]
            for key in ("service_control", "resource_control")
        },
    }


def read_organization(outdir: Path) -> Organization:
    """Read the record in an assembly's folder; any other content is a finding."""
    file = outdir / RECORD
    try:
        if not file.is_file() or file.is_symlink():
            return NO_ORGANIZATION
        if file.stat().st_size > LARGEST:
            return _unusable(file, "the file is too large")
        content = json.loads(file.read_text(encoding="utf-8"))
        return _read(content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _unusable(file, "the control policies cannot be read")


def _read(content: Any) -> Organization:
    account, levels = content["account"], content["levels"]
    if not isinstance(account, str) or not 0 < len(levels) <= MOST_LEVELS:
        raise ValueError(levels)
    return Organization(account, tuple(map(_level, levels)))


def _unusable(file: Path, message: str) -> Organization:
    wrong = Finding(Location(str(file)), message, accepted="the file as the synthesis wrote it")
    return Organization(findings=(wrong,))


def _level(content: Any) -> ControlLevel:
    name = content["level"]
    # The name is displayed.
    if not isinstance(name, str) or not name.isprintable():
        raise TypeError(name)
    return ControlLevel(
        name,
        _documents(content["service_control"], Control.SERVICE),
        _documents(content["resource_control"], Control.RESOURCE),
    )


def _documents(content: Any, control: Control) -> tuple[Document, ...]:
    if not isinstance(content, list) or len(content) > MOST_POLICIES:
        raise TypeError(content)
    return tuple(_document(each, control) for each in content)


def _document(content: Any, control: Control) -> Document:
    file = content["file"]
    if not isinstance(file, str) or not file.isprintable():
        raise TypeError(file)
    # AWS's own policy has no file to read again, so its content is compared.
    if file == FULL_ACCESS[control] and content["policy"] == full_access(control).to_json():
        return full_access(control)
    document, findings = read_control_policy(json.dumps(content["policy"]), file, control)
    # Read as strictly as the declared file: the record of a pull request is untrusted.
    if document is None or findings:
        raise ValueError(file)
    return document
