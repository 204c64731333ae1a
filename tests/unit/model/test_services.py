from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright.model.account.settings import Account
from keywright.model.checks.grants import check_services
from keywright.model.declarations import Declarations
from keywright.model.draft import draft_of
from keywright.model.grants.grant import AccessLevel, ServiceAccess, ServiceGrant
from keywright.model.people.groups import Group
from keywright.policy.reference import catalogue
from keywright.statements.grants import services as service_statements

ACCOUNT = Account(id="111111111111", region="eu-central-1")


def lines(service, levels, resources=()):
    access = ServiceAccess(
        service=service, levels=tuple(map(AccessLevel, levels)), resources=tuple(resources)
    )
    groups = {"readers": Group(grants=(ServiceGrant(allow=access),))}
    draft = draft_of(Declarations(account=ACCOUNT, groups=groups), date(2026, 11, 24))
    return [str(finding).removeprefix("declarations: ") for finding in check_services(draft)]


@pytest.mark.parametrize(
    ("service", "levels", "resources"),
    [
        ("ec2", ["list"], []),
        ("athena", ["read", "write"], ["workgroup/reports"]),
        ("athena", ["read"], ["arn:aws:athena:eu-central-1:111111111111:workgroup/reports"]),
        ("s3", ["read"], ["a-bucket/a-key"]),
        ("sqs", ["write"], ["scans"]),
        ("iam", ["read"], ["user/alice"]),
    ],
)
def test_accepts_services_and_levels_that_aws_has(service, levels, resources):
    assert lines(service, levels, resources) == []


@pytest.mark.parametrize(
    ("service", "levels", "resources", "expected"),
    [
        pytest.param(
            "sqss",
            ["read"],
            [],
            ["no AWS service has this prefix; found `sqss`; accepted: `sqs`, `sts`, `sso`"],
            id="a service that is near another",
        ),
        pytest.param(
            "athena",
            ["read"],
            ["arn:aws:athena:eu-central-1:111111111111:workgruop/reports"],
            [
                (
                    "`athena` has no resource type of this ARN format; found "
                    "`arn:aws:athena:eu-central-1:111111111111:workgruop/reports`; accepted: "
                    "`workgroup/<WorkGroupName>`, `workgroup/<WorkGroupName>/session/<SessionId>`, "
                    "`capacity-reservation/<CapacityReservationName>`"
                )
            ],
            id="an ARN of no kind",
        ),
        pytest.param(
            "athena",
            ["read"],
            ["arn:aws:s3:::workgroup/reports"],
            [
                (
                    "`athena` has no resource type of this ARN format; found "
                    "`arn:aws:s3:::workgroup/reports`; accepted: `workgroup/<WorkGroupName>`, "
                    "`workgroup/<WorkGroupName>/session/<SessionId>`, "
                    "`capacity-reservation/<CapacityReservationName>`"
                )
            ],
            id="an ARN of another service",
        ),
        pytest.param(
            "sqs",
            ["list", "write"],
            ["scans"],
            [
                (
                    "`sqs` has no `list` action on these resources; found `list`; accepted: `read`, "
                    "`write`, `tagging`, `permissions management`"
                )
            ],
            id="a level that a queue does not have",
        ),
        pytest.param(
            "sts",
            ["tagging"],
            [],
            [
                (
                    "access without `resources` can only be `list` or `read`; found `tagging`; "
                    "accepted: `resources`, such as `contextProvider/<ContextProviderName>`, "
                    "`federated-user/<FederatedUserName>`, `role/<RoleNameWithPath>`"
                )
            ],
            id="tagging everything",
        ),
    ],
)
def test_refuses_a_grant_without_any_action(service, levels, resources, expected):
    assert lines(service, levels, resources) == expected


def example_of(kind, field):
    relative = kind.arn_format.split(":", 5)[5]
    return re.sub(r"\$\{[^}]*\}", field, relative)


SERVICES = st.sampled_from(catalogue.services())
FIELDS = st.sampled_from(["reports", "a/b", "*", "x:y"])


@st.composite
def grants(draw):
    service = draw(SERVICES)
    levels = draw(st.lists(st.sampled_from(AccessLevel), min_size=1, unique=True))
    kinds = catalogue.resource_types_of(service)
    resource = st.builds(example_of, st.sampled_from(kinds), FIELDS) if kinds else st.just("none/reports")
    return service, levels, draw(st.lists(resource, max_size=2, unique=True))


@given(grants())
def test_every_accepted_level_grants_an_action(grant):
    service, levels, resources = grant
    try:
        findings = lines(service, levels, resources)
    except ValueError:
        return
    if findings:
        return
    statements = service_statements.ServiceGrant(
        service=service,
        levels=levels,
        resources=resources,
        partition="aws",
        region="eu-central-1",
        account="111111111111",
    ).statements()
    known = {f"{service}:{action.name}": action for action in catalogue.actions_of(service)}
    granted = {level for each in statements for name in each.actions for level in known[name].levels}
    assert granted >= {str(level) for level in levels}
