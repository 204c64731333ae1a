"""The first pass refuses to deploy if an identity would move to another stack, or stay in a removed one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from keywright.live.passes.deployed import existing_stacks
from keywright.live.passes.first_pass import Move, MovingError, moves, write_first_pass

if TYPE_CHECKING:
    from pathlib import Path


def template(*logical_ids: str) -> dict[str, Any]:
    return {"Resources": {each: {"Type": "AWS::IAM::User"} for each in ("Kept", *logical_ids)}}


ALICE, BOB = "User0alice", "Application0bobX2dx"
CASES = {
    "nobody": ([ALICE], [BOB], [ALICE], [BOB], []),
    "a newcomer": ([], [], [ALICE], [BOB], []),
    "a leaver": ([ALICE], [BOB], [ALICE], [], []),
    "somebody": ([ALICE], [], [], [ALICE], [Move("user/alice", "access-people", "access-people-1")]),
    "an application becomes a person in place": (["Application0alice"], [], [ALICE], [], []),
    "what belongs to somebody": (["Leaving0alice"], [], [], ["Leaving0alice"], []),
}


@pytest.mark.parametrize(("first", "second", "new_first", "new_second", "moving"), CASES.values(), ids=CASES)
def test_lists_users_that_move(
    first: list[str], second: list[str], new_first: list[str], new_second: list[str], moving: list[Move]
) -> None:
    deployed = {"access-people": template(*first), "access-people-1": template(*second)}
    new = {"access-people": template(*new_first), "access-people-1": template(*new_second)}
    assert moves(new, deployed) == moving


def test_users_in_a_stack_without_a_template_are_left() -> None:
    deployed = {"access-people-1": template(BOB)}
    assert moves({"access-people": template()}, deployed) == [Move("user/bob-x", "access-people-1", "")]
    assert moves({"access-people": template()}, {"access-people-1": template()}) == []


class Formation:
    """CloudFormation with two deployed stacks, listed a page each, and others that hold nothing of ours."""

    def __init__(self) -> None:
        self.deployed = {"access-people": template(ALICE), "access-people-12": template(BOB)}

    def list_stacks(self, **more: str) -> dict[str, Any]:
        if not more:
            gone = ("access-people-3", "DELETE_COMPLETE"), ("access-people-4", "ROLLBACK_COMPLETE")
            found = [("access-people", "UPDATE_COMPLETE"), ("network", "CREATE_COMPLETE"), *gone]
            return {"StackSummaries": list(map(summary, found)), "NextToken": "more"}
        return {"StackSummaries": [summary(("access-people-12", "UPDATE_ROLLBACK_COMPLETE"))]}

    def get_template(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - the AWS SDK calls it so
        return {"TemplateBody": self.deployed[StackName]}


def summary(stack: tuple[str, str]) -> dict[str, str]:
    return {"StackName": stack[0], "StackStatus": stack[1]}


def test_stacks_are_listed_over_all_pages_without_empty_ones() -> None:
    assert existing_stacks(Formation()) == ["access-people", "access-people-12"]


def test_fewer_stacks_than_before_are_refused_with_nothing_written(tmp_path: Path) -> None:
    assembly = tmp_path / "cdk.out"
    assembly.mkdir()
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "people.json"}}
    (assembly / "manifest.json").write_text(json.dumps({"artifacts": {"access-people": stack}}))
    (assembly / "people.json").write_text(json.dumps(template(ALICE, BOB)))
    with pytest.raises(MovingError) as refused:
        write_first_pass(assembly, tmp_path / "first", Formation())
    assert refused.value.moves == [Move("user/bob-x", "access-people-12", "access-people")]
    assert not (tmp_path / "first").exists()
