from __future__ import annotations

from datetime import date
from pathlib import Path

from keywright.model.in_force import in_force
from keywright.model.reading import read
from keywright.reporting.finding import Location

SAMPLE = Path("access")
TODAY = date(2026, 11, 24)


def test_the_sample_has_no_findings():
    reading = read(SAMPLE, TODAY)
    assert reading.findings == []
    assert reading.declarations is not None


def test_places_lead_to_names_and_values():
    places = read(SAMPLE, TODAY).places
    line = Path("access/people.yaml").read_text().split("\n").index("  alice:") + 1
    assert places.at("users", "alice") == Location("access/people.yaml", line, 3)
    assert places.at("users", "alice", "console") == Location("access/people.yaml", line + 3, 14)
    assert places.at("users", "alice", "nothing") == Location("access/people.yaml", line, 3)


def test_a_membership_past_its_last_day_is_dropped_with_a_warning():
    declarations = read(SAMPLE, TODAY).declarations
    assert declarations is not None
    later = in_force(declarations, date(2027, 2, 1))
    assert [each.name for each in later.declarations.users["alice"].groups] == ["analysts"]
    assert [str(warning) for warning in later.warnings] == [
        (
            "declarations: membership of user `alice` in group `operators` expired; found `until: "
            "2027-01-31`, today is 2027-02-01; accepted: its removal; or `kept` with the reason why it stays"
        )
    ]


def test_a_membership_is_in_force_on_its_last_day():
    declarations = read(SAMPLE, TODAY).declarations
    assert declarations is not None
    assert in_force(declarations, date(2027, 1, 31)).declarations == declarations
