"""A result for one of many users who differ only in their name holds for each.

Distinguished users are not equivalent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from keywright.reasoning.account.actors import Actor, ActorKind, Grant
from keywright.reasoning.escalation.gain import UndecidedGain, compare_actors
from keywright.reasoning.escalation.renamed_users import EquivalentUser, is_equivalent_user
from tests.unit.reasoning.actors import document

if TYPE_CHECKING:
    from keywright.policy.statement import Document

IAM = "arn:aws:iam::111111111111"
NAMES = ("al", "alice", "bob", "al,x")
RESOURCES = (
    "*",
    f"{IAM}:user/*",
    f"{IAM}:user/team/*",
    f"{IAM}:user/team/al*",
    f"{IAM}:user/team/alice",
    f"{IAM}:user/team/root",
    f"{IAM}:*",
    "arn:aws:iam::*",
    f"{IAM}:user/t?am/*",
    f"{IAM}:user/team/${{aws:username}}",
    f"{IAM}:user/team/${{aws:username}}/*",
    f"{IAM}:user/team/${{ aws:username, 'nobody' }}",
    f"{IAM}:user/team/x${{aws:username}}",
    f"{IAM}:mfa/${{aws:username}},*",
    f"{IAM}:mfa/${{aws:username}}-*",
)
CONDITIONS: tuple[Any, ...] = (
    {},
    {},
    {"ArnLike": {"aws:PrincipalArn": f"{IAM}:user/team/*"}},
    {"ArnLike": {"aws:PrincipalArn": f"{IAM}:user/team/al*"}},
    {"StringEquals": {"aws:username": "alice"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
)


statements = st.builds(
    lambda effect, action, key, resource, condition: {
        "Effect": effect,
        "Action": action,
        key: resource,
        **({"Condition": condition} if condition else {}),
    },
    st.sampled_from(["Allow", "Allow", "Deny"]),
    st.sampled_from(["iam:GetUser", "iam:*"]),
    st.sampled_from(["Resource", "Resource", "NotResource"]),
    st.sampled_from(RESOURCES),
    st.sampled_from(CONDITIONS),
)
documents = st.lists(statements, min_size=1, max_size=3).map(lambda each: document(*each))


def user(name: str, *held: Document, boundary: Document | None = None) -> Actor:
    grants = tuple(map(Grant, held))
    return Actor(ActorKind.USER, f"{IAM}:user/team/{name}", f"user/{name}", grants, boundary)


@settings(max_examples=150, deadline=None)
@given(
    shared=documents,
    boundary=st.none() | documents,
    held=documents,
    kind=st.sampled_from([ActorKind.USER, ActorKind.ROLE]),
)
def test_equivalent_users_have_the_same_comparison(
    shared: Document, boundary: Document | None, held: Document, kind: ActorKind
) -> None:
    name = "root"
    actor = Actor(kind, f"{IAM}:{kind}/team/{name}", f"{kind}/{name}", (Grant(held),))
    others = [user(each, shared, boundary=boundary) for each in NAMES]
    alike = [each for each in others if is_equivalent_user(actor, each)]
    event(f"{len(alike)} of {len(others)} are equivalent")
    assert len(set(map(EquivalentUser, alike))) <= 1
    found = {type(compare_actors(actor, each)) for each in alike} - {UndecidedGain}
    assert len(found) <= 1


@pytest.mark.parametrize(
    "resource",
    [
        pytest.param(f"{IAM}:user/team/al*", id="a pattern of some names"),
        pytest.param(f"{IAM}:user/team/alice", id="one by name"),
        pytest.param(f"{IAM}:user/t*m/*", id="a wildcard before the name"),
        pytest.param("arn:aws:iam::*", id="a wildcard that ends with its field"),
        pytest.param(f"{IAM}:user/team/x${{aws:username}}-y", id="a variable in the middle of a name"),
        pytest.param(f"{IAM}:user/${{aws:userid}}", id="another variable"),
    ],
)
def test_distinguished_users_are_not_equivalent(resource: str) -> None:
    role = Actor(ActorKind.ROLE, f"{IAM}:role/keeper", "role/keeper", (Grant(document(allow("*"))),))
    own = document(allow(f"{IAM}:user/team/${{aws:username}}"))
    assert is_equivalent_user(role, user("alice", own))
    assert not is_equivalent_user(role, user("alice", own, document(allow(resource))))


def test_a_name_with_a_comma_has_no_equivalent_user() -> None:
    role = Actor(ActorKind.ROLE, f"{IAM}:role/keeper", "role/keeper")
    own = document(allow(f"{IAM}:mfa/${{aws:username}},*"))
    assert is_equivalent_user(role, user("al", own))
    assert not is_equivalent_user(role, user("al,x", own))


def allow(resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "iam:*", "Resource": resource}
