"""Declared exceptions as CDK acknowledgements: the id of each, and why one cannot match anything.

cdk-nag silently accepts an empty reason, an id that matches many findings, and an id that matches none. So each exception
is recorded beside the templates, and the verdict counts the findings that it matched.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from keywright.guardrails.rule import all_rules
from keywright.model.account.break_glass import BREAK_GLASS
from keywright.model.source.places import Places
from keywright.model.source.yaml_tree import plain
from keywright.reporting.finding import Finding, Location, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date
    from pathlib import Path

    from keywright.model.exceptions import FindingException

PLUGIN = "Keywright"
RECORD = "keywright.json"
"""The file beside the manifest in which a synthesis records its exceptions, and whether the templates are ours."""

PACKS = {
    "AwsSolutions": "AwsSolutionsChecks",
    "HIPAA.Security": "HIPAASecurityChecks",
    "NIST.800.53.R5": "NIST80053R5Checks",
    "PCI.DSS.321": "PCIDSS321Checks",
}
"""The classes of cdk-nag's rule packs, by the names that declarations use."""

UNREADABLE = "unreadable"
"""The rule code of findings about templates that cannot be read."""

NOWHERE = Location("exceptions")
"""The location of exceptions that are declared in Python."""

_IN_IDS = str.maketrans({"[": "<", "(": "<", "{": "<", "]": ">", ")": ">", "}": ">", " ": "-", "`": None})


@dataclass(frozen=True)
class Acknowledgement:
    """One exception as it was attached. `problem` says why it cannot match anything; `id` is "" then."""

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
        """Read an acknowledgement of a record.

        Raises:
            TypeError: It is not an acknowledgement.
        """
        return cls(**{**content, "location": Location(**content["location"])})

    @property
    def label(self) -> str:
        """Return how messages name the exception."""
        return f"exception for {self.rule} on `{self.on}`"


@dataclass(frozen=True)
class Record:
    """What a synthesis records for the verdict.

    `declared` are the names that exceptions can use, each with the place of its declaration, if that is a file.
    `break_glass` is the break-glass role, if `break_glass` gives no reason to accept its findings.
    """

    own: bool
    acknowledgements: tuple[Acknowledgement, ...] = ()
    declared: Mapping[str, Location | None] = field(default_factory=dict)
    break_glass: str = ""

    def write(self, outdir: Path) -> None:
        """Write the record into the assembly's folder."""
        outdir.mkdir(parents=True, exist_ok=True)
        (outdir / RECORD).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, outdir: Path) -> Record | None:
        """Read the record of an assembly; None if no synthesis wrote one."""
        try:
            content = json.loads((outdir / RECORD).read_text(encoding="utf-8"))
            given = tuple(Acknowledgement.of_json(each) for each in content["acknowledgements"])
            declared = {name: Location(**at) if at else None for name, at in content["declared"].items()}
            return cls(bool(content["own"]), given, declared, str(content["break_glass"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None


def finding_id(rule: str, found: str) -> str:
    """Return the id of a finding in the CDK's report, such as `TRU002[account-222222222222]`.

    The part in brackets is the `found` text, with hyphens for spaces and without backticks.
    """
    return f"{rule}[{found.translate(_IN_IDS)}]" if found else rule


def id_of(finding: Finding) -> str:
    """Return the id of a finding; an undecided one has another id than the same finding as a fault."""
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
    """Return where names such as `role/vendor` are declared; None for what is declared in Python."""
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
    """Return the acknowledgements of exceptions.

    `constructs` maps declared names to construct paths, `places` gives the lines of the exceptions.
    """
    locate = exception_locator(places or Places())
    return tuple(_acknowledgement(each, constructs, today, locate(each)) for each in exceptions)


def exception_locator(places: Places) -> Callable[[FindingException], Location]:
    """Return a function that gives the location of an exception; one that is not listed follows from `break_glass`."""
    _, listed, key = places.along(("exceptions",))[-1]
    items = plain(listed) if key is not None else ()
    locations = {
        (item.get("rule"), item.get("on"), item.get("finding")): places.at("exceptions", index)
        for index, item in enumerate(items)
    }
    otherwise = places.key(*BREAK_GLASS) if len(places.along(BREAK_GLASS)) > len(BREAK_GLASS) else NOWHERE
    return lambda each: locations.get((each.rule, each.on, each.finding), otherwise)


def _acknowledgement(
    exception: FindingException, constructs: Mapping[str, str], today: date | None, location: Location
) -> Acknowledgement:
    finding, path = exception.finding or "", constructs.get(exception.on)
    identity, problem = _id(exception.rule, finding)
    if path is None:
        problem = f"`{exception.on}` is not declared"
    elif not exception.because.strip():
        problem = "it has no reason"
    elif today is not None and exception.until < today:
        problem = f"it expired on {exception.until}"
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
    """Return the namespaced id that appears in the report, or the problem if there is none."""
    if rule in all_rules():
        return f"{PLUGIN}::{finding_id(rule, finding)}", "" if finding else "it names no finding"
    pack = next((pack for pack in PACKS if rule.startswith(f"{pack}-")), None)
    if pack is None:
        return "", f"there is no rule {rule}"
    if not _is_balanced(finding):
        return "", "its finding has an unmatched bracket"
    return f"{pack}::{rule}[{finding}]" if finding else f"{pack}::{rule}", ""


def _is_balanced(finding: str) -> bool:
    expected: list[str] = []
    for each in finding:
        if each in "[({":
            expected.append({"[": "]", "(": ")", "{": "}"}[each])
        elif each in "])}" and (not expected or expected.pop() != each):
            return False
    return not expected
