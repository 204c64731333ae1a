"""The resources that run with a role's credentials or store a user's credentials.

Source: the properties and ARNs of each type in the CloudFormation template reference and the Service Authorization
Reference.
"""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from keywright.assembly.templates.names import certain_tags, tags_in
from keywright.assembly.templates.physical_names import PHYSICAL_NAMES, PhysicalName
from keywright.assembly.templates.resolve import Evaluation
from keywright.assembly.templates.value import (
    ABSENT,
    Absent,
    Text,
    as_text,
    as_texts,
    possible_values,
    value_at,
)
from keywright.reasoning.account.actors import CredentialSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from keywright.assembly.templates.symbolic_policies import Spelling
    from keywright.assembly.templates.template import Assembly, Resource
    from keywright.assembly.templates.value import Value

    Spelled = Callable[[Text], str]

_TEMPLATE = "AWS::EC2::LaunchTemplate"
_CONFIGURATION = "AWS::AutoScaling::LaunchConfiguration"
_GROUP = "AWS::AutoScaling::AutoScalingGroup"
_SPECIFIED = ("LaunchTemplateId", "LaunchTemplateName")
_MIXED = ("MixedInstancesPolicy", "LaunchTemplate")


class LaunchedInstances(NamedTuple):
    """Instances: the resource that launches them, the values that name their profile, their tags, what must exist."""

    by: Resource
    profiles: tuple[Value, ...]
    tags: Mapping[str, str]
    needs: str = ""


def launched_instances(assembly: Assembly, spelled: Spelled) -> Iterator[LaunchedInstances]:
    """Give one for each instance or group with a launch template, and one for each unused launch template."""
    sources = _Sources(assembly, spelled)
    used: set[int] = set()
    for instance in assembly.of_type("AWS::EC2::Instance"):
        # A profile in the instance's own properties takes the place of the launch template's.
        if all(isinstance(each, Absent) for each in instance.possible_values("IamInstanceProfile")):
            for source in sources.named(*instance.possible_values("LaunchTemplate")):
                used.add(id(source))
                own = certain_tags(instance, spelled)
                yield LaunchedInstances(instance, _profile(source), _tags(source, spelled) | own)
    for group in assembly.of_type(_GROUP):
        for source in sources.named(*_specifications(group)):
            used.add(id(source))
            own = certain_tags(group, spelled, propagated=True)
            yield LaunchedInstances(group, _profile(source), _tags(source, spelled) | own)
    # Instances can be started from a launch template outside of CloudFormation, by whoever may call ec2:RunInstances.
    for source in (each for each in assembly.of_type(_TEMPLATE) if id(each) not in used):
        needs = f"an instance started from `{source.label}`"
        yield LaunchedInstances(source, _profile(source), _tags(source, spelled), needs)


class _Sources:
    """Launch templates and configurations, by the texts that reference them."""

    def __init__(self, assembly: Assembly, spelled: Spelled) -> None:
        self._spelled = spelled
        self._by_name: dict[str, list[Resource]] = {}
        for type_, name in ((_TEMPLATE, "LaunchTemplateName"), (_CONFIGURATION, "LaunchConfigurationName")):
            for resource in assembly.of_type(type_):
                named = [
                    as_text(each) for each in resource.possible_values(name) if not isinstance(each, Absent)
                ]
                for each in dict.fromkeys(spelled(text) for text in (resource.name, *named)):
                    self._by_name.setdefault(each, []).append(resource)

    def named(self, *specifications: Value) -> Iterator[Resource]:
        """Give the ones that specifications reference, each once."""
        found: dict[int, Resource] = {}
        for specification in specifications:
            for value in (specification, *(value_at(specification, key) for key in _SPECIFIED)):
                if isinstance(value, Text):
                    for resource in self._by_name.get(self._spelled(value), ()):
                        found[id(resource)] = resource
        yield from found.values()


def _specifications(group: Resource) -> Iterator[Value]:
    yield from group.possible_values("LaunchTemplate")
    yield from group.possible_values("LaunchConfigurationName")
    for mixed in group.possible_values(*_MIXED):
        yield value_at(mixed, "LaunchTemplateSpecification")
        overrides = value_at(mixed, "Overrides")
        for number in range(len(overrides) if isinstance(overrides, tuple) else 0):
            yield value_at(overrides, number, "LaunchTemplateSpecification")


def _profile(source: Resource) -> tuple[Value, ...]:
    if source.type == _CONFIGURATION:
        return source.possible_values("IamInstanceProfile")
    return source.possible_values("LaunchTemplateData", "IamInstanceProfile")


def _tags(source: Resource, spelled: Spelled) -> dict[str, str]:
    if source.type == _CONFIGURATION:
        return {}
    specifications = source.possible_values("LaunchTemplateData", "TagSpecifications")
    # A tag counts only if it is certain, because grants by tag are decided by it.
    if len(specifications) != 1 or not isinstance(specifications[0], tuple):
        return {}
    of_instances = (
        value_at(each, "Tags")
        for each in specifications[0]
        if as_text(value_at(each, "ResourceType")).literal == "instance"
    )
    return {key: value for tags in of_instances for key, value in tags_in((tags,), spelled).items()}


class _RoleType(NamedTuple):
    """A type with a role: the property that names it, and the format of the type's own ARN."""

    kind: str
    role: Sequence[str]
    name: str
    arn: str


_HERE = "arn:{partition}:{service}:{region}:{account}:"
_TYPES = {
    type_: _RoleType(**entry)
    for type_, entry in json.loads(Path(__file__).with_name("role_types.json").read_bytes()).items()
}
ROLE_PROPERTIES = {type_: role_type.role[-1] for type_, role_type in _TYPES.items()}
"""The property by which a type names the role that it acts as."""
_INSTANCE = "ec2:instance"
ANCHOR = "rolesanywhere:trust-anchor"
_PROFILED = {
    "AWS::EC2::Instance": ("ec2:instance", ("IamInstanceProfile",), "instance/{name}"),
    "AWS::EC2::LaunchTemplate": (
        "ec2:launch-template",
        ("LaunchTemplateData", "IamInstanceProfile"),
        "launch-template/{name}",
    ),
}


def credential_sources(assembly: Assembly, spelling: Spelling) -> tuple[CredentialSource, ...]:
    """Give the credential sources of an assembly; a role whose name is unknown is left out."""
    reader = _Reader(assembly, spelling.text)
    return (*reader.with_role(), *reader.with_profile(), *reader.with_trust_anchor(), *reader.with_secret())


class _Reader:
    """Reads one assembly; `spelled` writes its texts."""

    def __init__(self, assembly: Assembly, spelled: Callable[[Text], str]) -> None:
        self._assembly = assembly
        self._spelled = spelled

    def with_role(self) -> Iterator[CredentialSource]:
        for type_, role_type in _TYPES.items():
            for resource in self._assembly.of_type(type_):
                arn = self._arn(resource, role_type.kind, role_type.name, role_type.arn)
                for role in _texts(resource, *role_type.role):
                    yield CredentialSource(role_type.kind, arn, self._spelled(role))

    def with_profile(self) -> Iterator[CredentialSource]:
        for type_, (kind, path, form) in _PROFILED.items():
            for resource in self._assembly.of_type(type_):
                arn = self._arn(resource, kind, "", form)
                tags = certain_tags(resource, self._spelled) if kind == _INSTANCE else {}
                for role in self._roles_by_profile(resource.possible_values(*path)):
                    yield CredentialSource(kind, arn, role, tags)
        for each in launched_instances(self._assembly, self._spelled):
            arn = self._arn(each.by, _INSTANCE, "", "instance/{name}")
            for role in self._roles_by_profile(each.profiles):
                yield CredentialSource(_INSTANCE, arn, role, each.tags, each.needs)

    def with_trust_anchor(self) -> Iterator[CredentialSource]:
        """Pair trust anchors with the roles of profiles: a certificate of any anchor may ask for any profile."""
        anchors = self._assembly.of_type("AWS::RolesAnywhere::TrustAnchor")
        profiles = self._assembly.of_type("AWS::RolesAnywhere::Profile") if anchors else ()
        for anchor in anchors:
            for profile in profiles:
                if profile.template.account == anchor.template.account:
                    for role in profile.texts("RoleArns"):
                        yield CredentialSource(ANCHOR, self._known_arn(anchor), self._spelled(role))

    def _roles_by_profile(self, values: Iterable[Value]) -> dict[str, None]:
        """Name the roles of the profiles that properties name, each once."""
        named = (self._spelled(each) for value in values for each in _profiles(value))
        return dict.fromkeys(role for profile in named for role in self._profiles.get(profile, ()))

    def with_secret(self) -> Iterator[CredentialSource]:
        """Pair secrets with the users whose access key or first password they store."""
        secrets = self._assembly.of_type("AWS::SecretsManager::Secret")
        users = self._arns_by_name("AWS::IAM::User") if secrets else {}
        for secret in secrets:
            arn = self._known_arn(secret)
            for name in self._owners(secret, arn):
                for each in (arn, *self._by_its_name(secret)) if name in users else ():
                    yield CredentialSource("secretsmanager:Secret", each, users[name])

    def _by_its_name(self, secret: Resource) -> Iterator[str]:
        """Give the ARN by which policies may name a secret: AWS appends six random characters to its name.

        A secret with a first password instead of an access key is left out: only those whom `handover` declares read
        it, and it is useless after the first sign-in.
        """
        if all(isinstance(each, Absent) for each in secret.possible_values("SecretString")):
            return
        form = _HERE.replace("{service}", "secretsmanager") + "secret:"
        for named in _texts(secret, "Name"):
            start = self._spelled(Evaluation({}).arn(secret, PhysicalName("Name", form)))
            # Any six letters do: the question is whether a pattern in a policy matches the name.
            yield f"{start}{self._spelled(named)}-AbCdEf"

    def _arn(self, resource: Resource, kind: str, name: str, form: str) -> str:
        """Fill the form of a type's ARN, in which the name comes last."""
        if resource.type in PHYSICAL_NAMES:
            return self._known_arn(resource)
        start = (_HERE + form).replace("{service}", kind.partition(":")[0]).removesuffix("{name}")
        named = next(_texts(resource, name), resource.name) if name else resource.name
        return self._spelled(Evaluation({}).arn(resource, PhysicalName(name, start))) + self._spelled(named)

    def _known_arn(self, resource: Resource) -> str:
        assert resource.arn is not None
        return self._spelled(resource.arn)

    def _name(self, resource: Resource) -> str:
        return self._spelled(resource.name)

    def _arns_by_name(self, type_: str) -> dict[str, str]:
        return {self._name(each): self._known_arn(each) for each in self._assembly.of_type(type_)}

    @cached_property
    def _profiles(self) -> dict[str, list[str]]:
        """The ARNs of roles by the names and the ARNs of their instance profiles."""
        roles: dict[str, list[str]] = {}
        for profile, role in self._roles_of_profiles():
            roles.setdefault(profile, []).append(role)
        return roles

    def _roles_of_profiles(self) -> Iterator[tuple[str, str]]:
        """Pair the name and the ARN of each instance profile with its role's ARN."""
        profiles = self._assembly.of_type("AWS::IAM::InstanceProfile")
        arns = self._arns_by_name("AWS::IAM::Role") if profiles else {}
        for profile in profiles:
            for value in possible_values(profile.properties.get("Roles", ABSENT)):
                for role in map(self._spelled, as_texts(value)):
                    if role in arns:
                        yield self._name(profile), arns[role]
                        yield self._known_arn(profile), arns[role]

    def _owners(self, secret: Resource, arn: str) -> Iterator[str]:
        for text in _texts(secret, "SecretString"):
            for unknown in text.unknowns:
                key = secret.template.resources.get(unknown.reference.removesuffix(".SecretAccessKey"))
                if key is not None and key.type == "AWS::IAM::AccessKey":
                    yield from map(self._spelled, _texts(key, "UserName"))
        yield from self._first_passwords.get(arn, ())

    @cached_property
    def _first_passwords(self) -> dict[str, list[str]]:
        """The names of users by the ARN of the secret that stores their first password."""
        found: dict[str, list[str]] = {}
        for resource in self._assembly.of_type("Custom::FirstSignIn"):
            for secret in map(self._spelled, _texts(resource, "SecretId")):
                found.setdefault(secret, []).extend(map(self._spelled, _texts(resource, "UserName")))
        return found


def _texts(resource: Resource, *path: str) -> Iterator[Text]:
    for value in resource.possible_values(*path):
        if not isinstance(value, Absent):
            yield as_text(value)


def _profiles(value: Value) -> Iterator[Text]:
    """Give the name or ARN that a property names a profile by."""
    for part in (value, value_at(value, "Name"), value_at(value, "Arn")):
        if isinstance(part, Text):
            yield part
