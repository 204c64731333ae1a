"""What of an assembly exists in the account already, and how CloudFormation imports it.

"Import AWS resources into a CloudFormation stack" in the AWS CloudFormation User Guide: each imported resource has a
DeletionPolicy, nothing else changes in the same change set, and a resource is in one stack at most. An import changes
nothing: CloudFormation takes what the template declares for what there is. A policy that only the template has would
then never be attached. So the import declares the identities without policies, groups, tags and boundaries, and the
ordinary deployment after it brings these. What it does not declare stays: nobody loses access in between.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from keywright.account.entities import Group, Role, User
from keywright.assembly.templates.names import display_name
from keywright.policy.compaction import document_size
from keywright.policy.quotas import GROUPS_PER_USER, INLINE, KEYS_PER_USER, MANAGED
from keywright.reporting.finding import Finding, Severity
from keywright.reporting.text import joined, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright.account.entities import Entry
    from keywright.account.snapshot import AccountSnapshot
    from keywright.assembly.sources.source import Node
    from keywright.assembly.templates.template import Assembly, Resource

IDENTIFIERS = {
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "PolicyArn",
    "AWS::IAM::OIDCProvider": "Arn",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::SAMLProvider": "Arn",
    "AWS::IAM::User": "UserName",
}
"""The property that identifies a resource to import, by type ("Resource type support", AWS CloudFormation User Guide).

Access keys, inline policies of their own and memberships can't be imported.
"""
_NAMES = {
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::OIDCProvider": "Url",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::SAMLProvider": "Name",
    "AWS::IAM::User": "UserName",
}


@dataclass(frozen=True, kw_only=True)
class Import:
    """One resource that exists: how the template of its stack declares it while it is imported."""

    resource: Resource
    physical_id: str
    properties: Mapping[str, Any]

    @property
    def identifier(self) -> dict[str, str]:
        """Give the identifier, as CloudFormation and `cdk import` take it."""
        return {IDENTIFIERS[self.resource.type]: self.physical_id}

    @property
    def declaration(self) -> dict[str, Any]:
        """Give the resource of the template."""
        return {
            "Type": self.resource.type,
            "Properties": dict(self.properties),
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
        }


@dataclass
class ImportPlan:
    """The resources to import by stack, and what a person has to know. With an error, nothing may be imported."""

    stacks: dict[str, list[Import]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def errors(self) -> list[Finding]:
        """Give the reasons why the import, or the deployment after it, would fail."""
        return [each for each in self.findings if each.severity is Severity.ERROR]


def plan_imports(assembly: Assembly, snapshot: AccountSnapshot) -> ImportPlan:
    """Find the resources of an assembly that exist in the account."""
    return _Planner(assembly, snapshot).plan()


class _Planner:
    def __init__(self, assembly: Assembly, snapshot: AccountSnapshot) -> None:
        self._assembly = assembly
        self._snapshot = snapshot
        self._found = ImportPlan()

    def plan(self) -> ImportPlan:
        if not self._snapshot.has("StackResources"):
            self._found.findings.append(
                Finding(
                    self._snapshot.source.locate(),
                    "the snapshot does not tell which resources other stacks have; an import of these fails and changes nothing",
                    found="no complete `StackResources`",
                    accepted="a snapshot that `keywright snapshot` wrote",
                    severity=Severity.ADVICE,
                )
            )
        for resource in self._assembly.of_type(*IDENTIFIERS):
            self._resource(resource)
        return self._found

    def _resource(self, resource: Resource) -> None:
        name = _literal(resource, _NAMES[resource.type])
        existing = self._existing[resource.type].get(name.lower()) if name else None
        if existing is None:
            return
        physical_id = _physical_id(resource.type, existing)
        holder = self._holders.get((resource.type, physical_id))
        if holder is not None and holder == resource.template.stack:
            return
        if holder is not None:
            self._report(
                resource,
                existing,
                f"{display_name(resource)} is in stack `{holder}`, and a resource is in one stack at most",
                f"`{holder}`",
                f"`DeletionPolicy: Retain` in `{holder}`, its removal from there, and a new snapshot",
            )
            return
        if self._differs(resource, existing, name):
            return
        plain = _plain(resource, existing)
        made = Import(resource=resource, physical_id=physical_id, properties=plain)
        self._found.stacks.setdefault(resource.template.stack, []).append(made)
        if isinstance(existing, User | Group | Role):
            self._found.findings += self._beside(resource, existing)

    def _differs(self, resource: Resource, existing: Entry, name: str) -> bool:
        """Report what CloudFormation would replace, or not find under the declared name."""
        found = False
        for key, value in (("path", _literal(resource, "Path") or "/"), ("name", name)):
            actual = getattr(existing, key, None)
            if actual is not None and actual != value:
                found = True
                self._report(
                    resource,
                    existing,
                    f"{display_name(resource)} exists with another {key}, and would be created anew",
                    f"{quoted(actual)} in the account, {quoted(value)} in the template",
                    f"`adopted: {{path: {actual}}}`" if key == "path" else quoted(actual),
                )
        # A description can't be changed.
        description = getattr(existing, "description", None)
        declared = _literal(resource, "Description")
        if resource.type == "AWS::IAM::ManagedPolicy" and description not in (None, declared):
            found = True
            self._report(
                resource,
                existing,
                f"{display_name(resource)} exists with another description, which can't be changed",
                f"{quoted(str(description))} in the account, {quoted(declared)} in the template",
                "`adopted` with its `description`",
            )
        return found

    def _beside(self, resource: Resource, existing: User | Group | Role) -> Iterator[Finding]:
        """Report what stays beside the declared policies and groups, and where both together exceed a quota."""
        kind = resource.type.rpartition("::")[2].lower()
        declared_inline = {
            each["PolicyName"]: each["PolicyDocument"] for each in _declared_policies(resource)
        }
        inline = [each for each in existing.inline_policies if each.name not in declared_inline]
        declared_arns = _literals(resource, "ManagedPolicyArns")
        attached = [each for each in existing.attached_policies if each not in declared_arns]
        groups: list[str] = []
        if isinstance(existing, User):
            declared_groups = _literals(resource, "Groups")
            groups = [each for each in existing.groups if each not in declared_groups]
            yield from self._too_many(
                resource,
                existing,
                "groups",
                len(groups) + len(_texts(resource, "Groups")),
                GROUPS_PER_USER.default,
            )
            keys = self._snapshot.access_keys_of(existing.name)
            new = self._keys_for(resource)
            if new:
                yield from self._too_many(
                    resource, existing, "access keys", len(keys) + new, KEYS_PER_USER.default
                )
        size = sum(document_size(dict(each.document)) for each in inline)
        size += sum(document_size(each) for each in declared_inline.values())
        yield from self._too_many(
            resource, existing, "characters of inline policies", size, INLINE[kind].default, some=bool(inline)
        )
        yield from self._too_many(
            resource,
            existing,
            "managed policies",
            len(attached) + len(_texts(resource, "ManagedPolicyArns")),
            MANAGED[kind].default,
            some=bool(attached),
        )
        stays = [
            *(f"inline policy `{each.name}`" for each in inline),
            *(f"managed policy `{each.rpartition('/')[2]}`" for each in attached),
            *(f"membership in `{each}`" for each in groups),
        ]
        if stays:
            yield Finding(
                self._snapshot.locate(existing),
                f"{display_name(resource)} keeps what is not declared, until somebody removes it after the deployment",
                found=joined(stays, "and"),
                accepted="its removal once the deployed policies are in effect",
                severity=Severity.ADVICE,
                resource=resource.logical_id,
            )

    def _too_many(
        self, resource: Resource, existing: Entry, what: str, number: int, most: int, *, some: bool = True
    ) -> Iterator[Finding]:
        if some and number > most:
            yield Finding(
                self._snapshot.locate(existing),
                f"{display_name(resource)} would have too many {what} while the former ones are still there",
                found=f"{number:,}",
                accepted=f"at most {most:,}: remove or merge some first",
                resource=resource.logical_id,
            )

    def _keys_for(self, user: Resource) -> int:
        keys = (
            each for each in self._assembly.of_type("AWS::IAM::AccessKey") if each.template is user.template
        )
        properties = (each.raw.get("Properties") for each in keys)
        named = [each["UserName"] for each in properties if isinstance(each, dict) and "UserName" in each]
        return named.count({"Ref": user.logical_id})

    def _report(self, resource: Resource, existing: Entry, message: str, found: str, accepted: str) -> None:
        self._found.findings.append(
            Finding(
                resource.location,
                message,
                found=found,
                accepted=accepted,
                resource=resource.logical_id,
                see=(self._snapshot.locate(existing),),
            )
        )

    @cached_property
    def _existing(self) -> Mapping[str, Mapping[str, Any]]:
        """What exists, by type and name in lower case: IAM compares names without case."""
        snapshot = self._snapshot
        profiles = [
            *snapshot.instance_profiles,
            *(each for role in snapshot.roles for each in role.instance_profiles),
        ]
        return {
            "AWS::IAM::Group": _by_name(snapshot.groups),
            "AWS::IAM::InstanceProfile": _by_name(profiles),
            "AWS::IAM::ManagedPolicy": _by_name(snapshot.policies),
            "AWS::IAM::OIDCProvider": {
                f"https://{each.url}".lower(): each for each in snapshot.oidc_providers
            },
            "AWS::IAM::Role": _by_name(snapshot.roles),
            "AWS::IAM::SAMLProvider": {
                each.arn.resource.rpartition("/")[2].lower(): each for each in snapshot.saml_providers
            },
            "AWS::IAM::User": _by_name(snapshot.users),
        }

    @cached_property
    def _holders(self) -> Mapping[tuple[str, str], str]:
        return {(each.type, each.physical_id): each.stack for each in self._snapshot.stack_resources}


def _by_name(entries: Iterable[Any]) -> dict[str, Any]:
    return {each.name.lower(): each for each in entries}


def _physical_id(kind: str, existing: Any) -> str:
    return str(existing.arn if IDENTIFIERS[kind].endswith("Arn") else existing.name)


def _literal(resource: Resource, key: str) -> str:
    properties = resource.raw.get("Properties")
    value = properties.get(key) if isinstance(properties, dict) else None
    return value if isinstance(value, str) else ""


def _texts(resource: Resource, key: str) -> list[str | None]:
    return [each.literal for each in resource.texts(key)]


def _literals(resource: Resource, key: str) -> set[str]:
    return {each for each in _texts(resource, key) if each is not None}


def _declared_policies(resource: Resource) -> Iterator[Mapping[str, Any]]:
    properties = resource.raw.get("Properties")
    policies = properties.get("Policies") if isinstance(properties, dict) else None
    for each in policies if isinstance(policies, list | tuple) else ():
        if isinstance(each, dict) and isinstance(each.get("PolicyName"), str):
            yield each


def _plain(resource: Resource, existing: Any) -> Mapping[str, Any]:
    """Give what identifies a resource, and what its type requires, as it is in the account."""
    properties = resource.raw.get("Properties")
    assert isinstance(properties, dict)
    kept: dict[str, Node | list[str]] = {
        key: properties[key] for key in (_NAMES[resource.type], "Path", "Description") if key in properties
    }
    match resource.type:
        case "AWS::IAM::Role":
            # Unlike a policy's, a role's description can be changed.
            kept.pop("Description", None)
            kept["AssumeRolePolicyDocument"] = dict(existing.trust_policy)
        case "AWS::IAM::ManagedPolicy":
            kept["PolicyDocument"] = dict(existing.document)
        case "AWS::IAM::InstanceProfile":
            kept["Roles"] = list(existing.roles)
        case "AWS::IAM::OIDCProvider":
            kept["ClientIdList"] = list(existing.client_ids)
            kept["ThumbprintList"] = list(existing.thumbprints)
        case "AWS::IAM::SAMLProvider":
            kept["SamlMetadataDocument"] = existing.metadata or properties["SamlMetadataDocument"]
    return kept
