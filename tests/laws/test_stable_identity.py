"""No edit replaces an identity that it does not concern, whatever the edit and the order of the files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keywright.model.declarations import Declarations

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("alice", "Bob.B", "carol-x", "d_e", "XaviX58")
GROUPS = ("readers", "writers", "on-call")
CREATE_ONLY = (
    "UserName",
    "GroupName",
    "RoleName",
    "Path",
    "ManagedPolicyName",
    "InstanceProfileName",
    "BucketName",
    "Serial",
)
GRANT = {"s3": ("read",), "bucket": "reports", "prefix": "monthly/"}

memberships = st.lists(
    st.one_of(
        st.sampled_from(GROUPS),
        st.sampled_from(GROUPS).map(lambda name: {"name": name, "until": "2027-01-31"}),
    ),
    max_size=3,
    unique_by=lambda each: each if isinstance(each, str) else each["name"],
).map(tuple)
sign_ins = st.sampled_from([{}, {"console": True}, {"console": True, "cli": True}])
people = st.fixed_dictionaries(
    {
        "person": st.just({"email": "a@example.com"}),
        "groups": memberships,
    },
    optional={"tags": st.dictionaries(st.sampled_from(["team", "desk"]), st.sampled_from(["a", "b"]))},
).flatmap(lambda person: sign_ins.map(lambda sign_in: person | sign_in))
applications = st.fixed_dictionaries(
    {
        "application": st.just({"because": "the machine cannot assume a role", "review": "2027-05-01"}),
        "grants": st.sampled_from([(), (GRANT,)]),
        "access_keys": st.sampled_from(
            [
                (),
                ({"serial": 1, "issued": "2026-11-01"},),
                ({"serial": 2, "issued": "2026-11-20"}, {"serial": 1, "issued": "2026-11-01"}),
            ]
        ),
    }
)
groups = st.fixed_dictionaries({name: st.sampled_from([{}, {"grants": (GRANT,)}]) for name in GROUPS})
roles = st.dictionaries(
    st.sampled_from(["operate", "vendor-x"]),
    st.fixed_dictionaries(
        {
            "trusts": st.sampled_from(
                [({"group": "readers"},), ({"account": "2" * 12, "external_id": "abc"},)]
            ),
            "grants": st.sampled_from([(), (GRANT,)]),
        }
    ),
)
workloads = st.dictionaries(
    st.sampled_from(["web", "batch"]),
    st.fixed_dictionaries(
        {
            "ec2": st.sampled_from(
                [{"launch": "none"}, {"launch": "template", "image": "ami-0abcdef1234567890"}]
            ),
            "grants": st.sampled_from([(), (GRANT,)]),
        }
    ),
)
declared = st.fixed_dictionaries(
    {
        "account": st.just({"id": "1" * 12, "region": "eu-central-1"}),
        "buckets": st.just({"reports": {}}),
        "groups": groups,
        "users": st.dictionaries(st.sampled_from(NAMES), st.one_of(people, applications), max_size=4),
        "roles": roles,
        "workloads": workloads,
    }
)


def with_dates(value: Any) -> Any:
    from datetime import date

    if isinstance(value, dict):
        return {key: with_dates(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return tuple(map(with_dates, value))
    return (
        date.fromisoformat(value)
        if isinstance(value, str) and value[:2] == "20" and value.count("-") == 2
        else value
    )


def identities(document: dict[str, Any], folder: Path) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Give every resource by stack, type and logical id, with its create-only properties."""
    import aws_cdk as cdk

    from stacks.compose import compose
    from stacks.setting import Setting

    app = cdk.App(analytics_reporting=False, builtin_cloud_formation_validation=False, outdir=str(folder))
    compose(app, Setting(Declarations.model_validate(with_dates(document)), folder))
    found = {}
    for stack in app.synth().stacks:
        for name, resource in stack.template["Resources"].items():
            kept = {key: resource.get("Properties", {}).get(key) for key in CREATE_ONLY}
            found[stack.stack_name, resource["Type"], name] = kept
    return found


def owned(
    everything: dict[tuple[str, str, str], dict[str, Any]], kind: str, key: str
) -> dict[str, tuple[Any, ...]]:
    return {kept[key]: (place, kept) for place, kept in everything.items() if place[1] == kind}


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(before=declared, after=declared, reverse=st.booleans())
def test_what_is_declared_before_and_after_is_the_same_identity(
    before: dict[str, Any], after: dict[str, Any], reverse: bool, tmp_path_factory: Any
) -> None:
    if reverse:
        after = {
            key: dict(reversed(value.items())) if isinstance(value, dict) else value
            for key, value in after.items()
        }
    folder = tmp_path_factory.mktemp("edit")
    old, new = identities(before, folder / "before"), identities(after, folder / "after")
    for kind, key in (
        ("AWS::IAM::User", "UserName"),
        ("AWS::IAM::Group", "GroupName"),
        ("AWS::IAM::Role", "RoleName"),
    ):
        was, now = owned(old, kind, key), owned(new, kind, key)
        for name in (was.keys() & now.keys()) - {None} - turned(before, after):
            assert was[name] == now[name]


def turned(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Give who was a person and is an application now, or the other way: by design another identity."""
    kinds = [{name: "person" in user for name, user in each["users"].items()} for each in (before, after)]
    return {name for name in kinds[0].keys() & kinds[1].keys() if kinds[0][name] != kinds[1][name]}


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(before=declared)
def test_order_says_nothing(before: dict[str, Any], tmp_path_factory: Any) -> None:
    turned = {
        key: dict(reversed(value.items())) if isinstance(value, dict) else value
        for key, value in before.items()
    }
    folder = tmp_path_factory.mktemp("order")
    assert identities(before, folder / "before") == identities(turned, folder / "after")
