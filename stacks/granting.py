"""Declared grants become statements on the literal ARNs of this account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.delegation import delegate_statements
from access_constructs.key_secrets import reading_statement
from access_constructs.necessary_wildcards import accept_argued_wildcards
from keywright.model.fields.dates import seconds
from keywright.model.grants import grant as declared
from keywright.model.grants.grant import OWN
from keywright.model.holders import services_used
from keywright.model.trusts.chaining import RoleTrust
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
    from stacks.setting import Setting


NAMED_SO = "one secret a key; its name begins with the application's"
"""Why reading an application's keys takes a wildcard."""
MADE_LATER = "what a team makes has names of the team's; all of it lies under its path and its boundary"
"""Why delegation takes wildcards."""


def statements_of(grants: Iterable[declared.Grant], setting: Setting) -> tuple[Statement, ...]:
    """Give the statements of several grants, in the order of the declaration."""
    return tuple(statement for grant in grants for statement in _statements(grant, setting))


def _statements(grant: declared.Grant, setting: Setting) -> tuple[Statement, ...]:
    if isinstance(grant, declared.S3Grant):
        return S3Grant(
            bucket_arn=f"arn:{setting.partition}:s3:::{setting.bucket_name(grant.bucket)}",
            levels=grant.s3,
            prefix=grant.prefix,
            key_arn=setting.declarations.buckets[grant.bucket].key,
            access_point_arn=setting.access_point_arn(grant.access_point) if grant.access_point else None,
            versions=grant.versions,
            until=grant.until,
            prefix_tag=grant.prefix_by.tag if grant.prefix_by else None,
            prefix_user_name=grant.prefix_by is not None and grant.prefix_by.user_name is not None,
        ).statements()
    if isinstance(grant, declared.AssumeGrant):
        return (_assuming(grant, setting),)
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
            partition=setting.partition,
            region=setting.account.region,
            account=setting.account.id,
            until=grant.until,
        ).statements()
    return ServiceGrant(
        service=grant.allow.service,
        levels=grant.allow.levels,
        resources=grant.allow.resources,
        partition=setting.partition,
        region=setting.account.region,
        account=setting.account.id,
        until=grant.until,
        tagged=_tagged(grant.allow.where),
        lock=setting.lock,
    ).statements()


def _assuming(grant: declared.AssumeGrant, setting: Setting) -> Statement:
    return assume_statement(
        role_arn=grant.arn(setting.partition, setting.account.path),
        mfa_within_seconds=None if grant.mfa is None else seconds(grant.mfa.within),
        external_id=grant.external_id,
        until=grant.until,
    )


def chained(role: str, setting: Setting) -> Iterator[Statement]:
    """Give a role's right to assume each role of ours that trusts it."""
    for name, other in sorted(setting.declarations.roles.items()):
        if any(isinstance(trust, RoleTrust) and trust.role == role for trust in other.trusts):
            yield assume_statement(role_arn=setting.identity_arn("role", name), until=other.until)


def assumed_by(workload: str, setting: Setting) -> Iterator[Statement]:
    """Give a workload's right to assume each role of ours that trusts it."""
    for name in roles_of_workload(setting.declarations, workload):
        until = setting.declarations.roles[name].until
        yield assume_statement(role_arn=setting.identity_arn("role", name), until=until)


def accept_argued(construct: IConstruct, grants: Iterable[declared.Grant], setting: Setting) -> None:
    """Accept the wildcards of exact statements, each as the finding it is, for the reason that is declared."""
    argued: list[tuple[Statement, str]] = []
    others: list[Statement] = []
    for grant in grants:
        reason = grant.wildcards if isinstance(grant, declared.StatementGrant) else None
        for statement in _statements(grant, setting):
            if reason is None:
                others.append(statement)
            else:
                argued.append((statement, reason))
    if argued:
        accept_argued_wildcards(construct, argued, others)


def is_argued(grants: Iterable[declared.Grant]) -> bool:
    """Tell whether a reason for wildcards is declared beside one of these grants."""
    return any(isinstance(grant, declared.StatementGrant) and grant.wildcards is not None for grant in grants)


def _tagged(where: Where | None) -> Conditions:
    return resource_tag_condition(where.resource_tag, where.value) if where else {}


def managed_policy_arns(policies: Iterable[declared.ManagedPolicyGrant], setting: Setting) -> tuple[str, ...]:
    """Give the ARNs of managed policies that are attached."""
    return policy_arns((policy.managed for policy in policies), setting)


def policy_arns(names: Iterable[str], setting: Setting) -> tuple[str, ...]:
    """Give the ARNs of managed policies: named by ARN, by their AWS name such as `SecurityAudit`, or declared here."""
    return tuple(_arn(each, setting) for each in names)


def _arn(name: str, setting: Setting) -> str:
    if name.startswith(OWN):
        return setting.policy_arn(name.removeprefix(OWN))
    return name if name.startswith("arn:") else f"arn:{setting.partition}:iam::aws:policy/{name}"


def statements_of_policies(
    policies: Iterable[declared.ManagedPolicyGrant], setting: Setting
) -> tuple[Statement, ...]:
    """Give what policies of ours give, for a copy of a group: nothing can be written into a policy that others hold too."""
    own = [setting.declarations.policies[policy.own] for policy in policies if policy.own is not None]
    return tuple(each for policy in own for each in statements_of(policy.grants, setting))


def key_reading(reader: str, setting: Setting) -> tuple[Statement, ...]:
    """Give the statement by which somebody such as `role/operate` reads keys, if any application says so."""
    applications = setting.keys_read_by(reader)
    if not applications:
        return ()
    where = {"partition": setting.partition, "account": setting.account.id}
    return (reading_statement(regions=setting.key_regions, applications=applications, **where),)


def delegated(delegate: str, setting: Setting) -> tuple[Statement, ...]:
    """Give what somebody such as `group/team-leads` makes by delegation, if anything."""
    return tuple(
        statement
        for name, delegation in sorted(setting.declarations.delegations.items())
        if delegate in delegation.to
        for statement in delegate_statements(
            setting.partition,
            setting.account.id,
            f"{setting.account.path}{name}/",
            boundary_arn=setting.delegated_boundary(name),
            attachable=managed_policy_arns(delegation.policies, setting),
            pass_to=services_passed_to(delegation),
        )
    )


def services_passed_to(delegation: Delegation) -> tuple[str, ...]:
    """Give the services' principals to which a delegation's roles are passed."""
    return tuple(f"{service}.amazonaws.com" for service in delegation.pass_to)


def services_of(setting: Setting) -> tuple[str, ...]:
    """List the services that the declarations use: what the boundary lets anyone reach."""
    return services_used(setting.declarations)
