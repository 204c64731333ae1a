"""A group and its copy for memberships that end."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest

from access_constructs.people.group import AccessGroup, twin_name
from keywright.policy.statement import Effect, Statement
from tests.constructs.synthesis import PATH, new_stack, properties, resources

END = date(2027, 1, 31)
READ = Statement(actions=("s3:GetObject",), resources=("arn:aws:s3:::reports/monthly/*",))
DENY = Statement(effect=Effect.DENY, actions=("s3:DeleteObject",), resources=("*",))
BOUND = {"DateLessThan": {"aws:CurrentTime": "2027-02-01T00:00:00Z"}}


def group(**more):
    stack = new_stack()
    made = AccessGroup(stack, "Group", name="readers", path=PATH, statements=[READ, DENY], **more)
    ((logical_id, found),) = properties(stack, "AWS::IAM::Group").items()
    return logical_id, found, stack.resolve(made.name)


def statements(found):
    return found["Policies"][0]["PolicyDocument"]["Statement"]


def test_a_group_has_its_grants():
    logical_id, found, name = group(managed_policy_arns=["arn:aws:iam::aws:policy/SecurityAudit"])
    assert (logical_id, name) == ("Group0readers", {"Ref": "Group0readers"})
    assert (found["GroupName"], found["Path"]) == ("readers", PATH)
    assert found["ManagedPolicyArns"] == ["arn:aws:iam::aws:policy/SecurityAudit"]
    assert statements(found) == [DENY.to_json(), READ.to_json()]


def test_a_time_bound_group_expires_and_its_denials_do_not():
    logical_id, found, _ = group(until=END)
    assert logical_id == "Group0readersX2euntilX2d2027X2d01X2d31"
    assert found["GroupName"] == twin_name("readers", END) == "readers.until-2027-01-31"
    assert statements(found) == [DENY.to_json(), {**READ.to_json(), "Condition": BOUND}]


def test_a_time_bound_group_over_the_inline_quota_expires_too():
    stack = new_stack()
    many = [
        Statement(actions=("s3:GetObject",), resources=(f"arn:aws:s3:::b{n}/{'x' * 99}",)) for n in range(60)
    ]
    AccessGroup(stack, "Group", name="readers", path=PATH, statements=many, until=END)
    documents = [each["PolicyDocument"] for each in properties(stack, "AWS::IAM::ManagedPolicy").values()]
    ended = [each for document in documents for each in document["Statement"] if each["Condition"] == BOUND]
    assert sum(len(listed(each["Resource"])) for each in ended) == 60


def listed(value):
    return value if isinstance(value, list) else [value]


def test_a_group_without_grants_has_no_policy():
    stack = new_stack()
    AccessGroup(stack, "Group", name="operators", path=PATH)
    assert resources(stack) == {
        "Group0operators": {"Type": "AWS::IAM::Group", "Properties": {"GroupName": "operators", "Path": PATH}}
    }


def test_a_time_bound_group_refuses_managed_policies():
    message = (
        "a membership in `readers` cannot have an end: the group has managed policies; "
        "found `arn:aws:iam::aws:policy/SecurityAudit`; accepted: `grants` in place of the policies, or a membership without `until`"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        group(until=END, managed_policy_arns=["arn:aws:iam::aws:policy/SecurityAudit"])


def test_the_order_of_other_declarations_changes_nothing_in_a_group():
    def of(names):
        stack = new_stack()
        for name in names:
            AccessGroup(stack, name, name=name, path=PATH, statements=[READ])
        return json.dumps(resources(stack)["Group0readers"])

    assert of(["readers"]) == of(["writers", "readers", "auditors"])
