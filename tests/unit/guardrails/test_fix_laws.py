"""Every fix of every template removes its finding, and changes nothing else."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from keywright.assembly.sources.template_file import source_of
from keywright.assembly.templates.reader import read_assembly
from keywright.guardrails.engine import checked_assembly
from keywright.guardrails.fixes.apply import apply_fixes
from keywright.guardrails.fixes.fixers import FIXERS
from keywright.guardrails.fixes.reread import adds_no_access
from keywright.guardrails.reports.rule_pages import Page
from keywright.guardrails.rule import all_rules
from tests.unit.guardrails.builders import as_resources, granting, role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright.guardrails.fixes.apply import Repair
    from keywright.guardrails.results import CheckedAssembly

FILE = "a.template.yaml"

OBJECTS, BUCKET = "arn:aws:s3:::reports/*", "arn:aws:s3:::reports"
RESOURCES = [OBJECTS, BUCKET, "*", "arn:aws:s3:::reports/monthly/*", {"Fn::Sub": "arn:aws:s3:::${Name}"}]
ACTIONS = ["s3:GetObject", "s3:GetObjects", "s3:ListBucket", "s3:DeletObject", "S3:getobject", "s3:Get*"]
CONDITIONS = [
    None,
    {"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": ["o-1/r-1/*"]}},
    {"Bool": {"aws:SecureTransport": "true"}},
]


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    chosen = st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2, unique=True)
    statement: dict[str, Any] = {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        "Action": draw(chosen | st.sampled_from(ACTIONS)),
        "Resource": draw(
            st.sampled_from(RESOURCES) | st.lists(st.sampled_from(RESOURCES[:4]), min_size=1, max_size=2)
        ),
    }
    condition = draw(st.sampled_from(CONDITIONS))
    return statement if condition is None else {**statement, "Condition": condition}


@st.composite
def trusts(draw: st.DrawFn) -> dict[str, Any]:
    operator = draw(st.sampled_from(["Bool", "BoolIfExists", "boolIfExists"]))
    return {
        "Effect": draw(st.sampled_from(["Allow", "Deny"])),
        "Principal": {"AWS": draw(st.sampled_from(["arn:aws:iam::111111111111:root", "222222222222"]))},
        "Action": "sts:AssumeRole",
        "Condition": {operator: {"aws:MultiFactorAuthPresent": "true"}},
    }


@st.composite
def servers(draw: st.DrawFn) -> dict[str, Any]:
    options: list[dict[str, Any]] = [
        {},
        {"MetadataOptions": {}},
        {"MetadataOptions": {"HttpTokens": "optional"}},
        {"MetadataOptions": {"HttpPutResponseHopLimit": "1"}},
    ]
    return {
        "Type": "AWS::EC2::Instance",
        "Properties": {"ImageId": "ami-1", **draw(st.sampled_from(options))},
    }


@st.composite
def templates(draw: st.DrawFn) -> dict[str, Any]:
    listed = draw(st.lists(statements(), min_size=1, max_size=4))
    found = {"Grants": granting(listed, RoleName="grants"), "Server": draw(servers())}
    found["Trusts"] = role([draw(trusts())], RoleName="trusts")
    return {"Parameters": {"Name": {"Type": "String"}}, "Resources": found}


def block_yaml(template: Mapping[str, Any]) -> str:
    """Write YAML with comments on separate lines and at the ends of many lines."""
    from io import StringIO

    out, yaml = StringIO(), YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.dump(json.loads(json.dumps(template)), out)
    lines: list[str] = []
    for number, line in enumerate(out.getvalue().splitlines()):
        indentation = line[: len(line) - len(line.lstrip())]
        lines += [f"{indentation}# über {number}", f"{line}  # at {number}" if number % 2 else line]
    return "\n".join(lines) + "\n"


def flow_yaml(template: Mapping[str, Any]) -> str:
    return "# all\n" + json.dumps(template).replace('"Fn::Sub"', "'Fn::Sub'") + " # end\n"


LAYOUTS = {
    "block YAML with comments": block_yaml,
    "YAML in braces": flow_yaml,
    "block YAML with line feeds after carriage returns": lambda template: block_yaml(template).replace(
        "\n", "\r\n"
    ),
    "JSON on one line": json.dumps,
    "JSON without white space": lambda template: json.dumps(template, separators=(",", ":")),
    "JSON by levels": lambda template: json.dumps(template, indent=2),
}


def repair(text: str, *, widening: bool) -> tuple[CheckedAssembly, Repair]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        path.write_bytes(text.encode())
        file = str(path)

        def check_texts(texts: Mapping[str, str]) -> CheckedAssembly:
            return checked_assembly(read_assembly(path, texts), own=False)

        return check_texts({}), apply_fixes(check_texts, {file: text}, frozenset(), widening=widening)


def places(judgement: CheckedAssembly) -> Counter[tuple[str, str]]:
    return Counter((each.rule, each.resource) for each in judgement.result.findings)


def assert_fixes_are_sound(text: str, *, widening: bool) -> None:
    before, done = repair(text, widening=widening)
    (after,) = done.texts.values()
    assert done.checked.result.unusable == before.result.unusable == ()
    assert not places(done.checked) - places(before), "a finding that was not there"
    assert done.fixed == len(before.result.findings) - len(done.checked.result.findings)
    assert (done.fixed > 0) == (after != text)
    if not widening:
        assert adds_no_access(before.assembly, done.checked.assembly), "somebody may do more"
    again = repair(after, widening=widening)[1]
    assert (again.fixed, [*again.texts.values()]) == (0, [after]), "a second time changes something"
    assert only_what_is_fixed_changed(text, after)
    left = [each for each in done.checked.result.findings if each.fix and (widening or not each.fix.widens)]
    assert len(left) <= len(done.left), "a fix that was not tried"


def only_what_is_fixed_changed(before: str, after: str) -> bool:
    """Return whether comments, their order and line ends are unchanged; their texts occur nowhere else."""
    comments = [line.partition("#")[2] for line in before.split("\n") if "# über" in line]
    kept = [line.partition("#")[2] for line in after.split("\n") if "# über" in line]
    lost = Counter(comments) - Counter(kept)
    inside_removed = all(comment in before for comment in lost)
    same_ends = ("\r\n" in before) == ("\r\n" in after) and after.count("\r") == (
        after.count("\n") if "\r\n" in before else 0
    )
    return inside_removed and same_ends and not Counter(kept) - Counter(comments)


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=8, deadline=None)
@given(template=templates(), widening=st.booleans())
def test_every_fix_removes_its_finding_and_grants_nothing(
    layout: str, template: dict[str, Any], widening: bool
) -> None:
    assert_fixes_are_sound(LAYOUTS[layout](template), widening=widening)


REFUSED = [
    pytest.param(rule.code, example, id=f"{rule.code}-{number}")
    for rule in all_rules().values()
    if rule.code in FIXERS
    for number, example in enumerate(Page(rule).examples("Refused"))
]


@pytest.mark.parametrize(("code", "example"), REFUSED)
def test_every_offered_fix_of_a_documented_example_works(code: str, example: str) -> None:
    template = {"Resources": as_resources(all_rules()[code], example)}
    for layout in LAYOUTS.values():
        assert_fixes_are_sound(layout(template), widening=True)


@pytest.mark.parametrize("code", sorted(FIXERS))
def test_every_fixer_fixes_an_example_of_its_rule(code: str) -> None:
    rule = all_rules()[code]
    found = [
        each.fix
        for example in Page(rule).examples("Refused")
        for each in repair(json.dumps({"Resources": as_resources(rule, example)}), widening=False)[
            0
        ].result.findings
        if each.rule == code
    ]
    assert any(found)


@settings(max_examples=40, deadline=None)
@given(template=templates(), layout=st.sampled_from(sorted(LAYOUTS)))
def test_a_span_covers_its_value_exactly(template: dict[str, Any], layout: str) -> None:
    text = LAYOUTS[layout](template)
    source = source_of(text, ".yaml", FILE)

    def walk(node: Any, path: tuple[Any, ...]) -> None:
        span = source.span(*path)
        assert span is not None
        if isinstance(node, str):
            assert node in text[span.start : span.end]
        for step, below in (
            node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        ):
            inner = source.span(*path, step)
            assert inner is not None
            assert span.start <= inner.outer <= inner.start <= inner.end <= span.end
            walk(below, (*path, step))

    walk(source.tree, ())
