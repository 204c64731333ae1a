"""Groups that an everyday deployment may put people into.

`iam:AddUserToGroup` is asked for a group and knows no condition: who may put one user into a group may put any user of the
account into it, those too that no boundary holds. So what a group holds is the founder's, and only a group whose
policies lead nowhere is open to everyday's newcomers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.identities.principals import principals_of
from keywright.assembly.templates.symbolic_policies import Spelling
from keywright.deployer.requirements.arns import partition_here
from keywright.deployer.requirements.passed_roles import ROLE
from keywright.policy.reference import catalogue
from keywright.reasoning.evaluation.evaluate import evaluate
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.evaluation.request import Request
from keywright.reasoning.evaluation.verdict import Allowed, Undecided

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.deployer.requirements.references import Surroundings
    from keywright.policy.statement import Document
    from keywright.reasoning.evaluation.verdict import Verdict


Probe = tuple[str, str]
"""An action and what it is on."""

SOMEBODY_ELSE = "keywright-somebody-else"
_WRITES = frozenset({"permissions management", "write", "tagging"})


def changes_of_identities(ours: str, path: str) -> Iterator[Probe]:
    """Yield every change of users and roles, on some that nobody made under a boundary; `ours` begins their ARNs."""
    for action in catalogue.actions_of("iam"):
        if not action.levels & _WRITES:
            continue
        if "user" in action.resource_types:
            yield str(action), f"{ours}:user/{SOMEBODY_ELSE}"
            yield str(action), f"{ours}:user{path}{SOMEBODY_ELSE}"
        if "role" in action.resource_types:
            yield str(action), f"{ours}:role/{SOMEBODY_ELSE}"


def acts_as_others(ours: str) -> Iterator[Probe]:
    """Yield what would let somebody act with a role that stands outside of the assembly, by what acts as it already."""
    yield "sts:AssumeRole", f"{ours}:role/{SOMEBODY_ELSE}"
    partition, account = ours.split(":")[1], ours.rpartition(":")[2]
    for action, place in _ACTING:
        yield action, f"arn:{partition}:{action.partition(':')[0]}:x:{account}:{place}"


_ACTING = (
    ("cloudformation:CreateChangeSet", f"stack/{SOMEBODY_ELSE}/x"),
    ("cloudformation:UpdateStack", f"stack/{SOMEBODY_ELSE}/x"),
    ("codebuild:StartBuild", f"project/{SOMEBODY_ELSE}"),
    ("codebuild:UpdateProject", f"project/{SOMEBODY_ELSE}"),
    ("ecs:ExecuteCommand", f"task/{SOMEBODY_ELSE}/x"),
    ("lambda:UpdateFunctionCode", f"function:{SOMEBODY_ELSE}"),
    ("states:UpdateStateMachine", f"stateMachine:{SOMEBODY_ELSE}"),
)
"""Ways on things that are there, by the techniques of the search for escalations."""


def may_any(who: str, documents: tuple[Document, ...], probes: Iterable[Probe]) -> bool:
    """Tell whether policies let somebody do one of these things, or may: a key that isn't known may have any value."""
    policies = Policies(identity=documents)
    verdicts = (evaluate(Request.partial(who, action, place), policies) for action, place in probes)
    return any(map(_is_possible, verdicts))


def _is_possible(verdict: Verdict) -> bool:
    """Tell whether a request is allowed, or may be; one that nothing allows is denied, whatever else can't be told."""
    return isinstance(verdict, Allowed) or (isinstance(verdict, Undecided) and not verdict.is_denied)


def sample(place: str) -> str:
    """Give one thing that stands at a place."""
    return place.replace("??????", "AbCdEf").replace("*", "x")


JOINING, LEAVING = "iam:AddUserToGroup", "iam:RemoveUserFromGroup"
GROUP = "AWS::IAM::Group"
_OF_SEALED = {
    "AWS::Lambda::Function": ("lambda:InvokeFunction", "lambda:UpdateFunctionCode"),
    ROLE: ("sts:AssumeRole", "iam:PassRole"),
}
_STACKS = ("cloudformation:CreateChangeSet", "cloudformation:CreateStack", "cloudformation:UpdateStack")


def joinable(assembly: Assembly, around: Surroundings, sealed: Mapping[Resource, str]) -> frozenset[str]:
    """Give the places of the groups whose policies lead nowhere, whoever joins."""
    groups = {each.arn: each for each in principals_of(assembly).account.groups}
    open_groups: set[str] = set()
    for resource in assembly.of_type(GROUP):
        assert resource.arn is not None
        actor = groups.get(Spelling().text(resource.arn))
        account = resource.template.account or "111122223333"
        ours = f"arn:{partition_here(resource.template)}:iam::{account}"
        probes = tuple(_probes(assembly, around, sealed, ours, _path(resource, around)))
        who = f"{ours}:user/anybody"
        if actor is not None and not actor.doubts and not may_any(who, actor.documents, probes):
            open_groups |= {place.pattern for place in around.own(resource)}
    return frozenset(open_groups)


def _path(group: Resource, around: Surroundings) -> str:
    place = min((each.pattern for each in around.own(group)), default="")
    return place.partition(":group")[2].rpartition("/")[0] + "/"


def _probes(
    assembly: Assembly, around: Surroundings, sealed: Mapping[Resource, str], ours: str, path: str
) -> Iterator[Probe]:
    """Yield what would lead somewhere: others' identities, what is sealed, the assembly's secrets, its stacks."""
    yield from changes_of_identities(ours, path)
    yield from acts_as_others(ours)
    for resource in sealed:
        for action in _OF_SEALED.get(resource.type, ()):
            yield from ((action, sample(place.pattern)) for place in around.own(resource))
    for secret in assembly.of_type("AWS::SecretsManager::Secret"):
        for place in around.own(secret):
            yield "secretsmanager:GetSecretValue", sample(place.pattern)
    partition, account = ours.split(":")[1], ours.rpartition(":")[2]
    for template in assembly.templates:
        region, name = template.region or "x", template.stack or "x"
        stack = f"arn:{partition}:cloudformation:{region}:{account}:stack/{name}/x"
        yield from ((action, stack) for action in _STACKS)
