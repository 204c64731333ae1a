"""With a first pass, nobody gains at any moment what another change removes: a group or a shared policy.

Small generated accounts as templates: two groups, two shared policies, two users, a role; and
CloudFormation's order, simulated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from keywright.live.passes.ordering import postpone_gains
from tests.laws.deployment_order import Deployment, Live

PATH = "/access/"
ORDER = ("access-data", "access-people-1", "access-people", "access-roles")
KEPT = "AWS::CloudFormation::WaitConditionHandle"
POLICIES, GROUPS, USERS = ("P", "Q"), ("G", "H"), ("u", "v")
some = st.frozensets(st.sampled_from("abc"))


def arn(kind: str, name: str) -> str:
    return f"arn:aws:iam::111111111111:{kind}{PATH}{name}"


@dataclass(frozen=True)
class World:
    """Who holds what: policies' and groups' statements, what groups, users and the role attach, who is in which group."""

    policies: dict[str, frozenset[str]]
    groups: dict[str, tuple[frozenset[str], frozenset[str]]]
    users: dict[str, tuple[frozenset[str], frozenset[str]]]
    role: tuple[frozenset[str], frozenset[str]] | None
    denied: str = ""

    def resources(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Give the resources by stack and logical id, in the order of deployment; `G` is in another stack than the users."""
        kept = {(stack, "Kept"): {"Type": KEPT, "Properties": {}} for stack in ORDER}
        made = {**kept, **self._policies(), **self._groups(), **self._users(), **self._roles()}
        return dict(sorted(made.items(), key=lambda each: ORDER.index(each[0][0])))

    def templates(self) -> dict[str, dict[str, Any]]:
        """Give the same as templates."""
        return in_templates(self.resources())

    def attached(self, names: frozenset[str]) -> list[str]:
        return [arn("policy", name) for name in sorted(names & self.policies.keys())]

    def _policies(self) -> dict[tuple[str, str], dict[str, Any]]:
        return {
            ("access-data", f"SharedPolicy0{name}"): {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"ManagedPolicyName": name, "PolicyDocument": self._document(name, statements)},
            }
            for name, statements in self.policies.items()
        }

    def _groups(self) -> dict[tuple[str, str], dict[str, Any]]:
        opens = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn("role", "R")}
        return {
            ("access-people-1" if name == "G" else "access-people", f"Group0{name}"): {
                "Type": "AWS::IAM::Group",
                "Properties": {
                    "GroupName": name,
                    "Policies": [
                        {
                            "PolicyDocument": self._document(
                                name, statements, *([opens] if name == "G" and self.role else [])
                            )
                        }
                    ],
                    "ManagedPolicyArns": self.attached(policies),
                },
            }
            for name, (statements, policies) in self.groups.items()
        }

    def _users(self) -> dict[tuple[str, str], dict[str, Any]]:
        there = {
            name: [self._group(each) for each in sorted(groups & self.groups.keys())]
            for name, (groups, _) in self.users.items()
        }
        return {
            ("access-people", f"User0{name}"): {
                "Type": "AWS::IAM::User",
                "Properties": {
                    "UserName": name,
                    "Groups": there[name],
                    "ManagedPolicyArns": self.attached(policies),
                },
            }
            for name, (_, policies) in self.users.items()
        }

    def _group(self, name: str) -> Any:
        return name if name == "G" else {"Ref": f"Group0{name}"}

    def _roles(self) -> dict[tuple[str, str], dict[str, Any]]:
        if self.role is None:
            return {}
        members = sorted(arn("user", name) for name, (groups, _) in self.users.items() if "G" in groups)
        trust = {"Effect": "Allow", "Condition": {"ArnLike": {"aws:PrincipalArn": members}}}
        properties = {
            "RoleName": "R",
            "Path": PATH,
            "AssumeRolePolicyDocument": {"Statement": [trust]},
            "Policies": [{"PolicyDocument": self._document("R", self.role[0])}],
            "ManagedPolicyArns": self.attached(self.role[1]),
        }
        return {("access-roles", "Role0R"): {"Type": "AWS::IAM::Role", "Properties": properties}}

    def _document(self, of: str, actions: frozenset[str], *more: dict[str, Any]) -> dict[str, Any]:
        made = [
            {"Effect": "Allow", "Action": f"s3:{each}", "Resource": "*", "Sid": of}
            for each in sorted(actions)
        ]
        denial = [{"Effect": "Deny", "Action": "s3:z", "Resource": "*"}] if of == self.denied else []
        return {"Statement": [*made, *more, *denial]}


def in_templates(resources: dict[tuple[str, str], dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        stack: {"Resources": {name: each for (place, name), each in resources.items() if place == stack}}
        for stack in ORDER
    }


def in_resources(templates: dict[str, dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(stack, name): each for stack in ORDER for name, each in templates[stack]["Resources"].items()}


def worlds(*, with_role: bool, denied: str = "") -> st.SearchStrategy[World]:
    held = st.frozensets(st.sampled_from(POLICIES))
    role = st.none() | st.tuples(some, held) if with_role else st.none()
    return st.builds(
        World,
        policies=st.fixed_dictionaries(dict.fromkeys(POLICIES, some)),
        groups=st.fixed_dictionaries({name: st.tuples(some, held) for name in GROUPS}),
        users=st.dictionaries(
            st.sampled_from(USERS), st.tuples(st.frozensets(st.sampled_from(GROUPS)), held)
        ),
        role=role,
        denied=st.sampled_from(("", denied)),
    )


def excesses(before: World, after: World, seed: int, *, passes: int) -> set[tuple[str, str]]:
    """Play a deployment; give what anybody has at any moment that they have neither before nor after."""
    old, new = before.resources(), after.resources()
    found: set[tuple[str, str]] = set()

    may = {user: Live(old).access(user) | Live(new).access(user) for user in USERS}

    def look(live: Live) -> None:
        found.update((user, each) for user in live.users() for each in live.access(user) - may[user])

    states = (
        [new]
        if passes == 1
        else [in_resources(postpone_gains(after.templates(), before.templates())[0]), new]
    )
    live = old
    for state in states:
        deployment = Deployment(live, state, Random(seed), look)
        deployment.run()
        live = deployment.live
    assert live == new
    return found


@settings(max_examples=150, deadline=None)
@given(before=worlds(with_role=False), after=worlds(with_role=False), seed=st.integers(0, 5))
def test_two_passes_never_give_more_than_before_and_after(before: World, after: World, seed: int) -> None:
    assert excesses(before, after, seed, passes=2) == set()


@settings(max_examples=150, deadline=None)
@given(
    before=worlds(with_role=True, denied="P"),
    after=worlds(with_role=True, denied="G"),
    seed=st.integers(0, 5),
)
def test_a_first_pass_allows_nothing_that_one_pass_does_not(before: World, after: World, seed: int) -> None:
    assert excesses(before, after, seed, passes=2) <= excesses(before, after, seed, passes=1)


@settings(max_examples=150, deadline=None)
@given(before=worlds(with_role=True), after=worlds(with_role=True), seed=st.integers(0, 5))
def test_no_role_gives_more_where_policies_lose_nothing(before: World, after: World, seed: int) -> None:
    wider = {name: before.policies[name] | gains for name, gains in after.policies.items()}
    assert excesses(before, replace(after, policies=wider), seed, passes=2) == set()


def test_access_to_a_role_is_removed_before_the_role_gains() -> None:
    member = (frozenset("G"), frozenset[str]())
    role = (frozenset[str](), frozenset("P"))
    groups = {"G": (frozenset[str](), frozenset[str]())}
    before = World({"P": frozenset("a")}, groups, {"u": member, "v": member}, role)
    after = World({"P": frozenset("ab")}, groups, {"u": (frozenset(), frozenset()), "v": member}, role)
    assert [user for user, _ in excesses(before, after, 0, passes=1)] == ["u"]
    assert excesses(before, after, 0, passes=2) == set()


def test_one_pass_is_not_enough() -> None:
    """What the first pass is for: else this law says nothing."""
    before = World({"P": frozenset("a")}, {}, {"u": (frozenset(), frozenset("P"))}, None)
    after = World({"P": frozenset("ab")}, {}, {"u": (frozenset(), frozenset())}, None)
    assert [user for user, _ in excesses(before, after, 0, passes=1)] == ["u"]
    assert excesses(before, after, 0, passes=2) == set()
    _, waiting = postpone_gains(after.templates(), before.templates())
    assert waiting == [("access-data", ("policy", "P"))]


def test_nothing_waits_where_no_access_is_removed() -> None:
    before = World({"P": frozenset("a")}, {}, {"u": (frozenset(), frozenset("P"))}, None)
    after = World({"P": frozenset("ab")}, {}, {name: (frozenset(), frozenset("P")) for name in USERS}, None)
    templates = after.templates()
    assert postpone_gains(templates, before.templates()) == (templates, [])


def test_denials_do_not_wait_for_the_second_pass() -> None:
    """People would be without their guard."""
    before = World({"P": frozenset("a")}, {}, {"u": (frozenset(), frozenset("P"))}, None, denied="P")
    after = World({"P": frozenset("ab")}, {}, {"v": (frozenset(), frozenset("P"))}, None)
    assert postpone_gains(after.templates(), before.templates())[1] == []
