"""Declared exceptions as acknowledgements: which id covers one finding of one rule, and which exceptions cover none.

cdk-nag takes an empty reason, an id that covers many findings, and one that covers nothing, without a word. So each
exception is recorded beside the templates, and the verdict counts what it really covered.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from keywright.guardrails.rule import all_rules
from keywright.model.source.places import Places
from keywright.model.source.yaml_tree import plain
from keywright.reporting.finding import Finding, Location, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from pathlib import Path

    from keywright.model.exceptions import FindingException

PLUGIN = "Keywright"
RECORD = "keywright.json"
"""The file beside the manifest in which a synthesis says what was accepted, and whose templates it made."""

PACKS = {
    "AwsSolutions": "AwsSolutionsChecks",
    "HIPAA.Security": "HIPAASecurityChecks",
    "NIST.800.53.R5": "NIST80053R5Checks",
    "PCI.DSS.321": "PCIDSS321Checks",
}
"""Rule packs by the name that declarations use, and the classes of cdk-nag."""

UNREADABLE = "unreadable"
"""What stands for a rule's code where a template could not be read."""

NOWHERE = Location("exceptions")
"""Where an exception stands that was declared in Python."""

_IN_IDS = str.maketrans({"[": "<", "(": "<", "{": "<", "]": ">", ")": ">", "}": ">", " ": "-", "`": None})


@dataclass(frozen=True)
class Acknowledgement:
    """One exception as it was attached. `problem` says why it covers nothing; `id` is "" then."""

    rule: str
    on: str
    finding: str
    because: str
    until: str
    construct_path: str = ""
    id: str = ""
    problem: str = ""
    location: Location = NOWHERE

    @classmethod
    def of_json(cls, content: Mapping[str, Any]) -> Acknowledgement:
        """Read what a record holds.

        Raises:
            TypeError: It is no acknowledgement.
        """
        return cls(**{**content, "location": Location(**content["location"])})

    @property
    def label(self) -> str:
        """Name the exception for people."""
        return f"exception from {self.rule} on `{self.on}`"


@dataclass(frozen=True)
class Record:
    """What a synthesis leaves for its verdict.

    `declared` are the names that exceptions may use, each with the place where it is declared, if that is a file.
    """

    own: bool
    acknowledgements: tuple[Acknowledgement, ...] = ()
    declared: Mapping[str, Location | None] = field(default_factory=dict)

    def write(self, outdir: Path) -> None:
        """Write the record into the assembly's folder."""
        outdir.mkdir(parents=True, exist_ok=True)
        (outdir / RECORD).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, outdir: Path) -> Record | None:
        """Read the record of an assembly; None where no synthesis of ours left one."""
        try:
            content = json.loads((outdir / RECORD).read_text(encoding="utf-8"))
            given = tuple(Acknowledgement.of_json(each) for each in content["acknowledgements"])
            declared = {name: Location(**at) if at else None for name, at in content["declared"].items()}
            return cls(bool(content["own"]), given, declared)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None


def finding_id(rule: str, found: str) -> str:
    """Give the id by which one finding of one of our rules is reported, such as `TRU002[account-222222222222]`.

    The part in brackets is what the finding found, with spaces as hyphens and without backticks.
    """
    return f"{rule}[{found.translate(_IN_IDS)}]" if found else rule


def id_of(finding: Finding) -> str:
    """Give a finding's id; what cannot be told has another one than the fault that it may turn out to be."""
    when_undecided = (
        f"cannot tell {finding.found}".rstrip() if finding.outcome is Outcome.UNDECIDED else finding.found
    )
    return finding_id(finding.rule or UNREADABLE, when_undecided)


_SECTIONS = {
    "user": "users",
    "group": "groups",
    "role": "roles",
    "bucket": "buckets",
    "workload": "workloads",
    "permissionset": "permission_sets",
}


def declared_locations(names: Iterable[str], places: Places | None) -> dict[str, Location | None]:
    """Find where names such as `role/vendor` are declared; None for what was declared in Python."""
    return {name: _declared_at(name, places or Places()) for name in names}


def _declared_at(name: str, places: Places) -> Location | None:
    word, _, own = name.partition("/")
    path = (_SECTIONS.get(word, ""), own)
    return places.key(*path) if len(places.along(path)) > len(path) else None


def acknowledge(
    exceptions: Iterable[FindingException],
    constructs: Mapping[str, str],
    today: date | None,
    places: Places | None = None,
) -> tuple[Acknowledgement, ...]:
    """Make acknowledgements of exceptions.

    `constructs` gives the paths of declared things by name, `places` the lines on which the exceptions stand.
    """
    written = exception_locations(places or Places())
    return tuple(
        _acknowledgement(each, constructs, today, written.get(exception_key(each), NOWHERE))
        for each in exceptions
    )


_Key = tuple[Any, Any, Any]


def exception_key(exception: FindingException) -> _Key:
    """Tell declared exceptions apart."""
    return exception.rule, exception.on, exception.finding


def exception_locations(places: Places) -> dict[_Key, Location]:
    """Find the declared exceptions by what they say: those that have ended are no longer among the others."""
    _, listed, key = places.along(("exceptions",))[-1]
    items = plain(listed) if key is not None else ()
    return {
        (item.get("rule"), item.get("on"), item.get("finding")): places.at("exceptions", index)
        for index, item in enumerate(items)
    }


def _acknowledgement(
    exception: FindingException, constructs: Mapping[str, str], today: date | None, location: Location
) -> Acknowledgement:
    finding, path = exception.finding or "", constructs.get(exception.on)
    identity, problem = _id(exception.rule, finding)
    if path is None:
        problem = f"`{exception.on}` is not declared"
    elif not exception.because.strip():
        problem = "it gives no reason"
    elif today is not None and exception.until < today:
        problem = f"it ended on {exception.until}"
    return Acknowledgement(
        rule=exception.rule,
        on=exception.on,
        finding=finding,
        because=exception.because,
        until=exception.until.isoformat(),
        construct_path=path or "",
        id="" if problem else identity,
        problem=problem,
        location=location,
    )


def _id(rule: str, finding: str) -> tuple[str, str]:
    """Give the namespaced id that leaves a trace in the report, or why there is none."""
    if rule in all_rules():
        return f"{PLUGIN}::{finding_id(rule, finding)}", "" if finding else "it does not say which finding"
    pack = next((pack for pack in PACKS if rule.startswith(f"{pack}-")), None)
    if pack is None:
        return "", f"there is no rule {rule}"
    if not _is_balanced(finding):
        return "", "its finding has a bracket without its partner"
    return f"{pack}::{rule}[{finding}]" if finding else f"{pack}::{rule}", ""


def _is_balanced(finding: str) -> bool:
    expected: list[str] = []
    for each in finding:
        if each in "[({":
            expected.append({"[": "]", "(": ")", "{": "}"}[each])
        elif each in "])}" and (not expected or expected.pop() != each):
            return False
    return not expected
