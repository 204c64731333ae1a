"""Random declarations, their templates, and single edits with the names that each is about."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hypothesis import strategies as st

from keywright.model.declarations import Declarations
from tests.laws.key_readers import concerned
from tests.laws.policy_grammar import mistakes_of_resource

NAMES = ("alice", "Bob.B", "carol-x", "d_e", "XaviX58")
GROUPS = ("readers", "writers", "on-call")
UNTIL = "2027-01-31"
GRANT = {"s3": ("read",), "bucket": "reports", "prefix": "monthly/"}
OTHER = {"s3": ("list", "write"), "bucket": "reports", "prefix": "daily/"}
PUT = {"s3": ("put", "tagging"), "bucket": "reports", "prefix": "daily/", "versions": True}
DOOR = {"s3": ("list", "read", "delete"), "bucket": "reports", "access_point": "analysts"}
KEYED = {"s3": ("write",), "bucket": "vault", "until": UNTIL}
OWN = {"s3": ("read",), "bucket": "reports", "prefix_by": {"tag": "team"}}
HOME = {"s3": ("list", "read"), "bucket": "reports", "prefix": "home/", "prefix_by": {"user_name": True}}
TAGGED = {
    "allow": {
        "service": "secretsmanager",
        "levels": ("read",),
        "resources": ("secret:*",),
        "where": {"resource_tag": "team", "equals": "principal_tag"},
    }
}
EXACT = {
    "statement": {
        "effect": "allow",
        "actions": ("sqs:Get*", "sqs:SendMessage"),
        "resources": (f"arn:aws:sqs:eu-central-1:{'1' * 12}:orders",),
        "conditions": {
            "StringEquals": {"aws:SourceVpc": ("vpc-0123abcd",)},
            "Bool": {"aws:SecureTransport": True},
        },
    },
    "because": "one queue has readers and writers of its own",
    "wildcards": "whatever there is to get of this one queue",
    "until": UNTIL,
}
NEVER = {
    "statement": {"effect": "deny", "not_actions": ("s3:*", "sqs:*", "sts:*"), "resources": ("*",)},
    "because": "who reads reports needs nothing else",
}
ATHENA = {"allow": {"service": "athena", "levels": ("read",), "resources": ("workgroup/reports",)}}
AUDIT = {"managed": "SecurityAudit", "because": "the law wants a policy whose services nobody knows"}
KEYS = (
    ({"serial": 1, "issued": "2026-11-01"},),
    ({"serial": 1, "issued": "2026-11-01"}, {"serial": 2, "issued": "2026-11-20"}),
    ({"serial": 1, "issued": "2026-11-01", "status": "inactive"}, {"serial": 2, "issued": "2026-11-20"}),
    ({"serial": 2, "issued": "2026-11-20"},),
)
"""The states of a rotation, one after the other."""

memberships = st.lists(
    st.one_of(
        st.sampled_from(GROUPS),
        st.sampled_from(GROUPS).map(lambda name: {"name": name, "until": UNTIL}),
    ),
    max_size=3,
    unique_by=lambda each: each if isinstance(each, str) else each["name"],
).map(tuple)
BECAUSE = {"because": "the machines of the lab have no browser"}
sign_ins = st.sampled_from(
    [
        {},
        {"console": True},
        {"console": True, "cli": True},
        {"console": True, "cli": {"session_token": BECAUSE}},
    ]
)
people = st.fixed_dictionaries(
    {"person": st.just({"email": "a@example.com"}), "groups": memberships},
    optional={
        "until": st.just(UNTIL),
        "tags": st.dictionaries(st.sampled_from(["team", "desk"]), st.sampled_from(["a", "b"])),
    },
).flatmap(lambda person: sign_ins.map(lambda sign_in: person | sign_in))
READERS = (("group/readers",), ("group/on-call", "role/operate"), (f"arn:aws:iam::{'1' * 12}:role/admin",))
applications = st.fixed_dictionaries(
    {
        "application": st.fixed_dictionaries(
            {"because": st.just("the machine cannot assume a role"), "review": st.just("2027-05-01")},
            optional={
                "readers": st.sampled_from(READERS),
                "maximum_age": st.just({"days": 180, "because": "the vendor comes twice a year"}),
            },
        ),
        "grants": st.sampled_from([(), (GRANT,)]),
        "access_keys": st.sampled_from([(), *KEYS]),
    }
)
users = st.one_of(people, applications)
grants = st.sampled_from([(), (GRANT,), (GRANT, OTHER), (OTHER, PUT), (DOOR, KEYED), (OWN,), (TAGGED, GRANT)])
UUID = "1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f50"
ANCHOR = f"arn:aws:rolesanywhere:eu-central-1:{'1' * 12}:trust-anchor/{UUID}"
EKS = "https://oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
AUTHORITY = f"arn:aws:acm-pca:eu-central-1:{'1' * 12}:certificate-authority/{UUID}"
AUTHORITIES = tuple(
    {"factory": {"authority": AUTHORITY[:-1] + digit}, "older": {"existing": ANCHOR}} for digit in "012"
)
SELF = "the-role"
"""Stands in a trust for a service account of the role's own: EKS takes each of them for one role."""
ISSUERS = {
    "cluster": {"oidc": EKS},
    "gitlab": {"oidc": "gitlab"},
    "terraform": {"oidc": "terraform", "existing": True},
    "buildkite": {"oidc": "buildkite"},
    "circleci": {"oidc": "circleci", "organization": UUID},
    "bitbucket": {"oidc": "bitbucket", "workspace": "acme", "workspace_id": UUID},
}
trusts = st.sampled_from(
    [
        ({"group": "readers"},),
        ({"account": "2" * 12, "external_id": "abc"},),
        (
            {
                "account": "2" * 12,
                "external_id": "abc",
                "organization": "o-a1b2c3d4e5",
                "units": ("ou-ab12-11111111",),
                "networks": ("203.0.113.0/24",),
                "since": "2026-12-01",
                "until": UNTIL,
            },
        ),
        ({"service": "lambda"}, {"service": "ecs-tasks"}),
        (
            {"gitlab": "acme/shop", "branch": "main"},
            {"terraform": "acme", "project": "Default Project", "workspace": "shop", "phase": "apply"},
            {"buildkite": "acme/shop", "tag": "v1"},
        ),
        (
            {"circleci": UUID},
            {"bitbucket": UUID, "environment": UUID},
            {"google": "1" * 21, "audience": "acme"},
        ),
        ({"trust_anchor": ANCHOR, "common_name": "floor-7"},),
        ({"trust_anchor": ANCHOR, "common_name": "floor-7", "at_most": ("policy/shared", "SecurityAudit")},),
        (
            {"trust_anchor": "factory", "common_name": "floor-8"},
            {"trust_anchor": "older", "common_name": "floor-8"},
        ),
        ({"eks": {"cluster": "production", "namespace": "shop", "service_account": SELF}},),
        (
            {"service": "codebuild", "project": "build"},
            {"service": "states"},
            {"service": "backup"},
            {
                "service": "newthing.amazonaws.com",
                "because": "its guide names the principal, and no condition",
            },
            {"oidc": "cluster", "namespace": "shop", "service_account": "web"},
        ),
    ]
)
TRUSTED_ROLES = (
    (
        {
            "account": "2" * 12,
            "roles": ("ci", f"arn:aws:iam::{'2' * 12}:role/a"),
            "organization": "o-a1b2c3d4e5",
        },
    ),
    ({"role": "operate"}, {"service": "lambda"}),
    ({"workload": "web"}, {"group": "readers"}),
)
trusts = st.one_of(trusts, st.sampled_from(TRUSTED_ROLES))
ELSEWHERE = {"assume": "audit", "account": "2" * 12}
BY_PEOPLE = ELSEWHERE | {"mfa": {"within": "1h"}, "until": UNTIL}
BY_SOFTWARE = ELSEWHERE | {"external_id": "acme-7f3a"}
SUPPORT = {"managed": "AWSSupportAccess", "because": "incidents are handled together with AWS Support"}
SESSION = {"session_on": "web", "because": "they look at a run where it runs"}
of_groups = st.fixed_dictionaries(
    {"grants": st.one_of(grants, st.sampled_from([(HOME,), (GRANT, BY_PEOPLE), (SESSION,)]))},
    optional={"self_service": st.just({"access_keys": BECAUSE})},
)
own_tags = st.sampled_from([{}, {}, {"team": "a"}, {"desk": "4", "team": "b"}])
SHARED = {"managed": "policy/shared", "because": "several read the same, and nobody writes it thrice"}
of_software = st.one_of(grants, st.sampled_from([(ELSEWHERE,), (GRANT, BY_SOFTWARE)]))
roles = st.fixed_dictionaries(
    {"trusts": trusts, "grants": of_software, "tags": own_tags},
    optional={
        "policies": st.sampled_from([(SUPPORT,), (SHARED,), (SUPPORT, SHARED)]),
        "until": st.just(UNTIL),
    },
)
ROLES = ("operate", "vendor-x")


def of_its_own(name: str, role: dict[str, Any] | None) -> dict[str, Any] | None:
    """Give a role the service account that is called as it is."""
    if role is None:
        return None
    pods = [trust for trust in role["trusts"] if "eks" in trust]
    own = tuple({"eks": trust["eks"] | {"service_account": name}} for trust in pods)
    return role | {"trusts": own or role["trusts"]}


delegations = st.fixed_dictionaries(
    {
        "to": st.sampled_from([("group/readers",), ("role/operate", "group/on-call")]),
        "grants": st.sampled_from([(GRANT,), (GRANT, OTHER)]),
        "policies": st.sampled_from([(), (AUDIT,)]),
        "pass_to": st.sampled_from([(), ("ec2", "lambda")]),
    }
)
IMAGE = "ami-0abcdef1234567890"
workloads = st.fixed_dictionaries(
    {
        "ec2": st.sampled_from(
            [
                {"launch": "none"},
                {"launch": "template", "image": IMAGE},
                {
                    "launch": "group",
                    "image": IMAGE,
                    "size": {"min": 0, "max": 2},
                    "subnets": ("subnet-0abcdef1234567890",),
                },
            ]
        ),
        "grants": of_software,
        "tags": own_tags,
        "sessions": st.booleans(),
    },
    optional={"until": st.just(UNTIL)},
)
GUIDS = tuple(f"906767e1f2-1f0c1e0a-5d2b-4c3e-9a7f-0b1c2d3e4f5{number}" for number in range(3))
CENTER = {
    "instance": "arn:aws:sso:::instance/ssoins-1234567890abcdef",
    "identity_store": "d-1234567890",
    "region": "eu-west-1",
    "groups": {
        "analysts": {"id": GUIDS[0]},
        "auditors": {
            "display_name": "Auditors",
            "because": "no directory has them",
            "members": {"eve": GUIDS[1]},
        },
    },
}
UNBOUNDED = {"none": {"because": "an audit sees every service there is"}}
sets = st.fixed_dictionaries(
    {
        "grants": st.sampled_from([(GRANT,), (GRANT, OTHER), (PUT, KEYED), (EXACT, NEVER)]),
        "session": st.sampled_from(["1h", "8h"]),
    },
    optional={
        "policies": st.sampled_from([(AUDIT,), (SHARED,)]),
        "boundary": st.just(UNBOUNDED),
        "tags": st.just({"team": "a"}),
        "description": st.just("Reads what it reads"),
        "until": st.just(UNTIL),
    },
)
EXISTING_SET = "arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-1234567890abcdef"
PERSON = {"user": "eve", "id": GUIDS[1], "because": "there is no second auditor"}
assignments = st.sampled_from(
    [
        (),
        ({"permission_set": "Analyst", "groups": ("analysts",)},),
        (
            {"permission_set": "Analyst", "groups": ("analysts", "auditors"), "until": UNTIL},
            {"permission_set": "Given", "people": (PERSON,), "accounts": ("2" * 12, "1" * 12)},
        ),
        ({"permission_set": "Ops.x", "groups": ("auditors",)},),
    ]
)
SHARDED = {
    "people": {"stacks": 3, "stay": {"access-people": ("alice",)}},
    "groups": {"stacks": 2},
    "roles": {"stacks": 2},
    "workloads": {"stacks": 2},
    "buckets": {"stacks": 2, "stay": {"access-data": ("vault",)}, "newcomers_from": 1},
}
RESCUE = "rescue"
"""The break-glass role: the only identity without a permissions boundary."""
BREAK_GLASS = (
    f"role/{RESCUE}",
    {"role": f"role/{RESCUE}", "because": "it repairs everything, the boundary too", "until": UNTIL},
)


def with_break_glass(document: dict[str, Any]) -> dict[str, Any]:
    """Declare the break-glass role, if the account has one."""
    if "break_glass" not in document["account"]:
        return document
    administrator = {
        "managed": "AdministratorAccess",
        "because": "somebody must be able to repair the account",
    }
    role = {"trusts": ({"group": GROUPS[0]},), "policies": (administrator,)}
    return {**document, "roles": {**document["roles"], RESCUE: role}}


declared = st.fixed_dictionaries(
    {
        "shards": st.sampled_from([{}, {}, SHARDED]),
        "account": st.fixed_dictionaries(
            {"id": st.just("1" * 12), "region": st.just("eu-central-1"), "tags": own_tags},
            optional={
                "access_keys": st.sampled_from([{"maximum_age": 30}, {"replica": "eu-west-1"}]),
                "break_glass": st.sampled_from(BREAK_GLASS),
            },
        ),
        "policies": st.just({"shared": {"grants": (GRANT,)}}),
        "buckets": own_tags.map(
            lambda tags: {
                "reports": {"access_points": {"analysts": {"vpc": "vpc-0123abcd"}}, "tags": tags},
                "vault": {
                    "key": f"arn:aws:kms:eu-central-1:{'1' * 12}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
                },
            }
        ),
        "identity_providers": st.just(ISSUERS),
        "trust_anchors": st.sampled_from(AUTHORITIES),
        "groups": st.fixed_dictionaries(dict.fromkeys(GROUPS, of_groups)),
        "users": st.dictionaries(st.sampled_from(NAMES), users, min_size=1, max_size=4),
        "roles": st.dictionaries(st.sampled_from(ROLES), roles).map(
            lambda things: {name: of_its_own(name, role) for name, role in things.items()}
        ),
        "workloads": st.dictionaries(st.sampled_from(["web", "batch"]), workloads),
        "identity_center": st.just(CENTER),
        "permission_sets": st.fixed_dictionaries(
            {"Analyst": sets, "Ops.x": sets, "Given": st.just({"existing": EXISTING_SET})}
        ),
        "assignments": assignments,
        "organization": st.sampled_from(
            [
                None,
                {"management": True, "levels": ({"level": "root"},)},
                {"levels": ({"level": "root", "service_control": ("FullAWSAccess",)},)},
            ]
        ),
        "delegations": st.dictionaries(st.sampled_from(["team-a", "team-b"]), delegations, max_size=2),
    }
).map(with_break_glass)

KEPT = {"boundary": "none", "because": "it is changed together with its owner", "until": UNTIL}
adopted = st.sampled_from([{"path": "/"}, {"path": "/team/"} | KEPT, {"path": "/access/old/"}])
"""What existed before: under another path or below the account's, one without a permissions boundary."""


@st.composite
def adopting(draw: st.DrawFn) -> dict[str, Any]:
    """Declare an account in which some things existed before."""
    document = draw(declared)
    more: dict[str, dict[str, Any]] = {
        "users": {},
        "groups": {},
        "roles": {"description": "Made by hand"},
        "workloads": {},
        "policies": {"description": "Made by hand"},
    }
    for section, keys in more.items():
        for name, thing in document[section].items():
            kept = draw(st.none() | adopted)
            if kept is None:
                continue
            only_path = {"path": kept["path"]} if section in {"groups", "policies"} else kept
            names = {"role": f"server-{name}"} if section == "workloads" else {}
            things = document[section] | {name: thing | {"adopted": only_path | keys | names}}
            document = {**document, section: things}
    return document


Resources = dict[tuple[str, str], dict[str, Any]]
"""Every resource by stack and logical id, in the order of deployment."""


def with_dates(value: Any) -> Any:
    """Read dates as YAML does."""
    if isinstance(value, dict):
        return {key: with_dates(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return tuple(map(with_dates, value))
    is_date = isinstance(value, str) and re.fullmatch(r"20\d\d-\d\d-\d\d", value)
    return date.fromisoformat(value) if is_date else value


def templates(document: dict[str, Any], folder: Any) -> Resources:
    """Synthesize the variant that is for real accounts; stacks are in the order of a deployment."""
    import aws_cdk as cdk

    from access_stacks.compose import compose
    from access_stacks.inputs import StackInputs

    app = cdk.App(
        analytics_reporting=False,
        builtin_cloud_formation_validation=False,
        outdir=str(folder),
        context={"@aws-cdk/core:enablePartitionLiterals": True},
    )
    compose(app, StackInputs(Declarations.model_validate(with_dates(document)), folder))
    found = app.synth().stacks
    for stack in found:
        for name, resource in stack.template["Resources"].items():
            assert list(mistakes_of_resource(resource)) == [], name
    return {
        (stack.stack_name, name): {key: value for key, value in resource.items() if key != "Metadata"}
        for stack in found
        for name, resource in stack.template["Resources"].items()
    }


_ENCODED = re.compile(r"(?P<kind>[A-Z][A-Za-z1-9]*)0(?P<name>(?:[A-WYZa-z0-9]|X[0-9a-f]{2})+)(?:X[A-Z]\w*)?")
_OF = {
    "users": "User Application UserGrants FirstPassword FirstSignIn Leaving AccessKey AccessKeySecret AccessKeySecretPolicy",
    "groups": "Group GroupGrants",
    "roles": "Role RoleGrants AnywhereProfile",
    "workloads": "InstanceRole InstanceRoleGrants InstanceProfile LaunchTemplate Instance InstanceGroup",
    "buckets": "Bucket BucketPolicy AccessPoint",
    "identity_providers": "OidcProvider",
    "trust_anchors": "TrustAnchor",
    "policies": "SharedPolicy",
    "permission_sets": "PermissionSet SetAssignment",
    "identity_center": "CenterGroup CenterMembership",
    "account": "ManagedPolicy PasswordPolicy AccountAlias Analyzer KmsKey KmsAlias",
}
_SECTION = {kind: section for section, kinds in _OF.items() for kind in kinds.split()}


def declared_thing(logical_id: str) -> tuple[str, str]:
    """Tell section and name of what a resource was made for; a twin is its group's."""
    found = _ENCODED.fullmatch(logical_id)
    assert found, logical_id
    name = re.sub(r"X([0-9a-f]{2})", lambda each: chr(int(each[1], 16)), found["name"])
    if found["kind"] == "PodIdentity":
        from access_constructs.federation.pod_identity import association_id

        return "roles", next(
            each for each in ROLES if association_id("production", "shop", each) == logical_id
        )
    section = _SECTION[found["kind"]]
    if section == "permission_sets":
        return section, _set_of(name)
    if section == "identity_center":
        return section, ""
    return section, "" if section == "account" else re.sub(r"\.until-\d{4}-\d{2}-\d{2}$", "", name)


def _set_of(name: str) -> str:
    """Name the permission set that a twin, or an assignment, is of."""
    first, _, rest = name.partition("/")
    if first == "existing" and rest:
        return "Given"
    return re.sub(r"\.\d{4}-\d{2}-\d{2}$", "", first)


def services(document: dict[str, Any]) -> set[str]:
    """List the services that are granted."""
    things = [
        thing
        for section in ("groups", "users", "roles", "workloads", "delegations", "policies")
        for thing in document[section].values()
    ]
    things += [each for each in document["permission_sets"].values() if "boundary" not in each]
    given = [grant for thing in things for grant in thing.get("grants", ())]
    named = {"s3" for grant in given if "s3" in grant}
    named |= {grant["allow"]["service"] for grant in given if "allow" in grant}
    named |= {"ssm"} if SESSION in given or takes_sessions(document) else set()
    named |= {"sqs"} if EXACT in given else set()
    return named | ({"kms"} if KEYED in given else set())


def takes_sessions(document: dict[str, Any]) -> bool:
    """Tell whether the instances of any workload take sessions, so that nobody moves the tag that decides."""
    return any(workload["sessions"] for workload in document["workloads"].values())


def user_paths(document: dict[str, Any]) -> set[str]:
    """List the paths of adopted users."""
    return {user["adopted"]["path"] for user in document["users"].values() if "adopted" in user}


def elsewhere(document: dict[str, Any]) -> set[tuple[str, str, str]]:
    """List what the boundary and the keeper's policy name: adopted users, and adopted roles with who can assume them."""
    found = {
        (section, name, str(thing.get("trusts")))
        for section in ("users", "roles")
        for name, thing in document[section].items()
        if "adopted" in thing
    }
    members = str({name: user.get("groups") for name, user in document["users"].items()})
    # Whether anybody with the account's boundary can assume such a role depends on the members of groups too.
    return found | ({("", members, str(sorted(document["roles"])))} if found else set())


def own_keys(document: dict[str, Any]) -> tuple[bool, bool]:
    """Tell whether anybody may make access keys of their own, and whether somebody by themselves and not by a group."""
    groups = {name for name, group in document["groups"].items() if "self_service" in group}
    users = [user for user in document["users"].values() if "person" in user]
    by_themselves = any(isinstance(user.get("cli"), dict) for user in users)
    joined = {
        each if isinstance(each, str) else each["name"] for user in users for each in user.get("groups", ())
    }
    return by_themselves or bool(groups & joined), by_themselves


@dataclass
class Edit:
    """A document while it is edited; `about` are the declared things that the edit concerns."""

    document: dict[str, Any]
    draw: Any
    about: set[tuple[str, str]] = field(default_factory=set)

    def done(self, before: dict[str, Any]) -> set[tuple[str, str]]:
        """Give what the edit was about: the boundary too, where other services, or the making of keys, are granted."""
        asked = (services, own_keys, takes_sessions, elsewhere)
        grown = any(each(before) != each(self.document) for each in asked)
        others = {("groups", "session-token")} if own_keys(before)[1] != own_keys(self.document)[1] else set()
        self.about |= concerned(before, self.document)
        if user_paths(before) != user_paths(self.document):
            # Each path is in the statements by which people manage their own user.
            self.about |= {("groups", name) for name in ("mfa-guard", "session-token")}
            self.about |= {
                ("groups", name) for name, group in self.document["groups"].items() if "self_service" in group
            }
        return self.about | others | ({("account", "")} if grown else set())

    def pick(self, section: str, *wanted: str) -> str | None:
        """Choose a declared thing that has these keys."""
        things = self.document.get(section, {})
        fitting = sorted(name for name, thing in things.items() if set(wanted) <= set(thing))
        return self.draw(st.sampled_from(fitting)) if fitting else None

    def put(self, section: str, name: str, thing: dict[str, Any] | None) -> None:
        """Declare something anew, or no longer."""
        self.about.add((section, name))
        others = {key: each for key, each in self.document[section].items() if key != name}
        self.document = {**self.document, section: others if thing is None else {**others, name: thing}}

    def change(self, section: str, name: str, **changes: Any) -> None:
        self.put(section, name, self.document[section][name] | changes)

    def groups_of(self, user: str) -> set[str]:
        groups = self.document["users"].get(user, {}).get("groups", ())
        return {each if isinstance(each, str) else each["name"] for each in groups}

    def members_change(self, *groups: str) -> None:
        """Count in the roles that name a group's members, and the group for a twin that comes or goes."""
        self.about |= {("groups", group) for group in groups}
        self.about |= {
            ("roles", name)
            for name, role in self.document["roles"].items()
            if any(trust.get("group") in groups for trust in role["trusts"])
        }


def add_user(edit: Edit) -> None:
    free = [name for name in NAMES if name not in edit.document["users"]]
    if free:
        name = edit.draw(st.sampled_from(free))
        edit.put("users", name, edit.draw(users))
        edit.members_change(*edit.groups_of(name))


def remove_user(edit: Edit) -> None:
    if name := edit.pick("users"):
        groups = edit.groups_of(name)
        edit.put("users", name, None)
        edit.members_change(*groups)


def rename_user(edit: Edit) -> None:
    """Make a new identity: the old one leaves."""
    name, free = edit.pick("users"), [each for each in NAMES if each not in edit.document["users"]]
    if name and free:
        new, thing, groups = free[0], edit.document["users"][name], edit.groups_of(name)
        edit.put("users", name, None)
        edit.put("users", new, thing)
        edit.members_change(*groups)


def change_memberships(edit: Edit) -> None:
    if name := edit.pick("users", "person"):
        before = edit.groups_of(name)
        edit.change("users", name, groups=edit.draw(memberships))
        edit.members_change(*before, *edit.groups_of(name))


def change_sign_in(edit: Edit) -> None:
    if name := edit.pick("users", "person"):
        edit.change(
            "users",
            name,
            console=True,
            cli=edit.draw(st.sampled_from([False, True, {"session_token": BECAUSE}])),
        )


def change_tags(edit: Edit) -> None:
    if name := edit.pick("users", "person"):
        edit.change("users", name, tags={"desk": edit.draw(st.sampled_from(["a", "b", "c"]))})


def rotate_key(edit: Edit) -> None:
    if name := edit.pick("users", "application"):
        edit.change("users", name, access_keys=edit.draw(st.sampled_from(KEYS)))


def change_readers(edit: Edit) -> None:
    if name := edit.pick("users", "application"):
        application = edit.document["users"][name]["application"]
        edit.change("users", name, application=application | {"readers": edit.draw(st.sampled_from(READERS))})


def grant_to_application(edit: Edit) -> None:
    if name := edit.pick("users", "application"):
        edit.change("users", name, grants=edit.draw(grants))


def first_managed_policy(edit: Edit) -> None:
    """Give its holder the other boundary, and nobody else."""
    if name := edit.pick("users", "application"):
        edit.change("users", name, policies=(AUDIT,))


def change_what_is_shared(edit: Edit) -> None:
    """Change a policy in place: whoever holds it holds another, and nobody's own resource changes."""
    edit.change("policies", "shared", grants=edit.draw(grants.filter(bool)))


def grant_to_group(edit: Edit) -> None:
    if name := edit.pick("groups"):
        edit.change("groups", name, grants=edit.draw(grants))


def overflow(edit: Edit) -> None:
    """Move grants past the inline quota into policies of their owner's."""
    section = edit.draw(st.sampled_from(["groups", "roles", "workloads"]))
    if name := edit.pick(section):
        levels = ("list", "read", "write")
        many = tuple({"s3": levels, "bucket": "reports", "prefix": f"{year}/"} for year in range(20))
        edit.change(section, name, grants=many)


def new_service(edit: Edit) -> None:
    """Let the boundary grow by it, for everybody, in place."""
    if name := edit.pick("groups"):
        edit.change("groups", name, grants=(GRANT, ATHENA))


def hand_over(edit: Edit) -> None:
    """Tag the group's users, give the group the grant, and let the boundary know the service."""
    before, name = edit.document["account"].get("handover"), edit.pick("groups")
    edit.document = {**edit.document, "account": edit.document["account"] | {"handover": name}}
    edit.about |= {("groups", name), ("account", "")} | ({("groups", before)} if before else set())
    members = {user for user in edit.document["users"] if edit.groups_of(user) & {before, name}}
    edit.about |= {("users", user) for user in members}


POLICIES = (
    {"minimum_length": 20},
    {"symbols": False, "change_own": False},
    {"maximum_age_days": 90, "hard_expiry": True, "because": "the contract asks for it"},
)


def set_account(edit: Edit) -> None:
    alias = edit.draw(st.sampled_from(["acme", "acme-two"]))
    analyzer = edit.draw(
        st.sampled_from([{}, {"unused_days": 90}, {"existing": True}, {"regions": ("us-east-1",)}])
    )
    denied = edit.draw(st.sampled_from([{"without_tls": True}, {"outside_regions": ("eu-central-1",)}]))
    settings = {
        "alias": alias,
        "password_policy": {"minimum_length": 20},
        "access_analyzer": analyzer,
        "deny": denied,
    }
    edit.document = {**edit.document, "account": edit.document["account"] | settings}
    edit.about.add(("account", ""))
    sets = edit.document["permission_sets"].items()
    edit.about |= {("permission_sets", name) for name, each in sets if "boundary" in each}


def change_permission_set(edit: Edit) -> None:
    edit.put("permission_sets", edit.draw(st.sampled_from(["Analyst", "Ops.x"])), edit.draw(sets))


def change_assignments(edit: Edit) -> None:
    """Give and take what is assigned: one resource each, and no permission set but its twin comes or goes."""
    edit.document = {**edit.document, "assignments": edit.draw(assignments)}
    edit.about |= {("permission_sets", name) for name in edit.document["permission_sets"]}


def as_adopted(edit: Edit, section: str, name: str, thing: dict[str, Any] | None) -> dict[str, Any] | None:
    """Keep what existed before as it was."""
    kept = edit.document[section].get(name, {}).get("adopted")
    return thing if thing is None or kept is None else thing | {"adopted": kept}


def change_role(edit: Edit) -> None:
    """Change both sides of a role: the trust, and the right of a group or of another role to assume it."""
    name = edit.draw(st.sampled_from(ROLES))
    before = edit.document["roles"].get(name, {}).get("trusts", ())
    edit.put("roles", name, as_adopted(edit, "roles", name, of_its_own(name, edit.draw(st.none() | roles))))
    after = edit.document["roles"].get(name, {}).get("trusts", ())
    edit.about |= {("groups", "readers"), ("trust_anchors", "factory")}
    edit.about |= {("roles", each["role"]) for each in (*before, *after) if "role" in each}
    edit.about |= {("workloads", each["workload"]) for each in (*before, *after) if "workload" in each}
    edit.about |= {  # who trusts it names nobody once it is gone
        ("roles", other)
        for other, role in edit.document["roles"].items()
        if any(trust.get("role") == name for trust in role["trusts"])
    }


def change_authority(edit: Edit) -> None:
    """Take another authority's signature: the anchor stays, and so do the roles that trust it."""
    edit.document = {**edit.document, "trust_anchors": edit.draw(st.sampled_from(AUTHORITIES))}
    edit.about.add(("trust_anchors", "factory"))


def change_delegation(edit: Edit) -> None:
    """Change a boundary, what its delegates get, and in the fence which boundaries there are."""
    name = edit.draw(st.sampled_from(["team-a", "team-b"]))
    before = edit.document["delegations"].get(name, {}).get("to", ())
    edit.put("delegations", name, edit.draw(st.none() | delegations))
    after = edit.document["delegations"].get(name, {}).get("to", ())
    kinds = {"group": "groups", "role": "roles"}
    edit.about |= {(kinds[each.partition("/")[0]], each.partition("/")[2]) for each in (*before, *after)}
    edit.about.add(("account", ""))


def change_workload(edit: Edit) -> None:
    name = edit.draw(st.sampled_from(["web", "batch"]))
    edit.put("workloads", name, as_adopted(edit, "workloads", name, edit.draw(st.none() | workloads)))


def change_buckets(edit: Edit) -> None:
    edit.put("buckets", "inbox", edit.draw(st.none() | st.just({})))


EDITS = (
    add_user,
    remove_user,
    rename_user,
    change_memberships,
    change_sign_in,
    change_tags,
    rotate_key,
    change_readers,
    grant_to_application,
    first_managed_policy,
    change_what_is_shared,
    grant_to_group,
    overflow,
    new_service,
    hand_over,
    set_account,
    change_role,
    change_authority,
    change_delegation,
    change_workload,
    change_buckets,
    change_permission_set,
    change_assignments,
)
