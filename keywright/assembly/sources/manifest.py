"""A cloud assembly's manifest: its stacks, their environments, and the template files of nested stacks.

Source: "Cloud assemblies" (AWS CDK Developer Guide) and the CDK's `cloud-assembly-schema`. The content is untrusted:
no path may leave the assembly's folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from posixpath import normpath
from typing import TYPE_CHECKING, Any

from keywright.assembly.sources.json_source import JsonSource
from keywright.assembly.sources.organization import RECORD
from keywright.assembly.sources.source import Node, Source, Step, read_text, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


LARGEST_MANIFEST = 64 << 20
MANIFEST = "manifest.json"

_ENVIRONMENT = re.compile(r"aws://([0-9]{12}|[a-z-]*)/([a-z0-9-]*)")
_NESTED_END = ".NestedStackResource"
_NESTED = re.compile(rf"(.*)/([^/]*)\.NestedStack/\2{re.escape(_NESTED_END)}")


@dataclass(frozen=True)
class Folder:
    """A folder that file names in it must not leave; `shown` is its name in findings."""

    root: Path
    path: Path
    shown: str

    def show(self, name: str) -> str:
        """Give a file's name for findings, normalized."""
        name = normpath(name)
        return f"{self.shown}/{name}" if self.shown else name

    def resolve(self, name: str, source: Source, *place: Step) -> Path:
        """Resolve a file name that is written at `place` of a file.

        Raises:
            UnreadableError: It leads out of the assembly, directly or by a link.
        """
        try:
            path = (self.path / name).resolve()
            # Both sides are resolved, so that a symbolic link cannot lead out of the assembly either.
            if path.is_relative_to(self.root.resolve()):
                return path
        except (
            OSError,
            RuntimeError,
            ValueError,
        ) as error:  # a link in a circle, a name too long, a zero byte
            raise unreadable(
                source.locate(*place), "a path cannot be followed", found=f"`{name[:80]}`"
            ) from error
        raise unreadable(
            source.locate(*place),
            "a path leads out of the assembly",
            found=f"`{name}`",
            accepted="a file in the assembly's folder",
        )

    def below(self, name: str, path: Path) -> Folder:
        """Enter a folder of this one."""
        return Folder(self.root, path, self.show(name))


@dataclass(frozen=True)
class Stack:
    """One stack of a manifest. `construct_paths` are pairs of a construct's path and a logical id."""

    id: str
    name: str
    account: str
    region: str
    template_file: str
    place: tuple[Step, ...]
    construct_paths: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Manifest:
    """The content of one manifest."""

    folder: Folder
    source: Source
    stacks: tuple[Stack, ...]
    stages: tuple[tuple[str, tuple[Step, ...]], ...]
    assets: Mapping[str, str] = field(default_factory=dict)
    """Object key to the file that is uploaded under it."""


def read_manifest(folder: Folder) -> Manifest:
    """Read a folder's manifest.

    Raises:
        UnreadableError: It is no manifest.
    """
    source = _read_json(folder.path / MANIFEST, folder.show(MANIFEST))
    artifacts = source.tree.get("artifacts") if isinstance(source.tree, dict) else None
    if not isinstance(artifacts, dict):
        raise unreadable(
            source.locate(), "the manifest lists no artifacts", accepted="an assembly written by `cdk synth`"
        )
    return Manifest(
        folder,
        source,
        tuple(_stacks(artifacts, folder, source)),
        tuple(_stages(artifacts)),
        dict(_assets(artifacts, folder, source)),
    )


def _read_json(path: Path, shown: str) -> Source:
    return JsonSource.of(read_text(path, shown, largest=LARGEST_MANIFEST), shown)


def _stacks(artifacts: Mapping[str, Node], folder: Folder, source: Source) -> Iterator[Stack]:
    for name, artifact, properties in _of_type(artifacts, "aws:cloudformation:stack"):
        account, region = _environment(artifact.get("environment"))
        yield Stack(
            id=_text(artifact.get("displayName")) or name,
            name=_text(properties.get("stackName")) or name,
            account=account,
            region=region,
            template_file=_text(properties.get("templateFile")),
            place=("artifacts", name, "properties", "templateFile"),
            construct_paths=tuple(_construct_paths(name, artifact, folder, source)),
        )


def _stages(artifacts: Mapping[str, Node]) -> Iterator[tuple[str, tuple[Step, ...]]]:
    for name, _, properties in _of_type(artifacts, "cdk:cloud-assembly"):
        yield _text(properties.get("directoryName")), ("artifacts", name, "properties", "directoryName")


def _of_type(
    artifacts: Mapping[str, Node], kind: str
) -> Iterator[tuple[str, Mapping[str, Node], Mapping[str, Node]]]:
    for name, artifact in artifacts.items():
        if isinstance(artifact, dict) and artifact.get("type") == kind:
            properties = artifact.get("properties")
            yield name, artifact, properties if isinstance(properties, dict) else {}


def _text(node: Any) -> str:
    return node if isinstance(node, str) else ""


def _environment(node: Node) -> tuple[str, str]:
    found = _ENVIRONMENT.fullmatch(_text(node))
    if found is None:
        return "", ""
    account, region = found.groups()
    # The CDK writes `unknown-account` and `unknown-region` for a stack without `env`.
    return ("" if not account.isdigit() else account), ("" if region == "unknown-region" else region)


def _construct_paths(
    name: str, artifact: Mapping[str, Node], folder: Folder, source: Source
) -> Iterator[tuple[str, str]]:
    metadata = artifact.get("metadata")
    file = _text(artifact.get("additionalMetadataFile"))
    if file:
        path = folder.resolve(file, source, "artifacts", name, "additionalMetadataFile")
        metadata = _read_json(path, folder.show(file)).tree if path.is_file() else metadata
    for path_of_construct, entries in metadata.items() if isinstance(metadata, dict) else ():
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and entry.get("type") == "aws:cdk:logicalId":
                yield path_of_construct.removeprefix("/"), _text(entry.get("data"))


def _assets(artifacts: Mapping[str, Node], folder: Folder, source: Source) -> Iterator[tuple[str, str]]:
    for name, _, properties in _of_type(artifacts, "cdk:asset-manifest"):
        file = _text(properties.get("file"))
        path = folder.resolve(file, source, "artifacts", name, "properties", "file")
        if path.is_file():
            yield from _asset_files(_read_json(path, folder.show(file)).tree)


def _asset_files(tree: Node) -> Iterator[tuple[str, str]]:
    files = tree.get("files") if isinstance(tree, dict) else None
    for asset in files.values() if isinstance(files, dict) else ():
        source = asset.get("source") if isinstance(asset, dict) else None
        destinations = asset.get("destinations") if isinstance(asset, dict) else None
        for destination in destinations.values() if isinstance(destinations, dict) else ():
            key = _text(destination.get("objectKey")) if isinstance(destination, dict) else ""
            if key and isinstance(source, dict) and isinstance(source.get("path"), str):
                yield key, _text(source["path"])


def paths_of_stack(pairs: tuple[tuple[str, str], ...], construct: str = "") -> dict[str, str]:
    """Give a template's logical ids with their construct paths; a nested stack's are those below its construct."""
    nested = tuple(f"{path}/" for path in map(nested_construct, (path for path, _ in pairs)) if path)
    return {
        logical_id: path
        for path, logical_id in pairs
        if path.startswith(f"{construct}/" if construct else "")
        and not any(path.startswith(prefix) and len(prefix) > len(construct) + 1 for prefix in nested)
    }


def nested_construct(path: str) -> str:
    """Give the construct path of a nested stack from its resource's path; "" for any other resource."""
    found = _NESTED.fullmatch(path) if path.endswith(_NESTED_END) else None
    return f"{found[1]}/{found[2]}" if found else ""


EXCEPTIONS = "keywright-exceptions.yaml"
"""The accepted findings of the templates beside it."""
INVARIANTS = "keywright-invariants.yaml"
"""The invariants of the templates beside it."""
INVARIANTS_RECORD = "keywright-invariants.json"
"""The invariants as a synthesis writes them."""
_SUFFIXES = (".json", ".yaml", ".yml", ".template", ".tfstate")
_BESIDE = frozenset({EXCEPTIONS, INVARIANTS, INVARIANTS_RECORD, RECORD})


def is_template(name: str) -> bool:
    """Tell whether a file of this name is a template, and not one of those that stand beside templates."""
    return name.endswith(_SUFFIXES) and name not in _BESIDE
