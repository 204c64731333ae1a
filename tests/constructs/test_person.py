"""A person: one user with its resources, a login created once, and a leaving resource deleted before everything else."""

from __future__ import annotations

import json
import re

import pytest

from access_constructs.people.person import Person
from keywright.policy.statement import Statement
from tests.constructs.synthesis import BOUNDARY, PATH, TOKEN, new_stack, resources

READ = Statement(actions=("s3:GetObject",), resources=("arn:aws:s3:::reports/x",))
AUDIT = "arn:aws:iam::aws:policy/SecurityAudit"


def person(stack=None, name="alice", **more):
    stack = stack or new_stack()
    given = {"groups": ["mfa-guard", "readers"], "console": True, "tags": {"team": "b", "desk": "a"}, **more}
    return Person(stack, name, name=name, path=PATH, boundary_arn=BOUNDARY, keeper_token=TOKEN, **given)


def template(**more):
    stack = new_stack()
    person(stack, **more)
    return resources(stack)


def test_a_person_synthesizes_to_the_golden_template(root):
    """Read the golden file: it is what a person is in CloudFormation."""
    found = template(statements=[READ], managed_policy_arns=[AUDIT])
    assert found == json.loads((root / "tests/golden/person.json").read_text())


def test_without_console_there_is_neither_login_nor_secret():
    assert sorted(template(console=False)) == ["Leaving0alice", "User0alice"]


def test_there_is_never_a_login_profile_on_the_user():
    assert "LoginProfile" not in template()["User0alice"]["Properties"]


def test_the_leaving_resource_is_deleted_before_the_resources_of_the_user():
    """CloudFormation deletes in the reverse order of dependencies."""
    found = template()
    assert depends(found, "Leaving0alice") == set(found) - {"Leaving0alice"}


def depends(found, logical_id):
    """Follow references and DependsOn to everything that a resource waits for."""
    text = json.dumps(found[logical_id])
    named = {other for other in found if other != logical_id and f'"{other}"' in text}
    return named.union(*(depends(found, other) for other in named))


def test_the_person_exposes_its_user_and_its_secret():
    stack = new_stack()
    alice, bob = person(stack), person(stack, "bob", console=False)
    assert stack.resolve(alice.user.ref) == {"Ref": "User0alice"}
    assert stack.resolve(alice.first_password.ref) == {"Ref": "FirstPassword0alice"}
    assert bob.first_password is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param(
            {"groups": [f"g{number}" for number in range(11)]},
            "`alice` is in too many groups; found 11; accepted: at most 10, including the group of the MFA guard",
            id="eleven groups",
        ),
        pytest.param(
            {"managed_policy_arns": [f"{AUDIT}{number}" for number in range(10)]},
            "`alice` has too many managed policies; found 10; accepted: at most 9: the tenth is reserved for the policy that denies all when the user leaves",
            id="ten managed policies",
        ),
        pytest.param(
            {"name": "a,b"},
            "the name of a user with a secret must not have a comma; found `a,b`; accepted: letters, digits and `+=.@_-`",
            id="a comma",
        ),
    ],
)
def test_refuses(given, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        person(**given)
