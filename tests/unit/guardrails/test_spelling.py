"""However a principal is spelled in a template, the same rule sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from keywright.assembly.templates.value import as_text
from tests.unit.assembly.builders import template_of
from tests.unit.guardrails.builders import findings, role

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PRINCIPALS = st.sampled_from(
    [
        "*",
        "arn:aws:iam::111111111111:root",
        "arn:aws:iam::222222222222:root",
        "arn:aws:iam::*:root",
        "222222222222",
    ]
)
SECTIONS = {
    "Parameters": {"Unset": {"Type": "String"}},
    "Conditions": {
        "Always": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-central-1"]},
        "Perhaps": {"Fn::Equals": [{"Ref": "Unset"}, "x"]},
    },
}


@st.composite
def spellings(draw: st.DrawFn, literal: str, depth: int = 2) -> Any:
    """Return an expression that resolves to a text, whatever the deployment decides."""
    if depth == 0:
        return literal
    inner = draw(spellings(literal, depth - 1))
    cut = draw(st.integers(0, len(literal)))
    left, right = draw(spellings(literal[:cut], depth - 1)), draw(spellings(literal[cut:], depth - 1))
    return draw(
        st.sampled_from(
            [
                literal,
                {"Fn::Join": ["", [left, right]]},
                {"Fn::Sub": ["${x}${y}", {"x": left, "y": right}]},
                {"Fn::Select": ["1", ["other", inner]]},
                {"Fn::Select": [0, {"Fn::Split": ["|", {"Fn::Join": ["|", [inner, "other"]]}]}]},
                {"Fn::If": ["Always", inner, "other"]},
                {"Fn::If": ["Perhaps", inner, literal]},
                {"Fn::FindInMap": ["Texts", "eu-central-1", literal]},
            ]
        )
    )


def sections(literal: str) -> dict[str, Any]:
    pieces = {literal[start:end] for end in range(len(literal) + 1) for start in range(end + 1)}
    return {**SECTIONS, "Mappings": {"Texts": {"eu-central-1": {piece: piece for piece in sorted(pieces)}}}}


CASES = PRINCIPALS.flatmap(lambda literal: st.tuples(st.just(literal), spellings(literal)))


@settings(max_examples=60, deadline=None)
@given(case=CASES)
def test_resolves_a_spelling_to_its_text(
    tmp_path_factory: pytest.TempPathFactory, case: tuple[str, Any]
) -> None:
    literal, spelled = case
    folder = tmp_path_factory.getbasetemp() / "spelling"
    probe = {"Type": "Custom::Probe", "Properties": {"Value": spelled}}
    template = template_of(folder, {"Probe": probe}, **sections(literal))
    assert as_text(template.resources["Probe"].properties["Value"]).literal == literal


@settings(max_examples=40, deadline=None)
@given(case=CASES, code=st.sampled_from(["TRU001", "TRU002"]))
def test_a_rule_has_the_same_findings_for_every_spelling(
    tmp_path_factory: pytest.TempPathFactory, case: tuple[str, Any], code: str
) -> None:
    def messages_for(folder: Path, principal: Any) -> list[tuple[str, str]]:
        statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
        found = findings(folder, code, {"Reader": role(statement)}, **sections(literal))
        return [(str(each.outcome), each.found) for each in found]

    literal, spelled = case
    plain = messages_for(tmp_path_factory.getbasetemp() / "plain", literal)
    assert messages_for(tmp_path_factory.getbasetemp() / "spelled", spelled) == plain


@settings(max_examples=30, deadline=None)
@given(case=CASES, first=st.booleans())
def test_neither_branch_of_a_condition_hides_a_danger(
    tmp_path_factory: pytest.TempPathFactory, case: tuple[str, Any], first: bool
) -> None:
    literal, spelled = case
    safe = "arn:aws:iam::111111111111:root"
    branches = [spelled, safe] if first else [safe, spelled]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": {"Fn::If": ["Perhaps", *branches]}},
        "Action": "sts:AssumeRole",
    }
    found = findings(
        tmp_path_factory.getbasetemp() / "branch", "TRU001", {"Reader": role(statement)}, **sections(literal)
    )
    assert bool(found) == ("*" in literal)
