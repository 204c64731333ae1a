"""Groups that an everyday deployment may put people into.

`iam:AddUserToGroup` is asked for a group and knows no condition: who may put one user into a group may put any user of the
account into it, those too that no boundary holds. So what a group holds is the founder's, and only a group whose
policies lead nowhere is open to everyday's newcomers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.identities.principals import population
from keywright.assembly.templates.symbolic_policies import Spelling
from keywright.deployer.passing import ROLE
from keywright.deployer.places import partition_here
from keywright.deployer.probes import Probe, acts_as_others, changes_of_identities, may_any, sample

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.deployer.surroundings import Surroundings

JOINING, LEAVING = "iam:AddUserToGroup", "iam:RemoveUserFromGroup"
GROUP = "AWS::IAM::Group"
_OF_SEALED = {
    "AWS::Lambda::Function": ("lambda:InvokeFunction", "lambda:UpdateFunctionCode"),
    ROLE: ("sts:AssumeRole", "iam:PassRole"),
}
_STACKS = ("cloudformation:CreateChangeSet", "cloudformation:CreateStack", "cloudformation:UpdateStack")


def joinable(assembly: Assembly, around: Surroundings, sealed: Mapping[Resource, str]) -> frozenset[str]:
    """Give the places of the groups whose policies lead nowhere, whoever joins."""
    groups = {each.arn: each for each in population(assembly).account.groups}
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
