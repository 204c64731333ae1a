"""The invariants of an assembly, and the record of them beside its templates.

A synthesis writes the declared invariants into the folder of the assembly, so that a later check of the templates proves
the same, and a review reports a removed invariant.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from keywright.assembly.invariants.declaration import DeclaredInvariant
from keywright.assembly.sources.manifest import INVARIANTS_RECORD
from keywright.reporting.finding import Finding, Location

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LARGEST = 4 << 20
"""Maximum size of a file of invariants in bytes."""


@dataclass(frozen=True)
class Invariants:
    """Invariants to prove. `elsewhere` maps names of existing resources, which no template has, to ARNs.

    `findings` are about invalid parts of the declaration (errors) and doubtful ones (warnings).
    """

    declared: tuple[DeclaredInvariant, ...] = ()
    elsewhere: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    findings: tuple[Finding, ...] = ()

    def of(self, kind: str) -> tuple[DeclaredInvariant, ...]:
        """Return the invariants of a kind: `never` or `always`."""
        return tuple(each for each in self.declared if each.kind == kind)

    def and_also(self, other: Invariants) -> Invariants:
        """Return both together."""
        return Invariants(
            (*self.declared, *other.declared),
            {**self.elsewhere, **other.elsewhere},
            (*self.findings, *other.findings),
        )

    def write(self, outdir: Path) -> None:
        """Write the record into the folder of an assembly; without invariants, delete an old record."""
        file = outdir / INVARIANTS_RECORD
        if not self.declared:
            file.unlink(missing_ok=True)
            return
        outdir.mkdir(parents=True, exist_ok=True)
        content = {"invariants": list(map(_as_json, self.declared)), "names": dict(self.elsewhere)}
        file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


NO_INVARIANTS = Invariants()


def recorded_invariants(outdir: Path) -> Invariants:
    """Read the record in the folder of an assembly; an invalid file is a finding."""
    file = outdir / INVARIANTS_RECORD
    try:
        if not file.is_file():
            return NO_INVARIANTS
        if file.stat().st_size > LARGEST:
            return Invariants(findings=(_unusable(file, "the file is too large"),))
        content = json.loads(file.read_text(encoding="utf-8"))
        declared = tuple(map(_of_json, content["invariants"]))
        names = {str(name): str(arn) for name, arn in content["names"].items()}
    # A record that was changed by hand must fail the check, never pass it.
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Invariants(findings=(_unusable(file, "the invariants cannot be read"),))
    return Invariants(declared, names)


def _unusable(file: Path, message: str) -> Finding:
    return Finding(Location(str(file)), message, accepted="the file as the synthesis wrote it")


def _as_json(declared: DeclaredInvariant) -> dict[str, Any]:
    when = {operator: dict(keys) for operator, keys in declared.when.items()}
    return asdict(replace(declared, when=when))


def _of_json(content: Mapping[str, Any]) -> DeclaredInvariant:
    lists = {key: _texts(content[key]) for key in ("who", "can", "on", "excepting")}
    when = {
        str(operator): {str(key): _texts(values) for key, values in keys.items()}
        for operator, keys in content["when"].items()
    }
    if content["kind"] not in {"never", "always"}:
        raise ValueError(content["kind"])
    return DeclaredInvariant(
        kind=content["kind"],
        **lists,
        when=when,
        without_mfa=bool(content["without_mfa"]),
        words=str(content["words"]),
        location=Location(**content["location"]),
    )


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise TypeError(value)
    return tuple(value)
