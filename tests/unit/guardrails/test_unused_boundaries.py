"""An unused boundary grants nothing; the mark that says so is accepted only in templates of this project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keywright.guardrails.engine import check_assembly
from keywright.guardrails.invariants.declared import as_declared
from keywright.guardrails.invariants.record import Invariants
from keywright.guardrails.rule import all_rules
from keywright.model.invariants import Never
from tests.unit.guardrails.builders import assemble

if TYPE_CHECKING:
    from pathlib import Path

EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
MARK = {"keywright:serves": "permissions boundary"}


def codes(folder: Path, resources: dict[str, Any], *, own: bool) -> set[str]:
    return {each.rule for each in check_assembly(assemble(folder, resources), own=own).findings}


def policy(**more: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::ManagedPolicy",
        "Metadata": MARK,
        "Properties": {"ManagedPolicyName": "wide", "PolicyDocument": EVERYTHING, **more},
    }


GROUP = {"Type": "AWS::IAM::Group", "Properties": {"ManagedPolicyArns": [{"Ref": "Wide"}]}}


def test_the_generated_boundary_is_no_grant(tmp_path: Path) -> None:
    assert not codes(tmp_path, {"Wide": policy()}, own=True) & {"POL002", "POL003", "ESC001"}


@pytest.mark.parametrize(
    ("resources", "own"),
    [
        pytest.param({"Wide": policy()}, False, id="in another tool's template"),
        pytest.param({"Wide": policy(), "Group": GROUP}, True, id="attached to a group"),
        pytest.param(
            {"Wide": policy(Groups=[{"Ref": "Group"}]), "Group": {"Type": "AWS::IAM::Group"}},
            True,
            id="a policy that attaches itself",
        ),
    ],
)
def test_the_mark_hides_no_grant(tmp_path: Path, resources: dict[str, Any], own: bool) -> None:
    assert "POL002" in codes(tmp_path, resources, own=own)


# Invariants

NEVER = {
    "who": "everyone",
    "can": "s3:DeleteObject",
    "on": "arn:aws:s3:::reports/*",
    "excepting": "role/cleaner",
}
TRUSTED = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
WHO = {"Who": {"Type": "String"}}


def unproved(
    folder: Path, resources: dict[str, Any], *, own: bool = True, **sections: Any
) -> list[tuple[str, str]]:
    """Give the outcome of INV001 and the resource of each finding."""
    assembly = assemble(folder, resources, **sections)
    rules = {"INV001": all_rules()["INV001"]}
    never = Invariants((as_declared(Never.model_validate(NEVER)),))
    found = check_assembly(assembly, own=own, rules=rules, invariants=never).findings
    return [(str(each.outcome), each.resource) for each in found if each.rule == "INV001"]


def member(**properties: Any) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": [TRUSTED]}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"RoleName": "cleaner", "AssumeRolePolicyDocument": document, **properties},
    }


def somebody(**properties: Any) -> dict[str, Any]:
    return member(**{"RoleName": "somebody", **properties})


READING = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}
READERS = [{"PolicyName": "read", "PolicyDocument": {"Version": "2012-10-17", "Statement": [READING]}}]
SET: dict[str, Any] = {
    "Type": "AWS::SSO::PermissionSet",
    "Properties": {
        "Name": "wide",
        "InstanceArn": "arn:aws:sso:::instance/ssoins-1234567890abcdef",
        "CustomerManagedPolicyReferences": [{"Name": "wide"}],
    },
}


@pytest.mark.parametrize(
    "resources",
    [
        pytest.param({"Wide": policy()}, id="of nobody"),
        pytest.param(
            {"Wide": policy(), "One": somebody(PermissionsBoundary={"Ref": "Wide"})}, id="of a role"
        ),
        pytest.param(
            {"Wide": policy(), "One": somebody(PermissionsBoundary={"Ref": "Wide"}, Policies=READERS)},
            id="of a role that reads",
        ),
    ],
)
def test_a_boundary_of_ours_leaves_no_doubt(tmp_path: Path, resources: dict[str, Any]) -> None:
    assert unproved(tmp_path, {**resources, "Cleaner": member()}) == []


@pytest.mark.parametrize(
    ("resources", "own", "expected"),
    [
        pytest.param({"Wide": policy()}, False, ("undecided", "Wide"), id="in another tool's template"),
        pytest.param(
            {"Wide": policy() | {"Metadata": {}}}, True, ("undecided", "Wide"), id="without the mark"
        ),
        pytest.param(
            {"Wide": policy(Roles=[{"Ref": "Who"}])},
            True,
            ("undecided", "Wide"),
            id="attached to whom a parameter names",
        ),
        pytest.param(
            {"Wide": policy(Users=["alice"])},
            True,
            ("undecided", "Wide"),
            id="attached to a user of no template",
        ),
        pytest.param({"Wide": policy(), "Group": GROUP}, True, ("fault", "Wide"), id="attached to a group"),
        pytest.param(
            {"Wide": policy(), "One": somebody(ManagedPolicyArns=[{"Ref": "Wide"}])},
            True,
            ("fault", "Wide"),
            id="attached to a role",
        ),
        pytest.param(
            {
                "Wide": policy(),
                "One": somebody(ManagedPolicyArns=[{"Ref": "Wide"}], PermissionsBoundary={"Ref": "Wide"}),
            },
            True,
            ("fault", "Wide"),
            id="attached to a role that it also limits",
        ),
        pytest.param(
            {"Wide": policy(), "Set": SET}, True, ("fault", "Wide"), id="attached to a permission set"
        ),
        pytest.param(
            {"Wide": policy(), "One": somebody(ManagedPolicyArns=[{"Ref": "Who"}])},
            True,
            ("undecided", "One"),
            id="a role with a policy that a parameter names",
        ),
    ],
)
def test_a_policy_that_somebody_may_have_is_no_proof(
    tmp_path: Path, resources: dict[str, Any], own: bool, expected: tuple[str, str]
) -> None:
    found = unproved(tmp_path, {**resources, "Cleaner": member()}, own=own, Parameters=WHO)
    assert expected in found


@settings(max_examples=30)
@given(
    users=st.lists(
        st.fixed_dictionaries(
            {
                "limited": st.booleans(),
                "attached": st.booleans(),
                "policies": st.sampled_from([None, READERS]),
            }
        ),
        max_size=3,
    ),
    roles=st.sampled_from([None, ["one0"], [{"Ref": "Who"}]]),
)
def test_the_mark_changes_nothing_but_the_doubt_about_an_unattached_policy(
    users: list[dict[str, Any]], roles: list[Any] | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Law: what is found with the mark is found without it; only where nobody has the policy, its own doubt is gone."""
    lists = {"Roles": roles} if roles else {}
    others: dict[str, Any] = {"Cleaner": member()}
    for number, each in enumerate(users):
        wanted = {
            "PermissionsBoundary": {"Ref": "Wide"} if each["limited"] else None,
            "ManagedPolicyArns": [{"Ref": "Wide"}] if each["attached"] else None,
            "Policies": each["policies"],
        }
        properties = {key: value for key, value in wanted.items() if value is not None}
        others[f"One{number}"] = somebody(RoleName=f"one{number}", **properties)
    folder = tmp_path_factory.mktemp("law")
    marked = unproved(folder / "marked", {"Wide": policy(**lists), **others}, Parameters=WHO)
    plain = policy(**lists) | {"Metadata": {}}
    unmarked = unproved(folder / "plain", {"Wide": plain, **others}, Parameters=WHO)
    is_free = not roles and not any(each["attached"] for each in users)
    doubt = ("undecided", "Wide")
    assert marked == [each for each in unmarked if not (is_free and each == doubt)]
    assert not is_free or doubt not in marked
