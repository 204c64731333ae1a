"""During a deployment, even one that stops halfway, nobody has more access than before and after.

There is one exception, which the tests restrict: a user who leaves a group that gains access in the same
deployment or, in a deployment that is rolled back, who had joined a group that lost access. A membership and
the policies of a group cannot change at the same moment, and the group comes first; two deployments, with the
leaving first, avoid it.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from keywright.live.passes.ordering import postpone_gains, references_in
from tests.laws.deployment_order import Deployment, Live
from tests.laws.random_declarations import declared, templates

if TYPE_CHECKING:
    from collections.abc import Collection

    from tests.laws.random_declarations import Resources

STACKS = ("access-account", "access-people", "access-roles", "access-workloads")
hasty = settings(
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def without_turncoats(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Leave out who would be a person and an application of one name: CloudFormation refuses that and takes it back."""
    kept = {
        name: user
        for name, user in after["users"].items()
        if name not in before["users"] or ("person" in user) is ("person" in before["users"][name])
    }
    return {**after, "users": kept}


class Watch:
    """What must hold at every moment between two states."""

    def __init__(self, before: Resources, after: Resources, *, is_taken_back: bool = False) -> None:
        self.before, self.after = Live(before), Live(after)
        self.is_taken_back = is_taken_back
        self.moments = 0

    def __call__(self, live: Live) -> None:
        self.moments += 1
        assert live.unbounded() == []
        for user in live.users():
            if live.has_login(user):
                assert live.is_guarded(user)
            more = live.access(user) - self.before.access(user) - self.after.access(user)
            assert more <= self.in_passing(user)

    def in_passing(self, user: str) -> set[str]:
        """List what groups gain that the user leaves; of what is taken back, what groups lost that the user had joined."""
        was, will = (self.groups(each, user) for each in (self.before, self.after))
        had, will_have = self.all_groups(self.before), self.all_groups(self.after)
        passing = [will_have.get(group, set()) - had[group] for group in was - will]
        if self.is_taken_back:
            passing += [had.get(group, set()) - will_have[group] for group in will - was]
        return {statement for group in passing for statement in group}

    @staticmethod
    def groups(live: Live, user: str) -> set[str]:
        return set(live.memberships(user)) if user in live.users() else set()

    @staticmethod
    def all_groups(live: Live) -> dict[str, set[str]]:
        return {
            each["Properties"]["GroupName"]: live.held(stack, each["Properties"])
            for (stack, _), each in live.resources.items()
            if each["Type"] == "AWS::IAM::Group"
        }


@settings(hasty, max_examples=20)
@given(
    before=declared,
    after=declared,
    seed=st.integers(),
    failing=st.tuples(st.sampled_from(("", *STACKS)), st.integers(0, 12)),
)
def test_no_moment_gives_more_than_before_and_after(
    before: dict[str, Any], after: dict[str, Any], seed: int, failing: tuple[str, int], tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.mktemp("order")
    old = templates(before, folder / "before")
    unmoved = without_turncoats(before, after) | {"shards": before["shards"]}
    new = templates(unmoved, folder / "after")
    fails_in, at = failing
    watch = Watch(old, new, is_taken_back=bool(fails_in))
    deployment = Deployment(old, new, Random(seed), watch)
    deployment.run(fails_in=fails_in, at=at)
    watch(Live(deployment.live))
    if not fails_in:
        # a region's stack that nothing asks for any more is left to be deleted by hand
        stacks = {stack for stack, _ in new}
        assert {place: each for place, each in deployment.live.items() if place[0] in stacks} == new
    in_two_passes(old, new, Random(seed))


def in_two_passes(old: Resources, new: Resources, random: Random) -> None:
    """Play the first pass, in which what gains may wait, and the second: nobody is unguarded, nothing refers to nothing."""
    stacks = {stack for stack, _ in new}
    deployed = in_templates({place: each for place, each in old.items() if place[0] in stacks}, stacks)
    held, waiting = postpone_gains(in_templates(new, stacks), deployed)
    if not waiting:
        return
    first = {
        (stack, name): each
        for stack in dict.fromkeys(stack for stack, _ in new)
        for name, each in held[stack]["Resources"].items()
    }
    for (stack, _), each in first.items():
        there = {name for place, name in first if place == stack}
        assert {each for each in references_in(each) if not each.startswith("AWS::")} <= there
    watch = Watch(old, new)
    passing = Deployment(old, first, random, watch)
    passing.run()
    Deployment(passing.live, new, random, watch).run()


def in_templates(resources: Resources, stacks: Collection[str]) -> dict[str, dict[str, Any]]:
    return {
        stack: {"Resources": {name: each for (place, name), each in resources.items() if place == stack}}
        for stack in stacks
    }


def test_a_first_deployment_attaches_the_mfa_guard_before_anyone_signs_in(tmp_path_factory: Any) -> None:
    person = {"person": {"email": "a@example.com"}, "groups": ("readers",), "console": True}
    document = {
        "account": {"id": "1" * 12, "region": "eu-central-1"},
        "groups": {"readers": {}},
        "users": {"alice": person, "bob": person},
    }
    new = templates(document, tmp_path_factory.mktemp("first"))
    for seed in range(20):
        watch = Watch({}, new)
        Deployment({}, new, Random(seed), watch).run()
        assert watch.moments == len(new)


def test_a_role_that_loses_access_and_gains_principals_never_gives_them_the_old_access(
    tmp_path_factory: Any,
) -> None:
    """People come first; but the trust names them with the role's own deployment."""
    wide, narrow = {"s3": ("read", "write"), "bucket": "reports"}, {"s3": ("read",), "bucket": "reports"}
    person = {"person": {"email": "a@example.com"}, "console": True}
    document = {
        "account": {"id": "1" * 12, "region": "eu-central-1"},
        "buckets": {"reports": {}},
        "groups": {"operators": {}},
        "users": {"alice": person | {"groups": ("operators",)}, "bob": person},
        "roles": {"operate": {"trusts": ({"group": "operators"},), "grants": (wide,)}},
    }
    opened = {
        **document,
        "users": dict.fromkeys(("alice", "bob"), person | {"groups": ("operators",)}),
        "roles": {"operate": {"trusts": ({"group": "operators"},), "grants": (narrow,)}},
    }
    folder = tmp_path_factory.mktemp("narrowing")
    old, new = templates(document, folder / "before"), templates(opened, folder / "after")
    for fails_in in ("", "access-roles"):
        watch = Watch(old, new)
        Deployment(old, new, Random(0), watch).run(fails_in=fails_in, at=0)
        assert watch.in_passing("bob") == set()
        assert any("operate" in each for each in watch.after.access("bob"))
