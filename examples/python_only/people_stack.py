"""People and their groups, and one application that cannot assume a role."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

from access_constructs.people.application import Application
from access_constructs.people.group import AccessGroup
from access_constructs.people.key_secrets import KEY_ALIAS, KeySecretsKey
from access_constructs.people.mfa_guard import GuardGroup
from access_constructs.people.person import Person
from access_constructs.synthesis.accepted_findings import accept_wildcards
from examples.python_only.acme_stack import (
    ACCOUNT,
    BOUNDARY,
    HOUR,
    INBOX,
    KEEPER,
    PARTITION,
    PATH,
    REGION,
    REPORTS,
    AcmeStack,
    arn_of,
)
from examples.python_only.roles_stack import OPERATE
from keywright.model.grants.grant import AccessLevel
from keywright.statements.grants.assume_role import assume_statement
from keywright.statements.grants.s3 import S3Grant
from keywright.statements.grants.services import ServiceGrant
from keywright.statements.handover import HANDOVER_TAG, handover_statement
from keywright.statements.self_service import command_line_statement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

    from keywright.policy.statement import Statement

ANALYSTS = (
    *S3Grant(
        bucket_arn=arn_of(REPORTS), levels=(AccessLevel.LIST, AccessLevel.READ), prefix="monthly/"
    ).statements(),
    *ServiceGrant(
        service="athena",
        levels=(AccessLevel.READ,),
        resources=("workgroup/reports",),
        partition=PARTITION,
        region=REGION,
        account=ACCOUNT,
    ).statements(),
)
OPERATORS = (assume_statement(role_arn=OPERATE, mfa_within_seconds=HOUR),)
ONBOARDERS = (handover_statement(partition=PARTITION, region=REGION, account=ACCOUNT),)
COMMAND_LINE = (command_line_statement(partition=PARTITION, account=ACCOUNT),)
SCANNER = S3Grant(bucket_arn=arn_of(INBOX), levels=(AccessLevel.WRITE,), prefix="scans/").statements()
READERS = (f"arn:{PARTITION}:iam::{ACCOUNT}:user{PATH}carol", f"arn:{PARTITION}:iam::{ACCOUNT}:root")
PROJECT_ENDS = date(2027, 1, 31)
NO_TAGS: Mapping[str, str] = MappingProxyType({})


class PeopleStack(AcmeStack):
    """Groups, people and applications; access lasts as long as membership in a group."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        guard = GuardGroup(self, "Guard", path=PATH).name
        command_line = self._group("command-line", COMMAND_LINE)
        analysts = self._group("analysts", ANALYSTS).name
        operators = AccessGroup(
            self, "operators", name="operators", path=PATH, statements=OPERATORS, until=PROJECT_ENDS
        )
        onboarders = self._group("onboarders", ONBOARDERS)
        accept_wildcards(command_line, COMMAND_LINE, "the browser chooses the regional sign-in endpoint")
        accept_wildcards(
            onboarders, ONBOARDERS, "Secrets Manager ends the ARN of a secret with six random characters"
        )
        self._person("alice", guard, command_line.name, analysts, operators.name)
        self._person("bob", guard, analysts)
        self._person("carol", guard, onboarders.name, tags={HANDOVER_TAG: "true"})
        self._scanner()

    def _group(self, name: str, statements: tuple[Statement, ...]) -> AccessGroup:
        return AccessGroup(self, name, name=name, path=PATH, statements=statements)

    def _person(self, name: str, *groups: str, tags: Mapping[str, str] = NO_TAGS) -> None:
        Person(
            self,
            name,
            name=name,
            path=PATH,
            boundary_arn=BOUNDARY,
            keeper_token=KEEPER,
            groups=groups,
            console=True,
            tags={"email": f"{name}@acme.example", **tags},
        )

    def _scanner(self) -> None:
        """Make an access key for the scanner on the factory floor, which cannot assume a role."""
        scanner = Application(
            self,
            "scanner",
            name="scanner",
            path=PATH,
            boundary_arn=BOUNDARY,
            keeper_token=KEEPER,
            access_keys=((1, True),),
            readers=READERS,
            key_alias=KEY_ALIAS,
            statements=SCANNER,
            tags={"owner": "factory@acme.example"},
        )
        scanner.node.add_dependency(KeySecretsKey(self, "Keys", path=PATH, readers=READERS))
