"""A quick check whether an assembly can have privilege escalation, and the weight of escalation paths.

Most assemblies have none, and the search for paths loads the whole policy engine: the check avoids that.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from keywright.guardrails.reference.tables import table
from keywright.guardrails.subjects.allowed_principals import fields_of
from keywright.guardrails.subjects.kinds import trust_statements
from keywright.guardrails.subjects.trusts import ASSUME_ROLE
from keywright.policy.matching.context import Truth
from keywright.policy.statement import Effect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright.assembly.templates.policy_documents import Policy, TemplateStatement
    from keywright.assembly.templates.value import Text
    from keywright.guardrails.subjects.assembly_view import AssemblyView
    from keywright.guardrails.subjects.trusts import TrustStatement
    from keywright.reasoning.account.actors import Account, Actor
    from keywright.reasoning.escalation.paths import EscalationPath
    from keywright.reasoning.escalation.steps import EscalationStep

_READ_ACTION = re.compile(
    r"[a-z0-9-]+:(?:get|list|describe|head|batchget|query|scan|search|lookup|view)[a-z0-9]*\*?", re.IGNORECASE
)
_DATA_ACTION = re.compile(
    r"(?:s3|dynamodb|sqs|sns|logs|cloudwatch|kms|kinesis|xray|ecr|athena|signin|ssmmessages):[a-z0-9*]+",
    re.IGNORECASE,
)
_CREDENTIAL_ACTIONS = frozenset(
    {"s3:createjob", "secretsmanager:getsecretvalue", "ssm:getparameter", "gamelift:getcomputeaccess"}
)
"""Read and data actions that return credentials or act with the permissions of others."""

HARMLESS_MANAGED = frozenset(table("harmless_managed_policies"))
"""Common AWS managed policies of functions and auditors that allow no escalation."""


@lru_cache(maxsize=4096)
def is_harmless(action: str) -> bool:
    """Return whether an action or pattern allows no escalation, alone or with other harmless actions."""
    lowered = action.lower()
    if lowered.endswith("*"):
        covers_credentials = any(each.startswith(lowered.rstrip("*")) for each in _CREDENTIAL_ACTIONS)
    else:
        covers_credentials = lowered in _CREDENTIAL_ACTIONS
    is_pattern = "*" in lowered[:-1] or "?" in lowered
    known = _READ_ACTION.fullmatch(lowered) or _DATA_ACTION.fullmatch(lowered)
    return known is not None and not covers_credentials and not is_pattern


def is_minor(path: EscalationPath) -> bool:
    """Return whether a path is a warning only: by names without wildcards, read access, or service role policies.

    A path to an administrator never is.
    """
    first = path.steps[0]
    if first.target is None and all(map(_READ_ACTION.fullmatch, first.technique.actions)):
        return True
    if first.target is None and _is_by_service_role_policies(path.principal, first.technique.actions):
        return True
    actors = (path.principal, *(step.target for step in path.steps[:-1]))
    is_named = all(map(_names_target, actors, path.steps))
    return is_named and not path.reaches_administrator


_WAYS_TO_ROLES = ("passed-role", "resource-role", "assumption")
"""Techniques that lead to a role: passed to a resource, attached to one, or assumed."""


def _is_by_service_role_policies(actor: Actor, actions: Iterable[str]) -> bool:
    """Return whether only AWS managed policies for service roles allow the actions."""
    allowing = [
        grant.policy
        for grant in actor.grants
        for statement in grant.document.statements
        if statement.effect is Effect.ALLOW and any(statement.covers_action(each.lower()) for each in actions)
    ]
    return bool(allowing) and all(":iam::aws:policy/service-role/" in each for each in allowing)


def _names_target(actor: Actor | None, step: EscalationStep) -> bool:
    if actor is None or step.technique.reaches not in _WAYS_TO_ROLES:
        return False
    return any(_is_without_wildcards(actor, each) for each in step.technique.actions)


def ends_in_named_external_role(path: EscalationPath, account: Account) -> bool:
    """Return whether a path ends in roles of other accounts, each named without a wildcard.

    Without a known account all roles may belong to the same account, so the path counts.
    """
    last, before = path.steps[-1], path.steps[:-1]
    actor = before[-1].target if before else path.principal
    if actor is None or last.target is not None or last.technique.reaches != "assumption":
        return False
    return actor.account.isdigit() and all(
        account.actor(each) is not None or _is_role_elsewhere(each, actor.account)
        for each in _allowed_on(actor, ASSUME_ROLE)
    )


def _is_role_elsewhere(resource: str, account: str) -> bool:
    owner, _, name = resource.partition(":role/")
    is_named = bool(name) and not set("*?$<") & set(resource)
    return is_named and owner.rpartition(":")[2].isdigit() and not owner.endswith(f":{account}")


def changes_service_linked_roles(path: EscalationPath) -> bool:
    """Return whether a path only changes service-linked roles, which IAM lets nobody but their service change."""
    first = path.steps[0].technique
    resources = [each for action in first.actions for each in _allowed_on(path.principal, action)]
    return first.reaches in ("permissions", "trust") and all(_SERVICE_LINKED in each for each in resources)


_SERVICE_LINKED = ":role/aws-service-role/"


def _is_without_wildcards(actor: Actor, action: str) -> bool:
    """Return whether an action is allowed only on resources named without a wildcard, in any account."""
    resources = _allowed_on(actor, action)
    return bool(resources) and not any(set("*?") & set(each.split(":", 5)[-1]) for each in resources)


def _allowed_on(actor: Actor, action: str) -> list[str]:
    """Return the resources on which an actor's policies allow an action."""
    lowered = action.lower()
    return [
        resource
        for document in actor.documents
        for statement in document.statements
        if statement.effect is Effect.ALLOW and statement.covers_action(lowered)
        for resource in statement.resources or ("*",)
    ]


def may_escalate(view: AssemblyView) -> bool:
    """Return whether the search could find a path or something unreadable; False is certain."""
    found = view.identities
    if any(each.unknown for each in found.all):
        return True
    bearers = (*found.all, *view.permission_set_roles)
    attached = (each for identity in bearers for each in identity.attached if each.policy is None)
    # A policy that no template contains may allow anything.
    if any(each.aws_managed not in HARMLESS_MANAGED for each in attached):
        return True
    if not all(map(_grants_harmless, view.granting_policies)):
        return True
    groups = {group.name for group in found.groups}
    # So may a group of another template.
    if any(name not in groups for user in found.users for name in user.groups):
        return True
    return any(map(_trusts_identities, trust_statements(view)))


def _grants_harmless(policy: Policy) -> bool:
    if policy.plain is not None:
        return all(
            each.effect is Effect.DENY or (not each.not_actions and all(map(is_harmless, each.actions)))
            for each in policy.plain.statements
        )
    return not policy.unreadable and all(map(_is_harmless, policy.statements))


def _is_harmless(statement: TemplateStatement) -> bool:
    if not statement.may_allow:
        return True
    if statement.not_actions or "Action" in statement.unknown:
        return False
    return all(each.literal is not None and is_harmless(each.literal) for each in statement.actions)


def _trusts_identities(statement: TrustStatement) -> bool:
    """Return whether a trust policy allows identities by ARN, or everyone, whatever their own policies say."""
    return any(
        each.is_allowed is not Truth.NO and (each.names_everyone is not Truth.NO or _is_identity(each.value))
        for each in statement.allowed_principals(ASSUME_ROLE)
        if each.kind not in ("Service", "Federated")
    )


def _is_identity(value: Text) -> bool:
    fields = fields_of(value)
    return not (len(fields) == 1 or fields[-1].literal == "root")
