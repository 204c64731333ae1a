"""Turns declared grants into IAM statements, with literal ARNs of this account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access_constructs.people.key_secrets import reading_statement
from access_constructs.policies.delegation import delegate_statements
from access_constructs.synthesis.accepted_findings import accept_wildcards_with_reasons
from keywright.model.grants import grant as declared
from keywright.model.grants.grant import OWN
from keywright.model.queries import roles_of_workload
from keywright.model.trusts.trust import RoleTrust
from keywright.statements.conditions import deny_after, deny_everything
from keywright.statements.declared.grants import statements_of_grant
from keywright.statements.grants.assume_role import assume_statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from constructs import IConstruct

    from access_stacks.inputs import StackInputs
    from keywright.model.people.users import User
    from keywright.model.roles import Delegation, Role
    from keywright.model.workloads import Workload
    from keywright.policy.statement import Statement


NAME_PREFIX_WILDCARDS = "each access key has its own secret, whose name begins with the application's"
"""Why reading an application's access keys needs a wildcard."""
DELEGATION_WILDCARDS = (
    "the team chooses the names of the roles it creates; all of them have the delegation's path and boundary"
)
"""Why delegation needs wildcards."""


def statements_of(grants: Iterable[declared.Grant], inputs: StackInputs) -> tuple[Statement, ...]:
    """Give the statements of several grants, in declared order."""
    return tuple(
        statement
        for grant in grants
        for statement in statements_of_grant(grant, inputs.declarations, inputs.lock)
    )


def role_chaining_statements(role: str, inputs: StackInputs) -> Iterator[Statement]:
    """Let a role assume each declared role that trusts it."""
    # Sorted, so that reordering the roles does not change the statements.
    for name, other in sorted(inputs.declarations.roles.items()):
        if any(isinstance(trust, RoleTrust) and trust.role == role for trust in other.trusts):
            yield assume_statement(role_arn=inputs.identity_arn("role", name), until=other.until)


def assume_statements(workload: str, inputs: StackInputs) -> Iterator[Statement]:
    """Let a workload assume each declared role that trusts it."""
    for name in roles_of_workload(inputs.declarations, workload):
        until = inputs.declarations.roles[name].until
        yield assume_statement(role_arn=inputs.identity_arn("role", name), until=until)


def accept_justified_wildcards(
    construct: IConstruct, grants: Iterable[declared.Grant], inputs: StackInputs
) -> None:
    """Accept the wildcards in statement grants, one finding each, with the declared reason."""
    justified: list[tuple[Statement, str]] = []
    others: list[Statement] = []
    for grant in grants:
        reason = grant.wildcards if isinstance(grant, declared.StatementGrant) else None
        for statement in statements_of((grant,), inputs):
            if reason is None:
                others.append(statement)
            else:
                justified.append((statement, reason))
    if justified:
        accept_wildcards_with_reasons(construct, justified, others)


def has_justified_wildcards(grants: Iterable[declared.Grant]) -> bool:
    """Tell whether one of these grants declares a reason for its wildcards."""
    return any(isinstance(grant, declared.StatementGrant) and grant.wildcards is not None for grant in grants)


def managed_policy_arns(
    policies: Iterable[declared.ManagedPolicyGrant], inputs: StackInputs
) -> tuple[str, ...]:
    """Give the ARNs of attached managed policies."""
    return policy_arns((policy.managed for policy in policies), inputs)


def policy_arns(names: Iterable[str], inputs: StackInputs) -> tuple[str, ...]:
    """Give the ARNs of managed policies named by ARN, by AWS's name such as `SecurityAudit`, or as declared."""
    return tuple(_arn(each, inputs) for each in names)


def _arn(name: str, inputs: StackInputs) -> str:
    if name.startswith(OWN):
        return inputs.policy_arn(name.removeprefix(OWN))
    return name if name.startswith("arn:") else f"arn:{inputs.partition}:iam::aws:policy/{name}"


def shared_policy_statements(
    policies: Iterable[declared.ManagedPolicyGrant], inputs: StackInputs
) -> tuple[Statement, ...]:
    """Give the statements of declared policies, for a time-bound group.

    The date condition cannot be added to a shared policy, because other identities have it too.
    """
    own = [inputs.declarations.policies[policy.own] for policy in policies if policy.own is not None]
    return tuple(each for policy in own for each in statements_of(policy.grants, inputs))


def key_reader_statements(reader: str, inputs: StackInputs) -> tuple[Statement, ...]:
    """Let an identity such as `role/operate` read the access keys of the applications that name it as a reader."""
    applications = inputs.keys_read_by(reader)
    if not applications:
        return ()
    where = {"partition": inputs.partition, "account": inputs.account.id}
    return (reading_statement(regions=inputs.key_regions, applications=applications, **where),)


def delegation_statements(delegate: str, inputs: StackInputs) -> tuple[Statement, ...]:
    """Give the statements of an identity such as `group/team-leads` to which administration is delegated."""
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
    """Give the service principals to which a delegation's roles can be passed."""
    return tuple(f"{service}.amazonaws.com" for service in delegation.pass_to)


def ending_statements(identity: User | Role | Workload) -> tuple[Statement, ...]:
    """Deny everything after the last day, and at once while it is retiring.

    Sessions that began before and credentials already issued end too.
    """
    ended = () if identity.until is None else (deny_after(identity.until),)
    # A Deny beside the grants, not in their place: the way back changes nothing else of the identity.
    return ended if getattr(identity, "retiring", None) is None else (*ended, deny_everything())
