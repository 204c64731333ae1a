"""The identities of an account, as `aws iam get-account-authorization-details` writes them, read as a template.

Every user, group, role, instance profile and customer managed policy becomes one resource with its actual names, so that
everything that reads templates also answers questions about an account. AWS managed policies are read from the reference.
Source: "GetAccountAuthorizationDetails", IAM API Reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from keywright.assembly.sources.json_source import JsonSource
from keywright.assembly.sources.source import Node, Source, Span, Step, UnreadableError, unreadable
from keywright.policy.matching.arn import Arn
from keywright.reporting.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.reporting.finding import Location

LARGEST = 64 << 20
"""Bytes. 5,000 users and 1,000 roles with two policies each take about 15 MB."""
MOST_NODES = 4_000_000

_AWS = "aws"
"""The owner of AWS managed policies, in their ARNs."""

_LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


def may_begin(content: str) -> bool:
    """Return whether a text begins like the details of an account, without parsing it."""
    return content.lstrip("{ \t\r\n").startswith(tuple(f'"{each}"' for each in _LISTS))


def is_account_details(tree: Node) -> bool:
    """Return whether a document is the output of `get-account-authorization-details`."""
    return (
        isinstance(tree, dict)
        and "Resources" not in tree
        and any(isinstance(tree.get(each), list) for each in _LISTS)
    )


@dataclass(frozen=True)
class _Field:
    """A property of a resource, and where its value is in the account's details."""

    name: str
    path: tuple[Step, ...]
    value: Node
    item: tuple[Step, ...] = ()
    """Where an item of a list is below its own place, if the resource has only a part of it."""


@dataclass(frozen=True)
class _Entity:
    """One resource and its place in the account's details."""

    logical_id: str
    type: str
    path: tuple[Step, ...]
    fields: tuple[_Field, ...]

    def resource(self) -> Node:
        return {"Type": self.type, "Properties": {each.name: each.value for each in self.fields}}

    def origin(self, path: tuple[Step, ...]) -> tuple[Step, ...]:
        """Give the place of something below the resource, such as `("Properties", "Groups", 0)`."""
        if len(path) < 2:  # noqa: PLR2004 - `Properties` and a name
            return self.path
        found = next((each for each in self.fields if each.name == path[1]), None)
        if found is None:
            return self.path
        index, inner = path[2:3], path[3:]
        return (*self.path, *found.path, *index, *(found.item if index else ()), *inner)


class AccountDetails(Source):
    """The details of one account as a template's file; locations are those of the original."""

    def __init__(self, original: Source) -> None:
        assert isinstance(original.tree, dict)
        self._original = original
        self.file = original.file
        self.size = original.size
        self.characters = original.characters
        self._require_all_pages()
        self._entities: dict[str, _Entity] = {}
        for each in self._found():
            self._add(each)
        self.account, self.partition = self._owner()
        self.tree = {"Resources": {name: each.resource() for name, each in self._entities.items()}}

    def locate(self, *path: Step) -> Location:
        """Give the location in the account's details of the value at `path` in the template."""
        return self._original.locate(*self._origin(path))

    def span(self, *path: Step) -> Span | None:
        """Give no offsets: an account is not rewritten."""

    def _origin(self, path: tuple[Step, ...]) -> tuple[Step, ...]:
        entity = self._entities.get(str(path[1])) if len(path) > 1 else None
        return () if entity is None else entity.origin(path[2:])

    def _add(self, entity: _Entity) -> None:
        # Two entries of one name would hide each other, and with that what one of them can do.
        if entity.logical_id in self._entities:
            raise unreadable(
                self._original.locate(*entity.path),
                f"`{entity.logical_id}` is listed twice",
                accepted="the output of one call",
            )
        self._entities[entity.logical_id] = entity

    def _require_all_pages(self) -> None:
        tree = self._original.tree
        assert isinstance(tree, dict)
        for name in _LISTS:
            if not isinstance(tree.get(name), list):
                raise unreadable(
                    self._original.locate(),
                    f"the details of the account have no `{name}`",
                    accepted="the output of `aws iam get-account-authorization-details` without `--filter`",
                )
        if tree.get("IsTruncated") is True or "NextToken" in tree or "Marker" in tree:
            raise unreadable(
                self._original.locate("IsTruncated" if "IsTruncated" in tree else "NextToken"),
                "the details of the account are incomplete",
                found="one page of several",
                accepted="the output of `aws iam get-account-authorization-details` without `--max-items` and `--no-paginate`",
            )

    def _found(self) -> Iterator[_Entity]:
        for name in _LISTS:
            read = _READERS[name]
            for path, item in self._items((name,), self._original.tree):
                yield from read(self, path, item)

    def _items(
        self, path: tuple[Step, ...], within: Node | Mapping[str, Node]
    ) -> Iterator[tuple[tuple[Step, ...], Mapping[str, Node]]]:
        """Give the objects of a list at the last step of `path` in an object, each with its place."""
        found = within.get(str(path[-1])) if isinstance(within, Mapping) else None
        for index, item in enumerate(found if isinstance(found, list) else ()):
            if not isinstance(item, dict):
                raise unreadable(
                    self._original.locate(*path, index), "the item is not an object", found=quoted(str(item))
                )
            yield (*path, index), item

    def text(self, path: tuple[Step, ...], item: Mapping[str, Node], name: str) -> str:
        """Give a text that IAM always writes."""
        value = item.get(name)
        if not isinstance(value, str) or not value:
            raise unreadable(
                self._original.locate(*path),
                f"the item has no `{name}`",
                accepted="the output of IAM, unchanged",
            )
        return value

    def arn(self, path: tuple[Step, ...], item: Mapping[str, Node]) -> Arn:
        """Give an item's own ARN."""
        written = self.text(path, item, "Arn")
        arn = Arn.parse(written)
        if arn is None:
            raise unreadable(
                self._original.locate(*path, "Arn"), "the item's `Arn` is not an ARN", found=quoted(written)
            )
        return arn

    def document(self, path: tuple[Step, ...], item: Mapping[str, Node], name: str) -> Node:
        """Give a policy document: the CLI writes an object, the API a text with percent-encoding (RFC 3986)."""
        value = item.get(name)
        if isinstance(value, str):
            try:
                value = JsonSource.of(unquote(value), self.file).tree
            except UnreadableError:
                value = None
        if not isinstance(value, dict):
            raise unreadable(
                self._original.locate(*path, name),
                "the item has no policy document",
                accepted="a JSON object, or its text",
            )
        return value

    def policies(self, path: tuple[Step, ...], item: Mapping[str, Node], name: str) -> _Field:
        """Give the inline policies."""
        found: list[Node] = [
            {
                "PolicyName": self.text(at, each, "PolicyName"),
                "PolicyDocument": self.document(at, each, "PolicyDocument"),
            }
            for at, each in self._items((*path, name), item)
        ]
        return _Field("Policies", (name,), found)

    def attached(self, path: tuple[Step, ...], item: Mapping[str, Node]) -> _Field:
        """Give the ARNs of the attached managed policies."""
        name = "AttachedManagedPolicies"
        arns: list[Node] = [self.text(at, each, "PolicyArn") for at, each in self._items((*path, name), item)]
        return _Field("ManagedPolicyArns", (name,), arns, ("PolicyArn",))

    def user(self, path: tuple[Step, ...], item: Mapping[str, Node]) -> Iterator[_Entity]:
        """Give one user."""
        name = self.text(path, item, "UserName")
        fields = (
            *self._named(path, item, "UserName"),
            _Field("Groups", ("GroupList",), item.get("GroupList") or []),
            self.policies(path, item, "UserPolicyList"),
            self.attached(path, item),
            *_boundary(item),
            *_tags(item),
        )
        yield _Entity(f"user/{name}", "AWS::IAM::User", path, fields)

    def group(self, path: tuple[Step, ...], item: Mapping[str, Node]) -> Iterator[_Entity]:
        """Give one group; its members list it."""
        name = self.text(path, item, "GroupName")
        fields = (
            *self._named(path, item, "GroupName"),
            self.policies(path, item, "GroupPolicyList"),
            self.attached(path, item),
        )
        yield _Entity(f"group/{name}", "AWS::IAM::Group", path, fields)

    def role(self, path: tuple[Step, ...], item: Mapping[str, Node]) -> Iterator[_Entity]:
        """Give one role and its instance profiles."""
        name = self.text(path, item, "RoleName")
        trust = "AssumeRolePolicyDocument"
        fields = (
            *self._named(path, item, "RoleName"),
            _Field(trust, (trust,), self.document(path, item, trust)),
            self.policies(path, item, "RolePolicyList"),
            self.attached(path, item),
            *_boundary(item),
            *_tags(item),
            *_settings(item),
        )
        yield _Entity(f"role/{name}", "AWS::IAM::Role", path, fields)
        for at, profile in self._items((*path, "InstanceProfileList"), item):
            fields = (*self._named(at, profile, "InstanceProfileName"), _Field("Roles", (), [name]))
            profile_name = self.text(at, profile, "InstanceProfileName")
            yield _Entity(f"instance-profile/{profile_name}", "AWS::IAM::InstanceProfile", at, fields)

    def policy(self, path: tuple[Step, ...], item: Mapping[str, Node]) -> Iterator[_Entity]:
        """Give one customer managed policy with its default version."""
        if self.arn(path, item).account == _AWS:
            return
        name = self.text(path, item, "PolicyName")
        versions = list(self._items((*path, "PolicyVersionList"), item))
        chosen = [(at, each) for at, each in versions if each.get("IsDefaultVersion") is True]
        if len(chosen) != 1:
            raise unreadable(
                self._original.locate(*path, "PolicyVersionList"),
                f"policy {quoted(name)} has no default version",
                accepted="one version with `IsDefaultVersion`",
            )
        ((at, version),) = chosen
        fields = (
            _Field("ManagedPolicyName", ("PolicyName",), name),
            *_path(item),
            _Field("PolicyDocument", (*at[len(path) :], "Document"), self.document(at, version, "Document")),
        )
        yield _Entity(f"policy/{name}", "AWS::IAM::ManagedPolicy", path, fields)

    def _named(self, path: tuple[Step, ...], item: Mapping[str, Node], name: str) -> tuple[_Field, ...]:
        return (_Field(name, (name,), self.text(path, item, name)), *_path(item))

    def _owner(self) -> tuple[str, str]:
        """Give the account that owns everything here, and its partition."""
        owners: dict[tuple[str, str], None] = {}
        for name in _LISTS:
            for path, item in self._items((name,), self._original.tree):
                arn = self.arn(path, item)
                if arn.account == _AWS:
                    continue
                owners.setdefault((arn.account, arn.partition))
                if len(owners) > 1:
                    raise unreadable(
                        self._original.locate(*path, "Arn"),
                        "the details are those of several accounts",
                        found=" and ".join(f"`{account}`" for account, _ in owners),
                        accepted="one file for each account",
                    )
        return next(iter(owners), ("", ""))


def _path(item: Mapping[str, Node]) -> Iterator[_Field]:
    if "Path" in item:
        yield _Field("Path", ("Path",), item["Path"])


def _boundary(item: Mapping[str, Node]) -> Iterator[_Field]:
    boundary = item.get("PermissionsBoundary")
    if isinstance(boundary, dict):
        name = "PermissionsBoundaryArn"
        yield _Field("PermissionsBoundary", ("PermissionsBoundary", name), boundary.get(name))


def _settings(item: Mapping[str, Node]) -> Iterator[_Field]:
    """Give what only an account snapshot has, because IAM leaves it out of the details."""
    for name in ("Description", "MaxSessionDuration"):
        if item.get(name):
            yield _Field(name, (name,), item[name])


def _tags(item: Mapping[str, Node]) -> Iterator[_Field]:
    if item.get("Tags"):
        yield _Field("Tags", ("Tags",), item["Tags"])


_READERS = {
    "UserDetailList": AccountDetails.user,
    "GroupDetailList": AccountDetails.group,
    "RoleDetailList": AccountDetails.role,
    "Policies": AccountDetails.policy,
}
