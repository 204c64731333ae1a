"""Declared grants become statements on the literal ARNs of this account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.people.key_secrets import reading_statement
from access_constructs.policies.delegation import delegate_statements
from access_constructs.shared.accepted_findings import accept_wildcards_with_reasons
from keywright.model.fields.dates import seconds
from keywright.model.grants import grant as declared
from keywright.model.grants.grant import OWN
from keywright.model.holders import services_used
from keywright.model.trusts.trust import RoleTrust
from keywright.model.workloads import roles_of_workload
from keywright.policy.statement import Effect
from keywright.statements.conditions import resource_tag_condition
from keywright.statements.grants.assume_role import assume_statement
from keywright.statements.grants.raw import raw_statement
from keywright.statements.grants.s3 import S3Grant
from keywright.statements.grants.services import ServiceGrant
from keywright.statements.grants.sessions import SessionGrant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from constructs import IConstruct

    from keywright.model.grants.tags import Where
    from keywright.model.roles import Delegation
    from keywright.policy.statement import Conditions, Statement
    from stacks.inputs import StackInputs


NAME_PREFIX_WILDCARDS = "one secret a key; its name begins with the application's"
"""Why reading an application's keys takes a wildcard."""
DELEGATION_WILDCARDS = (
    "what a team makes has names of the team's; all of it lies under its path and its boundary"
)
"""Why delegation takes wildcards."""


def statements_of(grants: Iterable[declared.Grant], inputs: StackInputs) -> tuple[Statement, ...]:
    """Give the statements of several grants, in the order of the declaration."""
    return tuple(statement for grant in grants for statement in _statements(grant, inputs))


def _statements(grant: declared.Grant, inputs: StackInputs) -> tuple[Statement, ...]:
    if isinstance(grant, declared.S3Grant):
        return S3Grant(
            bucket_arn=f"arn:{inputs.partition}:s3:::{inputs.bucket_name(grant.bucket)}",
            levels=grant.s3,
            prefix=grant.prefix,
            key_arn=inputs.declarations.buckets[grant.bucket].key,
            access_point_arn=inputs.access_point_arn(grant.access_point) if grant.access_point else None,
            versions=grant.versions,
            until=grant.until,
            prefix_tag=grant.prefix_by.tag if grant.prefix_by else None,
            prefix_user_name=grant.prefix_by is not None and grant.prefix_by.user_name is not None,
        ).statements()
    if isinstance(grant, declared.AssumeGrant):
        return (_assume_grant(grant, inputs),)
    if isinstance(grant, declared.StatementGrant):
        raw = grant.statement
        return (
            raw_statement(
                effect=Effect.ALLOW if raw.allows else Effect.DENY,
                actions=raw.actions,
                not_actions=raw.not_actions,
                resources=raw.resources,
                not_resources=raw.not_resources,
                conditions=raw.conditions,
                until=grant.until,
            ),
        )
    if isinstance(grant, declared.SessionGrant):
        return SessionGrant(
            workload=grant.session_on,
            partition=inputs.partition,
            region=inputs.account.region,
            account=inputs.account.id,
            until=grant.until,
        ).statements()
    return ServiceGrant(
        service=grant.allow.service,
        levels=grant.allow.levels,
        resources=grant.allow.resources,
        partition=inputs.partition,
        region=inputs.account.region,
        account=inputs.account.id,
        until=grant.until,
        tagged=_tagged(grant.allow.where),
        lock=inputs.lock,
    ).statements()


def _assume_grant(grant: declared.AssumeGrant, inputs: StackInputs) -> Statement:
    return assume_statement(
        role_arn=grant.arn(inputs.partition, inputs.account.path),
        mfa_within_seconds=None if grant.mfa is None else seconds(grant.mfa.within),
        external_id=grant.external_id,
        until=grant.until,
    )


def role_chaining_statements(role: str, inputs: StackInputs) -> Iterator[Statement]:
    """Give a role's right to assume each role of ours that trusts it."""
    for name, other in sorted(inputs.declarations.roles.items()):
        if any(isinstance(trust, RoleTrust) and trust.role == role for trust in other.trusts):
            yield assume_statement(role_arn=inputs.identity_arn("role", name), until=other.until)


def assume_statements(workload: str, inputs: StackInputs) -> Iterator[Statement]:
    """Give a workload's right to assume each role of ours that trusts it."""
    for name in roles_of_workload(inputs.declarations, workload):
        until = inputs.declarations.roles[name].until
        yield assume_statement(role_arn=inputs.identity_arn("role", name), until=until)


def accept_justified_wildcards(
    construct: IConstruct, grants: Iterable[declared.Grant], inputs: StackInputs
) -> None:
    """Accept the wildcards of exact statements, each as the finding it is, for the reason that is declared."""
    argued: list[tuple[Statement, str]] = []
    others: list[Statement] = []
    for grant in grants:
        reason = grant.wildcards if isinstance(grant, declared.StatementGrant) else None
        for statement in _statements(grant, inputs):
            if reason is None:
                others.append(statement)
            else:
                argued.append((statement, reason))
    if argued:
        accept_wildcards_with_reasons(construct, argued, others)


def has_justified_wildcards(grants: Iterable[declared.Grant]) -> bool:
    """Tell whether a reason for wildcards is declared beside one of these grants."""
    return any(isinstance(grant, declared.StatementGrant) and grant.wildcards is not None for grant in grants)


def _tagged(where: Where | None) -> Conditions:
    return resource_tag_condition(where.resource_tag, where.value) if where else {}


def managed_policy_arns(
    policies: Iterable[declared.ManagedPolicyGrant], inputs: StackInputs
) -> tuple[str, ...]:
    """Give the ARNs of managed policies that are attached."""
    return policy_arns((policy.managed for policy in policies), inputs)


def policy_arns(names: Iterable[str], inputs: StackInputs) -> tuple[str, ...]:
    """Give the ARNs of managed policies: named by ARN, by their AWS name such as `SecurityAudit`, or declared here."""
    return tuple(_arn(each, inputs) for each in names)


def _arn(name: str, inputs: StackInputs) -> str:
    if name.startswith(OWN):
        return inputs.policy_arn(name.removeprefix(OWN))
    return name if name.startswith("arn:") else f"arn:{inputs.partition}:iam::aws:policy/{name}"


def shared_policy_statements(
    policies: Iterable[declared.ManagedPolicyGrant], inputs: StackInputs
) -> tuple[Statement, ...]:
    """Give what policies of ours give, for a copy of a group: nothing can be written into a policy that others hold too."""
    own = [inputs.declarations.policies[policy.own] for policy in policies if policy.own is not None]
    return tuple(each for policy in own for each in statements_of(policy.grants, inputs))


def key_reader_statements(reader: str, inputs: StackInputs) -> tuple[Statement, ...]:
    """Give the statement by which somebody such as `role/operate` reads keys, if any application says so."""
    applications = inputs.keys_read_by(reader)
    if not applications:
        return ()
    where = {"partition": inputs.partition, "account": inputs.account.id}
    return (reading_statement(regions=inputs.key_regions, applications=applications, **where),)


def delegation_statements(delegate: str, inputs: StackInputs) -> tuple[Statement, ...]:
    """Give what somebody such as `group/team-leads` makes by delegation, if anything."""
    return tuple(
        statement
        for name, delegation in sorted(inputs.declarations.delegations.items())
        if delegate in delegation.to
        for statement in delegate_statements(
            inputs.partition,
            inputs.account.id,
            f"{inputs.account.path}{name}/",
            boundary_arn=inputs.delegated_boundary(name),
            attachable=managed_policy_arns(delegation.policies, inputs),
            pass_to=services_passed_to(delegation),
        )
    )


def services_passed_to(delegation: Delegation) -> tuple[str, ...]:
    """Give the services' principals to which a delegation's roles are passed."""
    return tuple(f"{service}.amazonaws.com" for service in delegation.pass_to)


def services_of(inputs: StackInputs) -> tuple[str, ...]:
    """List the services that the declarations use: what the boundary lets anyone reach."""
    return services_used(inputs.declarations)
