"""Requests that would escalate privileges, and the groups that allow none of them.

`iam:AddUserToGroup` supports no condition on the user: who can add one user to a group can add any user of the account, also
one without a permissions boundary. So the bootstrap role owns the policies of groups, and the update role can add users only
to groups whose policies cannot escalate privileges (open groups).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.identities.principals import principals_of
from keywright.assembly.templates.symbolic_policies import Spelling
from keywright.deployer.requirements.arns import partition_of_stack
from keywright.deployer.requirements.passed_roles import ROLE
from keywright.policy.reference import catalogue
from keywright.reasoning.evaluation.evaluate import evaluate
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.evaluation.request import Request
from keywright.reasoning.evaluation.verdict import Allowed, Undecided

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.deployer.requirements.references import References
    from keywright.policy.statement import Document
    from keywright.reasoning.evaluation.verdict import Verdict


Probe = tuple[str, str]
"""An action and a resource."""

OTHER_NAME = "keywright-somebody-else"
_WRITES = frozenset({"permissions management", "write", "tagging"})


def identity_change_probes(ours: str, path: str) -> Iterator[Probe]:
    """Yield every change of users and roles, on identities without a boundary; `ours` is the prefix of their ARNs."""
    for action in catalogue.actions_of("iam"):
        if not action.levels & _WRITES:
            continue
        if "user" in action.resource_types:
            yield str(action), f"{ours}:user/{OTHER_NAME}"
            # No identity with an enforcing boundary can write a user, also under the declared path; roles
            # under that path can be written within the boundary (ADR 12).
            yield str(action), f"{ours}:user{path}{OTHER_NAME}"
        if "role" in action.resource_types:
            yield str(action), f"{ours}:role/{OTHER_NAME}"


def role_use_probes(ours: str) -> Iterator[Probe]:
    """Yield requests that use a role outside of the assembly, directly or through something that runs with it."""
    yield "sts:AssumeRole", f"{ours}:role/{OTHER_NAME}"
    partition, account = ours.split(":")[1], ours.rpartition(":")[2]
    for action, arn in _ROLE_USES:
        yield action, f"arn:{partition}:{action.partition(':')[0]}:x:{account}:{arn}"


_ROLE_USES = (
    ("cloudformation:CreateChangeSet", f"stack/{OTHER_NAME}/x"),
    ("cloudformation:UpdateStack", f"stack/{OTHER_NAME}/x"),
    ("codebuild:StartBuild", f"project/{OTHER_NAME}"),
    ("codebuild:UpdateProject", f"project/{OTHER_NAME}"),
    ("ecs:ExecuteCommand", f"task/{OTHER_NAME}/x"),
    ("lambda:UpdateFunctionCode", f"function:{OTHER_NAME}"),
    ("states:UpdateStateMachine", f"stateMachine:{OTHER_NAME}"),
)
"""Escalation techniques on existing resources."""


def allows_any(who: str, documents: tuple[Document, ...], probes: Iterable[Probe]) -> bool:
    """Tell whether policies allow, or may allow, one of these requests; unknown condition keys can have any value."""
    policies = Policies(identity=documents)
    # The request is partial, so that a condition does not count as a restriction: its keys may have any
    # value.
    verdicts = (evaluate(Request.partial(who, action, arn), policies) for action, arn in probes)
    return any(map(_may_be_allowed, verdicts))


def _may_be_allowed(verdict: Verdict) -> bool:
    """Tell whether a request is allowed or may be allowed."""
    # Undecided counts as allowed: a group is open, and a boundary enforcing, only if that is proved.
    return isinstance(verdict, Allowed) or (isinstance(verdict, Undecided) and not verdict.is_denied)


def example_arn(arn: str) -> str:
    """Give an ARN that matches a pattern."""
    return arn.replace("??????", "AbCdEf").replace("*", "x")


ADD_TO_GROUP, REMOVE_FROM_GROUP = "iam:AddUserToGroup", "iam:RemoveUserFromGroup"
GROUP = "AWS::IAM::Group"
_USES_OF_PROTECTED = {
    "AWS::Lambda::Function": ("lambda:InvokeFunction", "lambda:UpdateFunctionCode"),
    ROLE: ("sts:AssumeRole", "iam:PassRole"),
}
_STACKS = ("cloudformation:CreateChangeSet", "cloudformation:CreateStack", "cloudformation:UpdateStack")


def open_groups(
    assembly: Assembly, references: References, protected: Mapping[Resource, str]
) -> frozenset[str]:
    """Give the ARNs of the groups whose policies allow none of the probes."""
    groups = {each.arn: each for each in principals_of(assembly).account.groups}
    open_groups: set[str] = set()
    for resource in assembly.of_type(GROUP):
        assert resource.arn is not None
        actor = groups.get(Spelling().text(resource.arn))
        # The probes need a valid ARN even if no template states its account.
        account = resource.template.account or "111122223333"
        ours = f"arn:{partition_of_stack(resource.template)}:iam::{account}"
        probes = tuple(_probes(assembly, references, protected, ours, _path(resource, references)))
        who = f"{ours}:user/anybody"
        # A group with an unread policy is closed, because that policy may allow anything.
        if actor is not None and not actor.doubts and not allows_any(who, actor.documents, probes):
            open_groups |= {arn.pattern for arn in references.arns_of(resource)}
    return frozenset(open_groups)


def _path(group: Resource, references: References) -> str:
    arn = min((each.pattern for each in references.arns_of(group)), default="")
    return arn.partition(":group")[2].rpartition("/")[0] + "/"


def _probes(
    assembly: Assembly, references: References, protected: Mapping[Resource, str], ours: str, path: str
) -> Iterator[Probe]:
    """Yield the requests that an open group must not allow: on identities, protected resources, secrets and stacks."""
    yield from identity_change_probes(ours, path)
    yield from role_use_probes(ours)
    for resource in protected:
        for action in _USES_OF_PROTECTED.get(resource.type, ()):
            yield from ((action, example_arn(arn.pattern)) for arn in references.arns_of(resource))
    for secret in assembly.of_type("AWS::SecretsManager::Secret"):
        for arn in references.arns_of(secret):
            yield "secretsmanager:GetSecretValue", example_arn(arn.pattern)
    partition, account = ours.split(":")[1], ours.rpartition(":")[2]
    for template in assembly.templates:
        region, name = template.region or "x", template.stack or "x"
        stack = f"arn:{partition}:cloudformation:{region}:{account}:stack/{name}/x"
        yield from ((action, stack) for action in _STACKS)
