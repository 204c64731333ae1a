"""A grant on a service: the catalogue's actions of a level, on the resources that were named."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright.model.grants.grant import AccessLevel
from keywright.policy.statement import Statement, policy_document
from keywright.statements.grants.services import ServiceGrant

LEVELS = tuple(AccessLevel)


def grant(
    service: str, levels: list[str], *resources: str, until: date | None = None
) -> tuple[Statement, ...]:
    return ServiceGrant(
        service=service,
        levels=[AccessLevel(level) for level in levels],
        resources=resources,
        partition="aws",
        region="eu-central-1",
        account="111111111111",
        until=until,
    ).statements()


def actions(statements: tuple[Statement, ...]) -> list[str]:
    return [action for statement in statements for action in statement.actions]


@pytest.mark.parametrize(
    ("service", "resource", "arn"),
    [
        ("athena", "workgroup/reports", "arn:aws:athena:eu-central-1:111111111111:workgroup/reports"),
        ("lambda", "function:mail", "arn:aws:lambda:eu-central-1:111111111111:function:mail"),
        ("iam", "role/access/operate", "arn:aws:iam::111111111111:role/access/operate"),
        ("sqs", "orders", "arn:aws:sqs:eu-central-1:111111111111:orders"),
        ("dynamodb", "table/t/index/i", "arn:aws:dynamodb:eu-central-1:111111111111:table/t/index/i"),
        ("ssm", "parameter/app/one", "arn:aws:ssm:eu-central-1:111111111111:parameter/app/one"),
        ("sts", "role/access/operate", "arn:aws:iam::111111111111:role/access/operate"),
        ("sqs", "arn:aws:sqs:us-east-1:222222222222:theirs", "arn:aws:sqs:us-east-1:222222222222:theirs"),
    ],
    ids=str,
)
def test_names_the_resource_by_its_arn(service, resource, arn):
    assert {
        each for statement in grant(service, ["write", "read"], resource) for each in statement.resources
    } == {arn}


def test_has_the_actions_of_the_most_literal_resource_type():
    of_index = actions(grant("dynamodb", ["read"], "table/t/index/i"))
    assert "dynamodb:Query" in of_index
    assert "dynamodb:GetItem" not in of_index


def test_grants_exactly_the_catalogues_actions_of_the_level(catalogue):
    details = [
        catalogue.actions.get_action_details("athena", key)
        for key in catalogue.actions.get_actions_for_service("athena")
    ]
    expected = [
        f"athena:{each['name']}"
        for each in details
        if each["accessLevel"] == "Read" and "workgroup" in {kind["name"] for kind in each["resourceTypes"]}
    ]
    assert actions(grant("athena", ["read"], "workgroup/reports")) == sorted(expected)


def test_write_has_no_action_that_tags_or_manages_permissions():
    written = actions(grant("sqs", ["write"], "orders"))
    assert "sqs:SendMessage" in written
    assert not {"sqs:TagQueue", "sqs:AddPermission", "sqs:SetQueueAttributes"} & set(written)
    assert "sqs:TagQueue" in actions(grant("sqs", ["tagging"], "orders"))
    assert "sqs:AddPermission" in actions(grant("sqs", ["permissions management"], "orders"))


def test_without_resources_has_only_actions_without_resource_level_permissions(catalogue):
    found = actions(grant("ec2", ["list", "read"]))
    assert "ec2:DescribeInstances" in found
    for action in found:
        details = catalogue.actions.get_action_details("ec2", action.removeprefix("ec2:"))
        assert not details["resourceTypes"]
        assert details["accessLevel"] in {"List", "Read"}


def test_a_long_list_is_split_so_that_each_statement_fits_a_policy():
    statements = grant("ec2", ["list"])
    assert len(statements) > 1
    assert len(actions(statements)) == len(set(actions(statements)))
    assert all(len(repr(policy_document(each))) < 5_000 for each in statements)


def test_groups_resources_of_one_type_into_one_statement():
    statements = grant("athena", ["read"], "workgroup/b", "datacatalog/c", "workgroup/a")
    assert [statement.resources for statement in statements] == [
        ("arn:aws:athena:eu-central-1:111111111111:datacatalog/c",),
        (
            "arn:aws:athena:eu-central-1:111111111111:workgroup/a",
            "arn:aws:athena:eu-central-1:111111111111:workgroup/b",
        ),
    ]


@given(
    levels=st.permutations(["list", "read", "write"]),
    resources=st.permutations(["workgroup/a", "workgroup/b", "datacatalog/c"]),
)
def test_order_of_arguments_changes_nothing(levels, resources):
    expected = grant("athena", ["list", "read", "write"], "workgroup/a", "workgroup/b", "datacatalog/c")
    assert grant("athena", levels, *resources) == expected


def test_every_statement_expires():
    (statement,) = grant("sqs", ["write"], "orders", until=date(2027, 1, 31))
    assert statement.conditions == {"DateLessThan": {"aws:CurrentTime": ("2027-02-01T00:00:00Z",)}}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            ("athna", ["read"]),
            "no AWS service has this prefix; found `athna`; accepted: `athena`, `batch`, `health`",
            id="unknown service",
        ),
        pytest.param(
            ("athena", ["read", "write"]),
            "a grant without resources can only list or read; found `write`; accepted: resources, such as "
            "`capacity-reservation/<CapacityReservationName>`, `datacatalog/<DataCatalogName>`, "
            "`workgroup/<WorkGroupName>`",
            id="write on everything",
        ),
        pytest.param(
            ("athena", ["read"], "wrkgroup/x"),
            "`athena` has no resource type of this form; found `wrkgroup/x`; accepted: "
            "`workgroup/<WorkGroupName>`, `workgroup/<WorkGroupName>/session/<SessionId>`",
            id="unknown resource type",
        ),
        pytest.param(
            ("sqs", ["read"], "arn:aws:sns:us-east-1:222222222222:orders"),
            "`sqs` has no resource type of this form; found `arn:aws:sns:us-east-1:222222222222:orders`; "
            "accepted: `<QueueName>`",
            id="ARN of another service",
        ),
        pytest.param(
            ("s3", ["read"], "accesspoint/x"),
            "`s3` has several resource types of this form; found `accesspoint/x`; accepted: "
            "`arn:aws:s3-object-lambda:eu-central-1:111111111111:accesspoint/x`, "
            "`arn:aws:s3::111111111111:accesspoint/x`, `arn:aws:s3:eu-central-1:111111111111:accesspoint/x`",
            id="ambiguous form",
        ),
        pytest.param(
            ("secretsmanager", ["list"], "secret:x"),
            "`secretsmanager` has no action of this access level there; found `list`; accepted: another level, "
            "or another resource",
            id="nothing granted",
        ),
        pytest.param(
            ("athena", []),
            "`athena` has no action of this access level there; found no level; accepted: another level, "
            "or another resource",
            id="no level",
        ),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        grant(*arguments)


def refused(service: str, resource: str) -> str:
    try:
        grant(service, [str(level) for level in LEVELS], resource)
    except ValueError as error:
        return str(error)
    return ""


def test_every_resource_type_of_the_catalogue_can_be_named_or_is_refused_as_ambiguous(catalogue):
    ambiguous = set()
    for service in catalogue.services.get_service_keys():
        for name in catalogue.resources.get_resource_types_for_service(service):
            form = catalogue.resources.get_resource_type_details(service, name)["arn"].split(":", 5)[5]
            message = refused(service, re.sub(r"\$\{[^}]*\}", "x", form))
            assert "no such kind of resource" not in message
            if "several resource types" in message:
                ambiguous.add(service)
    assert ambiguous == {"dataexchange", "ram", "s3"}
