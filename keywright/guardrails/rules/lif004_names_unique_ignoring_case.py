"""LIF004: IAM names differ by more than case.

What it checks
    No two users, roles, groups, managed policies or instance profiles of an account have names that differ only in
    case.

Why it matters
    IAM treats `Reports` and `reports` as the same name: the second one fails the deployment or, when the first one is
    removed in the same deployment, takes its place.

Refused
    One: {Type: AWS::IAM::Role, Properties: {RoleName: Reports}}
    Two: {Type: AWS::IAM::Role, Properties: {RoleName: reports}}

Accepted
    One: {Type: AWS::IAM::Role, Properties: {RoleName: reports}}
    Two: {Type: AWS::IAM::User, Properties: {UserName: Reports}}

Blind to
    Names that are known only at deployment, and names in other assemblies.

See
    IAM User Guide, "IAM and AWS STS quotas": names are unique within the account, not by case.
"""

from collections.abc import Iterator

from keywright.assembly.templates.resolve import Evaluation
from keywright.assembly.templates.template import Resource
from keywright.assembly.templates.value import Unknown
from keywright.guardrails.place import Place
from keywright.guardrails.subjects.assembly_view import AssemblyView
from keywright.reporting.finding import Finding, Severity

CODE = "LIF004"
SEVERITY = Severity.ERROR

_NAMED = {
    "AWS::IAM::User": "UserName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
}


def check(view: AssemblyView) -> Iterator[Finding]:
    """Report the second and every further one, unless conditions may exclude one of them."""
    first: dict[tuple[object, ...], Resource] = {}
    for resource in view.assembly.of_type(*_NAMED):
        if _NAMED[resource.type] not in resource.properties:
            continue
        name = Evaluation({}).name(resource)
        folded = tuple(part if isinstance(part, Unknown) else part.lower() for part in name.parts)
        key = (resource.template.account, resource.type, folded)
        other = first.setdefault(key, resource)
        # A name with unknown parts may differ at deployment, as may resources in different regions or conditions.
        if other is resource or not name.is_single or _may_exclude_each_other(resource, other):
            continue
        yield Place(resource, ("Properties", _NAMED[resource.type])).fault(
            CODE,
            f"`{resource.label}` and `{other.label}` have names that differ only in case",
            found=f"`{name}` and `{Evaluation({}).name(other)}`",
            accepted="names that differ by more than case",
            see=(other.location,),
        )


def _may_exclude_each_other(one: Resource, other: Resource) -> bool:
    """Return whether the template's conditions may allow only one of two resources."""
    conditions = (
        {one.raw.get("Condition"), other.raw.get("Condition")}
        if _have_plain_conditions(one, other)
        else {None}
    )
    return len(conditions) > 1 or one.template.region != other.template.region


def _have_plain_conditions(*resources: Resource) -> bool:
    return all(isinstance(each.raw.get("Condition"), str | None) for each in resources)
