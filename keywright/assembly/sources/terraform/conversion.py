"""The resources of one side of a file as those of a template: converted one by one, then put together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keywright.assembly.sources.terraform.instances import MANAGED
from keywright.assembly.sources.terraform.kinds.kind import Attachment, Kind, Setting, Several
from keywright.assembly.sources.terraform.kinds.registry import ATTRIBUTES, KINDS
from keywright.assembly.sources.terraform.policy_documents import written_document
from keywright.assembly.sources.terraform.unlisted import is_resource_based, policies_of
from keywright.assembly.sources.terraform.values import (
    Found,
    Values,
    as_json,
    is_function,
    partly_known,
    unknown,
)
from keywright.policy.reference.managed_policies import PREFIX, managed_policy_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright.assembly.sources.source import Node
    from keywright.assembly.sources.terraform.configuration import Configuration
    from keywright.assembly.sources.terraform.environments import Environment, Environments
    from keywright.assembly.sources.terraform.instances import Instance, Path, Side

_HOLDERS = {"Users": "AWS::IAM::User", "Groups": "AWS::IAM::Group", "Roles": "AWS::IAM::Role"}
_NAMES = {"Users": "UserName", "Groups": "GroupName", "Roles": "RoleName"}
_INLINE = {
    "Users": "AWS::IAM::UserPolicy",
    "Groups": "AWS::IAM::GroupPolicy",
    "Roles": "AWS::IAM::RolePolicy",
}
_POLICY = "AWS::IAM::ManagedPolicy"
_ATTACHED = "ManagedPolicyArns"
PROVIDERS = ("aws", "awscc")


@dataclass
class Made:
    """One resource, the environment that it is in, and the place of what it was made from."""

    id: str
    type: str
    environment: Environment
    place: Path
    physical: str = ""
    arn: str = ""
    properties: dict[str, Found] = field(default_factory=dict)

    def resource(self) -> Node:
        """Give it as a template has it."""
        return {"Type": self.type, "Properties": {name: each.node for name, each in self.properties.items()}}

    def origin(self, path: Path) -> Path:
        """Give the place of something below it, such as `("Properties", "Policies", 0)`."""
        found = self.properties.get(str(path[1])) if len(path) > 1 else None
        return self.place if found is None else found.place(path[2:])


@dataclass(frozen=True)
class Undecided:
    """What a resource does is not known, and why."""

    place: Path
    message: str
    address: str


class Conversion:
    """Converts one side."""

    def __init__(self, side: Side, configuration: Configuration, environments: Environments) -> None:
        self.made: dict[str, Made] = {}
        self.undecided: list[Undecided] = []
        self.others = 0
        self._values = Values(side, configuration, ATTRIBUTES, written_document)
        self._environments = environments
        managed = [each for each in side.instances.values() if each.mode == MANAGED]
        ours = [each for each in managed if each.provider in PROVIDERS]
        self.others = len(managed) - len(ours)
        placed = [each for each in ours if self._is_placed(each)]
        for each in placed:
            self._resource(each)
        self._named = self._index()
        for each in placed:
            self._addition(each)

    def _is_placed(self, instance: Instance) -> bool:
        """Tell whether the account of a resource is known, or the only one; one of another account would be mixed up."""
        provider = self._environments.of(instance).unknown
        if provider and (instance.type in KINDS or self._policies(instance)):
            message = f"the account of the provider `{provider}` is not known; what `{instance.address}` allows is left out"
            self._say(instance, message)
        return not provider

    def _say(self, instance: Instance, message: str) -> None:
        self.undecided.append(Undecided(instance.place, message, instance.address))

    # Resources of their own

    def _resource(self, instance: Instance) -> None:
        match KINDS.get(instance.type):
            case Kind() as kind:
                self._of_kind(instance, kind)
            case Several() as several:
                self._for_each_item(instance, several)
            case None:
                self._unlisted(instance)

    def _make(self, instance: Instance, type_: str, number: str = "", physical: str = "") -> Made:
        address = instance.address + number
        made = Made(
            address, type_, self._environments.of(instance), instance.place, physical, instance.text("arn")
        )
        self.made[address] = made
        return made

    def _of_kind(self, instance: Instance, kind: Kind) -> None:
        made = self._make(instance, kind.type, physical=instance.text(kind.physical) if kind.physical else "")
        for name, argument in kind.properties.items():
            found = argument(self._values, instance)
            if found is not None:
                made.properties[name] = found

    def _for_each_item(self, instance: Instance, several: Several) -> None:
        items = self._values.several(instance, several.items, default=several.default)
        nodes = items if isinstance(items, list) else [items] if items is not None else []
        for index, node in enumerate(nodes):
            made = self._make(instance, several.type, f" ({node if isinstance(node, str) else index + 1})")
            made.properties[several.item] = Found(node, (*instance.path, several.items), lambda _: ())
            for name, argument in several.properties.items():
                found = argument(self._values, instance)
                if found is not None:
                    made.properties[name] = found

    def _policies(self, instance: Instance) -> list[str]:
        """Give the arguments with policies; what a provider only reports is not known before an apply."""
        return [
            name
            for name in policies_of(instance)
            if not (
                instance.is_unknown(name) and self._values.configuration.has_argument(instance, name) is False
            )
        ]

    def _unlisted(self, instance: Instance) -> None:
        """Keep the policies of a type that no table has: on which resource they are is not known."""
        found = self._policies(instance)
        made = self._make(instance, instance.type) if found else None
        for name in found:
            node = partly_known(instance, name)
            is_text = isinstance(node, str) or is_function(node)
            policy = self._values.document(instance, name) if is_text else Found(node, (*instance.path, name))
            if policy is None or made is None:
                continue
            made.properties[name] = policy
            if not is_resource_based(policy.node):
                self._say(instance, f"what `{name}` of `{instance.address}` allows is not known")

    # What belongs to other resources

    def _index(self) -> Mapping[tuple[str, str, str], Made]:
        """Give the resources by account, type and name, and by their ARNs."""
        found: dict[tuple[str, str, str], Made] = {}
        for each in self.made.values():
            literals = (one.node for one in each.properties.values() if isinstance(one.node, str))
            for name in (next(literals, ""), each.physical, each.arn):
                if name:
                    found.setdefault((each.environment.account, each.type, name), each)
        return found

    def _target(self, node: Node, type_: str, account: str) -> Made | None:
        """Find the resource that a value names."""
        if isinstance(node, str):
            return self._named.get((account, type_, node)) or self._named.get(
                (account, type_, node.rpartition("/")[2])
            )
        if isinstance(node, dict) and is_function(node):
            (argument,) = node.values()
            found = self.made.get(str(argument[0] if isinstance(argument, list) else argument))
            is_name = isinstance(argument, str) or (isinstance(argument, list) and argument[1:] == ["Arn"])
            return found if found is not None and found.type == type_ and is_name else None
        return None

    def _addition(self, instance: Instance) -> None:
        match KINDS.get(instance.type):
            case Setting() as setting:
                self._set(instance, setting)
            case Attachment() as attachment:
                self._attach_all(instance, attachment)

    def _set(self, instance: Instance, setting: Setting) -> None:
        node = self._values.scalar(instance, setting.target, default="id")
        account = self._environments.of(instance).account
        target = self._target(node, setting.type, account)
        if target is None and isinstance(node, str):
            target = self._make(instance, setting.type, physical=node)
            if setting.name:
                target.properties[setting.name] = Found(node, (*instance.path, setting.target))
        if target is None:
            self._say(instance, f"which resource `{instance.address}` is for is not known")
            return
        for name, argument in setting.properties.items():
            found = argument(self._values, instance)
            if found is not None:
                target.properties[name] = found

    def _attach_all(self, instance: Instance, attachment: Attachment) -> None:
        for list_name, argument in attachment.principals.items():
            for principal, at in self._each(instance, argument, "name"):
                for policy, place in self._each(instance, attachment.policies, "arn"):
                    self._attach(instance, list_name, (principal, at), (policy, place))

    def _each(self, instance: Instance, argument: str, default: str) -> Iterator[tuple[Node, Path]]:
        """Yield the texts of an argument, which is one or a list."""
        path = (*instance.path, argument)
        if not isinstance(instance.values.get(argument), list):
            node = self._values.scalar(instance, argument, default=default)
            if node is not None:
                yield node, path
            return
        found = self._values.several(instance, argument, default=default)
        for index, each in enumerate(found if isinstance(found, list) else [found]):
            yield each, (*path, index)

    def _attach(
        self, instance: Instance, list_name: str, principal: tuple[Node, Path], policy: tuple[Node, Path]
    ) -> None:
        """Attach a policy where one of the two is: to the identity, else to the policy, else as a policy of its own."""
        account = self._environments.of(instance).account
        holder = self._target(principal[0], _HOLDERS[list_name], account)
        document = self._target(policy[0], _POLICY, account)
        if holder is not None:
            _append(holder, _ATTACHED, *policy)
        elif document is not None:
            _append(document, list_name, *principal)
        else:
            self._attach_elsewhere(instance, list_name, principal, policy)

    def _attach_elsewhere(
        self, instance: Instance, list_name: str, principal: tuple[Node, Path], policy: tuple[Node, Path]
    ) -> None:
        arn = policy[0] if isinstance(policy[0], str) else ""
        content = managed_policy_document(arn)
        made = self._make(instance, _INLINE[list_name], f" ({len(self.made) + 1})")
        written: Node = content if content is not None else unknown(instance.address, "policy")
        made.properties = {
            _NAMES[list_name]: Found(principal[0], principal[1]),
            "PolicyName": Found(arn.removeprefix(PREFIX) or "unknown", policy[1]),
            "PolicyDocument": Found(written, policy[1], lambda _: ()),
        }


def _append(made: Made, name: str, node: Node, place: Path) -> None:
    """Add an item to a list; one that is there already stays as it is."""
    found = made.properties.get(name)
    if found is None:
        made.properties[name] = Found([node], place, items=(place,))
        return
    if not isinstance(found.node, list):
        # The list as a whole is not known; what is added to it certainly is there.
        made.properties[name] = Found([found.node, node], found.origin, items=(found.origin, place))
    elif as_json(node) not in map(as_json, found.node):
        places = found.items or tuple(found.place((index,)) for index in range(len(found.node)))
        made.properties[name] = Found([*found.node, node], found.origin, items=(*places, place))
