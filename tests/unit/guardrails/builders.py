"""Builders: one statement or a few resources as an assembly; each shows only what the case is about."""

from pathlib import Path
from typing import Any

from keywright.assembly.sources.yaml_source import YamlSource
from keywright.assembly.templates.reader import read_assembly
from keywright.assembly.templates.template import Assembly
from keywright.guardrails.engine import check_assembly
from keywright.guardrails.invariants.declared import as_declared
from keywright.guardrails.invariants.record import Invariants
from keywright.guardrails.rule import Rule, all_rules
from keywright.guardrails.subjects.trusts import TrustStatement
from keywright.model.invariants import Always, Never
from keywright.reporting.finding import Finding
from tests.unit.assembly.builders import write_assembly

INVARIANTS = ("never", "always")
BOUNDARY = "arn:aws:iam::111111111111:policy/access/keywright-boundary"


def role(trust: Any = None, **properties: Any) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": [] if trust is None else trust}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": "reader",
            "AssumeRolePolicyDocument": document,
            "PermissionsBoundary": BOUNDARY,
            **properties,
        },
    }


def granting(statement: Any, **properties: Any) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": statement}
    return role(Policies=[{"PolicyName": "grants", "PolicyDocument": document}], **properties)


def assemble(folder: Path, resources: dict[str, Any], **sections: Any) -> Assembly:
    plain = {name: each for name, each in resources.items() if name not in INVARIANTS}
    return read_assembly(write_assembly(folder / "cdk.out", stack={"Resources": plain, **sections}))


def invariants(resources: dict[str, Any]) -> Invariants:
    """Return the invariant that an example has beside its resources."""
    kinds = {"never": Never, "always": Always}
    read = (
        kinds[name].model_validate(resources[name], strict=False) for name in INVARIANTS if name in resources
    )
    return Invariants(tuple(map(as_declared, read)))


def findings(
    folder: Path, code: str, resources: dict[str, Any], *, own: bool = True, **sections: Any
) -> list[Finding]:
    """Return the findings of one rule on some resources."""
    rules = {code: all_rules()[code]}
    assembly = assemble(folder, resources, **sections)
    return list(check_assembly(assembly, own=own, rules=rules, invariants=invariants(resources)).findings)


def as_resources(rule: Rule, example: str) -> dict[str, Any]:
    """Read an example of a rule's page: one statement, or several, are put where the rule looks for them."""
    tree = YamlSource.of(example.replace("LONG", "x" * 3_000), "example.yaml").tree
    assert isinstance(tree, dict | list)
    if isinstance(tree, dict) and "Effect" not in tree:
        hundreds = tree.pop("HUNDREDS", None)
        return tree if hundreds is None else {**tree, **{f"One{number}": hundreds for number in range(501)}}
    return {"Reader": role(tree) if rule.subject is TrustStatement else granting(tree)}
