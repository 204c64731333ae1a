"""One mistake gives one error, at its place; what follows from it is left out. Two mistakes give both errors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright.model.source.yaml_tree import places_in
from keywright.reporting.finding import Severity
from tests.unit.model import folders
from tests.unit.model.folders import BASE
from tests.unit.model.planted_mistakes import Planted, company, plant, plantings, reading_of

PLANTINGS = plantings()
SEVERAL = {
    "missing users": "two things need the users: the break-glass role, and a reference",
    "missing identity_providers": "a trust in GitHub needs a provider, and others name theirs",
}
"""Removals of a whole section that leave two independent mistakes."""


def errors_of(*mistakes: Planted) -> list[str]:
    findings = reading_of(plant(company(), *mistakes)).findings
    return [f"{each.message}; {each.found}" for each in findings if each.severity is Severity.ERROR]


def test_the_company_has_no_mistakes() -> None:
    assert [str(each) for each in reading_of(company()).findings] == []


def test_there_are_mistakes_of_every_kind_in_every_section() -> None:
    assert len(PLANTINGS) > 1000
    sections = {str(each.path[0]) for each in PLANTINGS}
    assert sections == set(company())


@pytest.mark.parametrize("kind", sorted({each.kind for each in PLANTINGS}))
def test_one_mistake_gives_one_error_at_its_place(kind: str) -> None:
    wrong = {}
    for each in PLANTINGS:
        if each.kind == kind and str(each) not in SEVERAL:
            reading = reading_of(plant(company(), each))
            errors = [found for found in reading.findings if found.severity is Severity.ERROR]
            # What is missing, or has another name or value, is noticed where it is used.
            inside = kind in NOT_AT_ITS_PLACE or OF_ONES_OWN & set(map(str, each.path))
            place = set(places_in(reading.places.along(each.path[:-1])[-1][1]))
            if len(errors) > 1 or not (inside or {found.location for found in errors} <= place):
                wrong[str(each)] = list(map(str, errors))
    assert wrong == {}


NOT_AT_ITS_PLACE = frozenset({"missing", "name misspelled", "value misspelled"})
OF_ONES_OWN = frozenset({"tags", "writers"})
"""Keys that are names of one's own, and what contains such."""


def is_beside(one: Planted, other: Planted) -> bool:
    """Tell whether two mistakes are in different declared things, neither of which declares what the other names."""
    sections = {one.path[0], other.path[0]}
    whole = any(len(each.path) < 3 for each in (one, other))
    return one.entry != other.entry and not whole and "account" not in sections


def in_grants(planted: Planted) -> bool:
    return planted.path[2:3] == ("grants",) and len(planted.path) > 4


GRANTS = [each for each in PLANTINGS if in_grants(each) and each.path[1] == "editors"]
"""Mistakes inside of the three grants of one group."""


@given(st.sampled_from(GRANTS), st.sampled_from(GRANTS))
def test_two_mistakes_in_different_grants_give_both_errors(one: Planted, other: Planted) -> None:
    if one.path[3] != other.path[3]:
        assert set(errors_of(one)) | set(errors_of(other)) <= set(errors_of(one, other))


def test_a_mistake_beside_a_malformed_grant_is_at_its_line() -> None:
    text = """\
groups:
  readers:
    grants:
      - {s3: [raed], bucket: reports}
      - {allow: {service: athna, levels: [read], resources: [workgroup/x]}}
      - {s3: [read], bucket: reports, until: 2026-01-31}
      - {s3: [read], bucket: report}
      - {s3: [read], bucket: reports, kept: it comes back in spring}
"""
    found = [str(each).partition("/case.yaml:")[2].partition(";")[0] for each in folders.report_of(text)]
    assert found == [
        "4:15: item 1 of `s3` of group `readers` has an unknown value",
        "5:27: no AWS service has this prefix",
        "6:46: grant 3 of group `readers` expired",
        "7:30: bucket `report` is not declared",
        "8:45: `kept` is for what has ended, and this has no end",
    ]


@given(st.sampled_from(PLANTINGS), st.sampled_from(PLANTINGS))
def test_two_mistakes_give_both_errors(one: Planted, other: Planted) -> None:
    if is_beside(one, other) and str(one) not in SEVERAL and str(other) not in SEVERAL:
        both = errors_of(one, other)
        assert set(errors_of(one)) | set(errors_of(other)) <= set(both)


def test_a_misspelled_membership_is_the_only_error_of_whoever_could_assume_the_break_glass_role() -> None:
    found = reading_with(BASE.replace("groups: [administrators,", "groups: [administrator,"))
    assert found == ["group `administrator` is not declared; `administrator`"]
    # Without the cause, the consequence is an error of its own.
    found = reading_with(BASE.replace("groups: [administrators, ", "groups: ["))
    assert found == ["nobody can assume the break-glass role `break-glass`; `role/break-glass`"]


def reading_with(base: str) -> list[str]:
    return [
        f"{each.message}; {each.found}"
        for each in folders.reading_of("shards: {}", base=base).findings
        if each.severity is Severity.ERROR
    ]


def test_a_warning_never_hides_an_error() -> None:
    """The only membership that leads to the break-glass role has ended, which is a warning at the same place."""
    ended = "groups: [{name: administrators, until: 2026-01-01}, "
    assert reading_with(BASE.replace("groups: [administrators, ", ended)) == [
        "nobody can assume the break-glass role `break-glass`; `role/break-glass`"
    ]
