"""Mutation tests: each fault, made in clean templates at every place where it fits, is found by its rule.

The numbers stand in docs/mutation-proof.md; `--snapshot-update` writes them anew.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from keywright.assembly.sources.yaml_source import YamlSource
from keywright.assembly.templates.reader import read_assembly
from keywright.guardrails.engine import check_assembly
from keywright.guardrails.rule import all_rules
from keywright.reporting.finding import Finding, Outcome, Severity
from tests.unit.assembly.builders import write_assembly
from tests.unit.guardrails.faults import FAULTS, Fault

ROOT = Path(__file__).resolve().parents[3]
PROOF = ROOT / "docs" / "mutation-proof.md"


@cache
def samples() -> dict[str, dict[str, Any]]:
    """Read the clean samples, and the golden templates of the sample account."""
    written = sorted((ROOT / "tests/golden/clean").glob("*.yaml"))
    found = {path.stem: YamlSource.of(path.read_text(), path.name).tree for path in written}
    for path in sorted((ROOT / "tests/stacks/__snapshots__/test_templates").glob("*.json")):
        found[path.stem.partition("[")[2].partition("]")[0]] = json.loads(path.read_text())
    return found  # type: ignore[return-value]


def findings_of(folder: Path, code: str, template: dict[str, Any]) -> Counter[tuple[str, str, str]]:
    """Count the findings of one rule on a template by place and message."""
    assembly = read_assembly(write_assembly(folder, stack=template))
    found = check_assembly(assembly, own=True, rules={code: all_rules()[code]}).findings
    return Counter(_key(each) for each in found if each.rule == code and each.outcome is Outcome.FAULT)


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.resource, finding.message, finding.found


@cache
def before(folder: Path, name: str, code: str) -> Counter[tuple[str, str, str]]:
    return findings_of(folder, code, samples()[name])


@cache
def seen(folder: Path, fault: Fault) -> tuple[int, tuple[str, ...]]:
    """Return at how many places a fault was made, and where it was not seen; one fault at a time, so that `-k` is quick."""
    places, missed = 0, []
    for name, template in samples().items():
        clean = before(folder, name, fault.code)
        faulty = {resource for resource, _, _ in clean}
        for place, mutant in fault.make(template):
            if place.partition("/")[0] in faulty:
                continue  # it has the fault already, as the break-glass role has on purpose
            places += 1
            if not findings_of(folder, fault.code, mutant) - clean:
                missed.append(f"{name}: {place}")
    return places, tuple(missed)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mutants")


@pytest.mark.parametrize("name", [path.stem for path in sorted((ROOT / "tests/golden/clean").glob("*.yaml"))])
def test_a_clean_sample_is_clean(tmp_path: Path, name: str) -> None:
    assembly = read_assembly(write_assembly(tmp_path, stack=samples()[name]))
    found = check_assembly(assembly, own=True).findings
    assert [str(each) for each in found if each.rule and each.severity is not Severity.ADVICE] == []


@pytest.mark.parametrize("fault", [pytest.param(each, id=f"{each.code}-{each.name}") for each in FAULTS])
def test_finds_a_fault_wherever_it_is_made(folder: Path, fault: Fault) -> None:
    places, missed = seen(folder, fault)
    assert places, "the fault fits nowhere, and proves nothing"
    assert missed == ()


def test_every_rule_has_its_fault() -> None:
    """Invariants are declared beside a template; their laws are tested with their proofs."""
    of_templates = {code for code in all_rules() if not code.startswith("INV")}
    without = sorted(of_templates - {fault.code for fault in FAULTS})
    assert not without, f"add a fault for {without} to tests/unit/guardrails/faults.py"
    assert {fault.code for fault in FAULTS} == of_templates


def test_the_numbers_are_current(folder: Path, request: pytest.FixtureRequest) -> None:
    text = page({fault: seen(folder, fault) for fault in FAULTS})
    if request.config.getoption("--snapshot-update"):
        PROOF.write_text(text)
    assert text == PROOF.read_text(), "run with --snapshot-update"


def page(proved: dict[Fault, tuple[int, tuple[str, ...]]]) -> str:
    total = sum(places for places, _ in proved.values())
    caught = total - sum(len(missed) for _, missed in proved.values())
    rows = [
        f"| {fault.code} | {fault.name} | {places} | {places - len(missed)} |"
        for fault, (places, missed) in proved.items()
    ]
    return "\n".join(
        [
            "# Mutation proof",
            "",
            f"{len(FAULTS)} faults, made once at every place where they fit in {len(samples())} clean templates:",
            f"{total:,} faulty templates, {caught:,} caught. The templates are {', '.join(samples())}.",
            "Written by `tests/unit/guardrails/test_mutations.py`; a rule that is taken away leaves its faults unseen.",
            "",
            "| rule | fault | places | caught |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )
