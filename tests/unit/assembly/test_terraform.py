"""Plans and states of Terraform give the access that they describe; what only an apply knows stays undecided."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from keywright.assembly.identities.collection import identities
from keywright.assembly.identities.unresolved_attachments import all_principals
from keywright.assembly.queries.lookup import find_actor
from keywright.assembly.queries.question import Question
from keywright.assembly.templates.reader import read_assembly
from keywright.assembly.templates.symbolic_policies import Spelling
from keywright.assembly.templates.template import Assembly
from keywright.cli.ask.question import default_context
from tests.unit.assembly.terraform_plans import (
    ACCOUNT,
    TRUST,
    Block,
    Json,
    allow,
    document,
    plan,
    read,
    refers,
    state,
    written,
)

OBJECT = "arn:aws:s3:::reports/one"
READ = document(allow("s3:GetObject", "arn:aws:s3:::reports/*"))
ROLE = Block(
    "aws_iam_role.worker",
    {"name": "worker", "path": "/", "assume_role_policy": TRUST},
    unknown={"arn": True, "id": True},
)
USER = Block("aws_iam_user.alice", {"name": "alice", "path": "/"}, unknown={"arn": True, "id": True})
GROUP = Block("aws_iam_group.readers", {"name": "readers", "path": "/"}, unknown={"arn": True, "id": True})
POLICY = Block(
    "aws_iam_policy.read", {"name": "read", "path": "/", "policy": READ}, unknown={"arn": True, "id": True}
)
READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


def verdict(assembly: Assembly, principal: str, action: str = "s3:GetObject", resource: str = OBJECT) -> str:
    people = all_principals(assembly, Spelling())
    question = Question(assembly, people, action, resource, default_context(date(2026, 1, 1)), Spelling())
    return question.answer(find_actor(principal, people)).verdict.name


def policy_data(name: str, statement: Json, unknown: Json, **more: Any) -> Block:
    whole = {"effect": "Allow", "actions": ["s3:GetObject"], "condition": [], "principals": [], **statement}
    marks = {"id": True, "json": True, "statement": [unknown]}
    return Block(
        f"data.aws_iam_policy_document.{name}",
        {"statement": [whole]},
        unknown=marks,
        actions=("read",),
        **more,
    )


@pytest.mark.parametrize(
    ("principal", "blocks"),
    [
        pytest.param(
            "role/worker",
            [ROLE, Block("aws_iam_role_policy.read", {"role": "worker", "name": "read", "policy": READ})],
            id="role policy",
        ),
        pytest.param(
            "role/worker",
            [
                ROLE,
                Block(
                    "aws_iam_role_policy.read",
                    {"name": "read", "policy": READ},
                    unknown={"role": True},
                    expressions={"role": refers("aws_iam_role.worker.id")},
                ),
            ],
            id="role policy by reference",
        ),
        pytest.param(
            "user/alice",
            [USER, Block("aws_iam_user_policy.read", {"user": "alice", "name": "read", "policy": READ})],
            id="user policy",
        ),
        pytest.param(
            "user/alice",
            [
                USER,
                GROUP,
                Block("aws_iam_group_policy.read", {"group": "readers", "name": "read", "policy": READ}),
                Block("aws_iam_user_group_membership.alice", {"user": "alice", "groups": ["readers"]}),
            ],
            id="group policy",
        ),
        pytest.param(
            "user/alice",
            [
                USER,
                GROUP,
                Block("aws_iam_group_policy_attachment.read", {"group": "readers", "policy_arn": READ_ONLY}),
                Block("aws_iam_group_membership.readers", {"group": "readers", "users": ["alice"]}),
            ],
            id="AWS managed policy of a group",
        ),
        pytest.param(
            "role/worker",
            [
                ROLE,
                POLICY,
                Block(
                    "aws_iam_role_policy_attachment.read",
                    {"role": "worker"},
                    unknown={"policy_arn": True},
                    expressions={"policy_arn": refers("aws_iam_policy.read.arn")},
                ),
            ],
            id="attachment by reference",
        ),
        pytest.param(
            "role/worker",
            [
                ROLE,
                POLICY,
                Block(
                    "aws_iam_policy_attachment.read",
                    {"name": "read", "users": None, "groups": None, "roles": ["worker"]},
                    unknown={"policy_arn": True, "roles": [False]},
                    expressions={"policy_arn": refers("aws_iam_policy.read.arn")},
                ),
            ],
            id="attachment of a policy",
        ),
        pytest.param(
            "role/worker",
            [
                Block(
                    "aws_iam_role.worker",
                    {
                        "name": "worker",
                        "assume_role_policy": TRUST,
                        "inline_policy": [{"name": "read", "policy": READ}],
                    },
                    unknown={"arn": True, "inline_policy": [{}]},
                )
            ],
            id="inline policy",
        ),
        pytest.param(
            "role/worker",
            [
                Block(
                    "aws_iam_role.worker",
                    {"name": "worker", "assume_role_policy": TRUST, "managed_policy_arns": [READ_ONLY]},
                )
            ],
            id="managed policies",
        ),
        pytest.param(
            "role/worker",
            [
                ROLE,
                Block(
                    "aws_iam_role_policy.read",
                    {"role": "worker", "name": "read"},
                    unknown={"policy": True},
                    expressions={"policy": refers("data.aws_iam_policy_document.read.json")},
                ),
                policy_data("read", {"resources": ["arn:aws:s3:::reports/*"]}, {"resources": [False]}),
            ],
            id="policy document that is read at apply",
        ),
        pytest.param(
            "aws_iam_role.worker",
            [ROLE, Block("aws_iam_role_policy.read", {"role": "worker", "name": "read", "policy": READ})],
            id="by address",
        ),
    ],
)
def test_allows(tmp_path: Path, principal: str, blocks: list[Block]) -> None:
    assembly = read(tmp_path, plan(*blocks))
    assert verdict(assembly, principal) == "allowed"
    assert verdict(assembly, principal, "s3:DeleteObject") == "implicitly-denied"


def test_reads_the_same_from_a_state(tmp_path: Path) -> None:
    blocks = [
        Block(
            "aws_iam_role.worker",
            {"name": "worker", "arn": f"arn:aws:iam::{ACCOUNT}:role/worker", "assume_role_policy": TRUST},
        ),
        Block("aws_iam_role_policy.read", {"role": "worker", "name": "read", "policy": READ}),
    ]
    assembly = read(tmp_path, state(*blocks))
    assert verdict(assembly, f"arn:aws:iam::{ACCOUNT}:role/worker") == "allowed"


def test_reads_a_state_file(tmp_path: Path) -> None:
    def stored(kind: str, **attributes: Any) -> Json:
        instance = {"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}
        provider = 'provider["registry.terraform.io/hashicorp/aws"]'
        return {"mode": "managed", "type": kind, "name": "one", "provider": provider, "instances": [instance]}

    content = {
        "version": 4,
        "terraform_version": "1.9.5",
        "serial": 3,
        "lineage": "a",
        "outputs": {},
        "resources": [
            stored("aws_iam_role", name="worker", assume_role_policy=TRUST),
            stored("aws_iam_role_policy", role="worker", name="read", policy=READ),
        ],
    }
    assert verdict(read(tmp_path, content), "aws_iam_role.one") == "allowed"


@pytest.mark.parametrize(
    "blocks",
    [
        pytest.param(
            [
                ROLE,
                Block(
                    "aws_iam_role_policy.read", {"role": "worker", "name": "read"}, unknown={"policy": True}
                ),
            ],
            id="a policy",
        ),
        pytest.param(
            [
                ROLE,
                Block("aws_iam_role_policy.read", {"name": "read", "policy": READ}, unknown={"role": True}),
            ],
            id="whose policy it is",
        ),
        pytest.param(
            [
                ROLE,
                Block(
                    "aws_iam_role_policy_attachment.read", {"role": "worker"}, unknown={"policy_arn": True}
                ),
            ],
            id="which policy is attached",
        ),
        pytest.param(
            [
                ROLE,
                POLICY,
                Block(
                    "aws_iam_role_policy_attachment.read",
                    {"role": "worker"},
                    unknown={"policy_arn": True},
                    expressions={"policy_arn": refers("aws_iam_policy.read.arn", "aws_iam_policy.other.arn")},
                ),
            ],
            id="which of two policies is attached",
        ),
        pytest.param(
            [
                ROLE,
                Block(
                    "aws_iam_role_policy.read",
                    {"role": "worker", "name": "read"},
                    unknown={"policy": True},
                    expressions={"policy": refers("data.aws_iam_policy_document.read.json")},
                ),
                policy_data(
                    "read",
                    {"resources": [None]},
                    {"resources": [True]},
                    expressions={"statement": [{"resources": refers("aws_s3_bucket.reports.arn")}]},
                ),
                Block("aws_s3_bucket.reports", {"bucket": "reports"}, unknown={"arn": True}),
            ],
            id="the resource of a statement, of which an ARN may be a part",
        ),
        pytest.param(
            [
                ROLE,
                Block(
                    "aws_iam_role_policy.read",
                    {"role": "worker", "name": "read", "policy": READ},
                    sensitive={"policy": True},
                ),
            ],
            id="a sensitive policy",
        ),
        pytest.param(
            [ROLE, Block("aws_iam_role_policy.read", {"role": "worker", "name": "read", "policy": "{"})],
            id="a policy that is not JSON",
        ),
    ],
)
def test_is_undecided_about(tmp_path: Path, blocks: list[Block]) -> None:
    assert verdict(read(tmp_path, plan(*blocks)), "role/worker") == "undecided"


def test_a_sensitive_value_is_never_shown(tmp_path: Path) -> None:
    policy = Block(
        "aws_iam_role_policy.read",
        {"role": "worker", "name": "read", "policy": document(allow("s3:GetObject", "arn:aws:s3:::hidden"))},
        sensitive={"policy": True},
    )
    assembly = read(tmp_path, plan(ROLE, policy))
    assert "hidden" not in json.dumps([each.source.tree for each in assembly.templates])


def test_a_reference_passes_through_modules(tmp_path: Path) -> None:
    content = plan(
        Block("module.team.aws_iam_role.worker", ROLE.after, unknown={"arn": True, "id": True}),
        Block(
            "module.access.aws_iam_role_policy.read",
            {"name": "read", "policy": READ},
            unknown={"role": True},
            expressions={"role": refers("var.role")},
        ),
        modules={
            "team": {"module": {"outputs": {"role": {"expression": refers("aws_iam_role.worker.id")}}}},
            "access": {"expressions": {"role": refers("module.team.role")}},
        },
    )
    assert verdict(read(tmp_path, content), "role/worker") == "allowed"


def test_a_reference_by_each_key_is_to_the_instance_of_that_key(tmp_path: Path) -> None:
    roles = [
        Block(
            "aws_iam_role.these",
            {"name": each, "assume_role_policy": TRUST},
            unknown={"arn": True, "id": True},
            key=each,
        )
        for each in ("one", "two")
    ]
    policy = Block(
        "aws_iam_role_policy.read",
        {"name": "read", "policy": READ},
        unknown={"role": True},
        expressions={"role": {"references": ["aws_iam_role.these", "each.key"]}},
        key="two",
    )
    assembly = read(tmp_path, plan(*roles, policy))
    assert (verdict(assembly, "role/one"), verdict(assembly, "role/two")) == ("implicitly-denied", "allowed")


def test_both_sides_of_a_plan(tmp_path: Path) -> None:
    known = {**(ROLE.after or {}), "arn": f"arn:aws:iam::{ACCOUNT}:role/worker"}
    role = Block("aws_iam_role.worker", known, known)
    removed = Block("aws_iam_role_policy.read", None, {"role": "worker", "name": "read", "policy": READ})
    content = plan(role, removed)
    verdicts = [verdict(read(tmp_path, content, before=each), "role/worker") for each in (True, False)]
    assert verdicts == ["allowed", "implicitly-denied"]


def test_what_a_plan_forgets_stays(tmp_path: Path) -> None:
    forgotten = Block(
        "aws_iam_role_policy.read",
        None,
        {"role": "worker", "name": "read", "policy": READ},
        actions=("forget",),
    )
    assert verdict(read(tmp_path, plan(ROLE, forgotten)), "role/worker") == "allowed"


def test_an_attached_policy_of_an_outside_role_counts(tmp_path: Path) -> None:
    attachment = Block("aws_iam_role_policy_attachment.read", {"role": "elsewhere", "policy_arn": READ_ONLY})
    assert verdict(read(tmp_path, plan(attachment)), "role/elsewhere") == "allowed"


def test_what_is_attached_twice_is_there_once(tmp_path: Path) -> None:
    role = {"name": "worker", "assume_role_policy": TRUST, "managed_policy_arns": [READ_ONLY]}
    attachment = Block("aws_iam_role_policy_attachment.read", {"role": "worker", "policy_arn": READ_ONLY})
    (found,) = identities(read(tmp_path, state(Block("aws_iam_role.worker", role), attachment))).roles
    assert [str(each.arn) for each in found.attached] == [READ_ONLY]


def test_the_account_is_that_of_the_arns_or_of_the_provider(tmp_path: Path) -> None:
    by_arn = Block("aws_iam_user.alice", {"name": "alice", "arn": f"arn:aws:iam::{ACCOUNT}:user/alice"})
    allowed = {
        "allowed_account_ids": {"constant_value": [ACCOUNT]},
        "region": {"constant_value": "eu-west-1"},
    }
    by_provider = plan(USER, providers={"aws": {"expressions": allowed}})
    caller = Block("data.aws_caller_identity.here", {"account_id": ACCOUNT}, {"account_id": ACCOUNT})
    for content in (state(by_arn), by_provider, plan(USER, caller)):
        (template,) = read(tmp_path, content).templates
        assert template.account == ACCOUNT


def test_each_account_is_a_template_of_its_own(tmp_path: Path) -> None:
    other = "222222222222"
    providers = {
        name: {"expressions": {"allowed_account_ids": {"constant_value": [account]}}}
        for name, account in (("aws", ACCOUNT), ("aws.other", other))
    }
    there = Block("aws_iam_user.there", {"name": "alice"}, unknown={"arn": True}, provider="aws.other")
    content = plan(
        USER,
        there,
        Block("aws_iam_user_policy.read", {"user": "alice", "name": "a", "policy": READ}),
        providers=providers,
    )
    assembly = read(tmp_path, content)
    assert [each.account for each in assembly.templates] == [ACCOUNT, other]
    assert verdict(assembly, f"arn:aws:iam::{ACCOUNT}:user/alice") == "allowed"
    assert verdict(assembly, f"arn:aws:iam::{other}:user/alice") == "implicitly-denied"


def test_what_is_in_an_unknown_account_is_undecided(tmp_path: Path) -> None:
    providers = {
        "aws": {"expressions": {}},
        "aws.other": {"expressions": {"profile": {"constant_value": "two"}}},
    }
    there = Block("aws_iam_user.there", {"name": "alice"}, unknown={"arn": True}, provider="aws.other")
    assembly = read_assembly(written(tmp_path, plan(USER, there, providers=providers)))
    assert [each.message for each in assembly.findings] == [
        "the account of the provider `aws.other` is not known; what `aws_iam_user.there` allows is left out"
    ]


def test_a_policy_of_an_unlisted_type_is_undecided(tmp_path: Path) -> None:
    policy = Block(
        "aws_unheard_of_policy.one", {}, unknown={"policy": True}, expressions={"policy": refers("local.one")}
    )
    assembly = read_assembly(written(tmp_path, plan(policy)))
    assert [each.message for each in assembly.findings] == [
        "what `policy` of `aws_unheard_of_policy.one` allows is not known"
    ]


def test_a_known_value_is_never_a_function(tmp_path: Path) -> None:
    conditional = document(allow("s3:GetObject", OBJECT, Condition={"StringEquals": {"Ref": "AWS::NoValue"}}))
    policy = Block("aws_iam_role_policy.read", {"role": "worker", "name": "read", "policy": conditional})
    assert verdict(read(tmp_path, plan(ROLE, policy)), "role/worker") == "undecided"


def test_a_location_is_that_of_the_value_in_the_file(tmp_path: Path) -> None:
    policy = Block("aws_iam_role_policy.read", {"role": "worker", "name": "read", "policy": READ})
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan(ROLE, policy), indent=1))
    assembly = read_assembly(path)
    (resource,) = assembly.of_type("AWS::IAM::RolePolicy")
    place = resource.locate("Properties", "PolicyDocument", "Statement", 0)
    line = path.read_text().splitlines()[place.line - 1]
    assert line[place.column - 1 :].startswith('"policy": "{')


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(
            {"format_version": "9.0", "terraform_version": "9", "planned_values": {}},
            "plan.json:1:2: the version of the format is not known; found `9.0`; accepted: `1.0` or later",
            id="format",
        ),
        pytest.param(
            {"version": 3, "terraform_version": "0.11.0", "serial": 1, "modules": []},
            "plan.json:1:2: the version of the state is not known; found `3`; accepted: `4`",
            id="state",
        ),
        pytest.param(
            {**plan(USER), "errored": True},
            "the plan ended with an error, so that it is not complete; accepted: a plan without errors",
            id="errored",
        ),
        pytest.param(
            {
                "format_version": "1.0",
                "planned_values": {"root_module": {"resources": [{"type": "aws_iam_user"}]}},
            },
            "plan.json:1:76: the resource has no `address`; accepted: the output of `terraform show -json`, unchanged",
            id="resource",
        ),
    ],
)
def test_refuses(tmp_path: Path, content: Json, message: str) -> None:
    (finding,) = read_assembly(written(tmp_path, content)).findings
    assert str(finding).removeprefix(f"{tmp_path}/").endswith(message)


def test_reads_what_powershell_writes(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(json.dumps(plan(USER)).encode("utf-16"))
    assert verdict(read_assembly(path), "user/alice") == "implicitly-denied"


def test_a_saved_plan_is_refused_with_the_command_that_shows_it(tmp_path: Path) -> None:
    path = tmp_path / "tfplan"
    path.write_bytes(b"PK\x03\x04\x14\x00")
    (finding,) = read_assembly(path).findings
    assert finding.accepted == "the output of `terraform show -json FILE`"
