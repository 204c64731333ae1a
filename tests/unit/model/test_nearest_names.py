"""A misspelled name of any kind is answered with the name that was probably meant."""

from __future__ import annotations

import pytest

from keywright.reporting.finding import Severity
from tests.unit.model.folders import report_of
from tests.unit.model.planted_mistakes import at, company, plant, reading_of
from tests.unit.model.test_cause_before_consequence import PLANTINGS

NAMES = {
    ("account", "break_glass"),
    ("account", "handover"),
    ("account", "deny", "outside_networks", "except", 0),
    ("groups", "editors", "grants", 0, "bucket"),
    ("groups", "editors", "grants", 1, "allow", "service"),
    ("groups", "editors", "grants", 1, "allow", "levels", 0),
    ("groups", "editors", "grants", 2, "session_on"),
    ("groups", "editors", "policies", 0, "managed"),
    ("users", "alva", "groups", 0),
    ("users", "alva", "groups", 1, "name"),
    ("users", "scanner", "application", "readers", 0),
    ("workloads", "mailer", "ec2", "launch"),
    ("identity_providers", "hub", "oidc"),
    ("roles", "rescue", "trusts", 0, "group"),
    ("roles", "rescue", "policies", 0, "managed"),
    ("roles", "auditor", "trusts", 0, "saml"),
    ("roles", "sender", "trusts", 0, "workload"),
    ("roles", "courier", "trusts", 0, "role"),
    ("roles", "reporter", "trusts", 0, "service"),
    ("roles", "runner", "trusts", 0, "oidc"),
    ("delegations", "teams", "to", 0),
    ("assignments", 0, "permission_set"),
    ("assignments", 0, "groups", 0),
    ("never", 0, "can"),
    ("never", 0, "on"),
    ("never", 0, "except"),
    ("never", 1, "who", 1),
    ("exceptions", 0, "on"),
}


@pytest.mark.parametrize("path", sorted(NAMES, key=str), ids=lambda path: ".".join(map(str, path)))
def test_names_what_was_probably_meant(path: tuple[str | int, ...]) -> None:
    (planted,) = [each for each in PLANTINGS if each.path == path and each.kind == "value misspelled"]
    found = [
        each
        for each in reading_of(plant(company(), planted)).findings
        if each.severity is not Severity.ADVICE
    ]
    meant = at(company(), path)
    assert any(f"`{meant}`" in each.accepted or f" {meant}`" in each.accepted for each in found)


@pytest.mark.parametrize("kind", ["key misspelled"])
def test_names_the_key_that_was_probably_meant(kind: str) -> None:
    lost = []
    for planted in (each for each in PLANTINGS if each.kind == kind):
        found = reading_of(plant(company(), planted)).findings
        if found and not any(f"`{planted.path[-1]}" in f"{each.accepted} {each.found}" for each in found):
            lost.append((str(planted), str(found[0])))
    assert lost == []


@pytest.mark.parametrize(
    "holder", ["groups: {readers: {KEY}}", "roles: {reader: {trusts: [{group: analysts}], KEY}}"]
)
@pytest.mark.parametrize("key", ["s3", "allow", "assume"])
def test_a_grant_outside_of_grants_is_told_where_it_belongs(holder: str, key: str) -> None:
    (found,) = report_of(holder.replace("KEY", f"{key}: rb"))
    assert found.accepted == f"`grants: [{{{key}: …}}]`"
