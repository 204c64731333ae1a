"""Reading a folder of declarations, with all mistakes at their lines."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from keywright.model.action_lock import ActionLock
from keywright.model.checks import MOST, check, grants
from keywright.model.checks.consequences import without_consequences
from keywright.model.draft import draft
from keywright.model.source.folder import texts_of
from keywright.model.source.lock_file import LockReading, read_lock
from keywright.model.source.merging import merge
from keywright.model.source.places import Places
from keywright.model.source.secrets import without_secrets
from keywright.model.source.yaml_text import parse
from keywright.reporting.finding import Finding, Severity, in_reading_order

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from keywright.model.declarations import Declarations


@dataclass(frozen=True, slots=True)
class Reading:
    """The content of a folder.

    `declarations` is `None` if a finding is an error. `usable` is false if a part could not be read at all: no such
    folder, not YAML, too large.
    """

    declarations: Declarations | None
    findings: list[Finding]
    places: Places = field(default_factory=Places)
    usable: bool = True
    lock: ActionLock = field(default_factory=ActionLock)


def read(folder: Path, today: date, *, locked: bool = True, dates: Severity = Severity.WARNING) -> Reading:
    """Read the declarations of a folder, with dates judged on `today`; never raises because of its content.

    With `locked`, access levels that are not in the lock file are mistakes. A wrong date is only a warning unless
    nothing is deployed from the reading: at midnight no folder may turn into one that can't be deployed.
    """
    texts = texts_of(folder)
    documents = [(file, parse(text, file)) for file, text in texts.texts.items()]
    whole, findings = merge(documents)
    findings = texts.findings + findings
    usable = not texts.findings and all(document.complete for _, document in documents)
    if not whole.values:
        return Reading(None, in_reading_order(findings), usable=usable)
    places = Places(whole)
    declarations, drafted, mistakes = draft(whole, places, today, folder)
    drafted = replace(drafted, dates=dates)
    findings += mistakes
    # Names of a file that could not be read are missing, so every reference to one would be reported.
    if usable:
        # A check must not report again, in other words, what validation already reports at the same place.
        reported = {finding.location for finding in mistakes}
        findings += [finding for finding in check(drafted) if finding.location not in reported]
    lock = read_lock(folder) if locked else LockReading()
    findings += lock.findings
    if usable and locked and not lock.findings:
        # Once its mistake is corrected, a grant can need other actions, so its lock entries are not reported yet.
        reported = {finding.location for finding in findings if finding.severity is Severity.ERROR}
        findings += [
            each
            for each in islice(grants.check_action_lock(drafted, lock), MOST)
            if each.location not in reported
        ]
    findings = without_consequences(without_secrets(whole, findings), places)
    refused = any(finding.severity is Severity.ERROR for finding in findings)
    given = None if refused else declarations
    return Reading(
        given, in_reading_order(findings), places, usable and not lock.findings, lock.lock or ActionLock()
    )
