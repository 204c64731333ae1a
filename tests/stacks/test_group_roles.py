"""The trust policy of a role that people assume: it names members while they fit, and always for the break-glass role."""

from __future__ import annotations

from typing import Any

import pytest

from access_stacks.pinned_stack import DeclarationRefused
from keywright.model.declarations import Declarations

GROUP = "arn:aws:iam::111111111111:user/access/"


def templates(folder: Any, members: int, role: str, break_glass: str | None = None) -> Any:
    import aws_cdk as cdk

    from access_stacks.compose import compose
    from access_stacks.inputs import StackInputs

    person = {"person": {"email": "a@acme.example"}, "groups": ("operators",)}
    declarations = Declarations.model_validate(
        {
            "account": {"id": "1" * 12, "region": "eu-central-1", "break_glass": break_glass},
            "groups": {"operators": {}, "others": {}},
            "users": {f"operator-{number:02}": person for number in range(members)},
            "roles": {role: {"trusts": ({"group": "operators"},)}},
        }
    )
    app = cdk.App(analytics_reporting=False, builtin_cloud_formation_validation=False, outdir=str(folder))
    compose(app, StackInputs(declarations, folder))
    return {stack.stack_name: stack.template for stack in app.synth().stacks}


def trusted_arns(folder: Any, members: int) -> Any:
    role = templates(folder, members, "operate")["access-roles"]["Resources"]["Role0operate"]
    (statement,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    return statement["Condition"]["ArnLike"]["aws:PrincipalArn"]


@pytest.mark.parametrize(
    ("members", "arns"),
    [
        pytest.param(0, f"{GROUP}keywright-nobody", id="nobody"),
        pytest.param(1, f"{GROUP}operator-00", id="one"),
        pytest.param(30, [f"{GROUP}operator-{number:02}" for number in range(30)], id="thirty"),
        pytest.param(60, f"{GROUP}*", id="more than a trust policy holds"),
    ],
)
def test_names_members_while_they_fit(tmp_path: Any, members: int, arns: Any) -> None:
    assert trusted_arns(tmp_path, members) == arns


def test_only_its_members_assume_the_break_glass_role(tmp_path: Any) -> None:
    with pytest.raises(DeclarationRefused, match="the trust policy of role `rescue` is too long") as refused:
        templates(tmp_path, 60, "rescue", "role/rescue")
    assert refused.value.path == ("roles", "rescue")
