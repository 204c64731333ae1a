"""An analyzer in the account's region, and an independent stack for each further region."""

from __future__ import annotations

from typing import Any

import pytest

from keywright.model.declarations import Declarations

ANALYZER = "AWS::AccessAnalyzer::Analyzer"


def analyzers(folder: Any, declared: dict[str, Any]) -> dict[str, list[str]]:
    """Return the names of the analyzers by stack and region."""
    import aws_cdk as cdk

    from access_stacks.compose import compose
    from access_stacks.inputs import StackInputs

    account = {"id": "1" * 12, "region": "eu-central-1", "access_analyzer": declared}
    app = cdk.App(analytics_reporting=False, builtin_cloud_formation_validation=False, outdir=str(folder))
    compose(app, StackInputs(Declarations.model_validate({"account": account}), folder))
    found = {}
    for stack in app.synth().stacks:
        made = [each for each in stack.template["Resources"].values() if each["Type"] == ANALYZER]
        if made:
            place = f"{stack.stack_name} in {stack.environment.region}"
            found[place] = [each["Properties"]["AnalyzerName"] for each in made]
    return found


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        pytest.param(
            {},
            {"access-account in eu-central-1": ["keywright-external-access"]},
            id="in the account's region",
        ),
        pytest.param({"existing": True}, {}, id="an unknown one beside a known one"),
        pytest.param(
            {"existing": True, "unused_days": 90, "regions": ("us-east-1",)},
            {
                "access-account in eu-central-1": ["keywright-unused-access"],
                "access-analyzer-us-east-1 in us-east-1": ["keywright-external-access"],
            },
            id="in another region, and for unused access",
        ),
    ],
)
def test_each_region_has_room_for_one(tmp_path: Any, declared: dict[str, Any], expected: Any) -> None:
    assert analyzers(tmp_path, declared) == expected
