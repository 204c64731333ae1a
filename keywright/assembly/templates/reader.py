"""Read an assembly: a folder written by `cdk synth`, a folder of templates, or one template.

What cannot be used becomes a finding of the assembly; the rest is read.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from keywright.assembly.accounts import accounts_at
from keywright.assembly.sources import organization
from keywright.assembly.sources.manifest import (
    MANIFEST,
    Folder,
    Manifest,
    Stack,
    is_template,
    nested_construct,
    paths_of_stack,
    read_manifest,
)
from keywright.assembly.sources.serverless_source import (
    APPLICATION,
    TRANSFORM,
    UntransformedError,
    is_serverless,
    transformed,
)
from keywright.assembly.sources.source import (
    Node,
    Source,
    UnreadableError,
    decoded,
    too_large,
    unreadable,
)
from keywright.assembly.sources.template_file import LARGEST, read_source, source_of
from keywright.assembly.sources.terraform.terraform_file import TerraformFile
from keywright.assembly.templates.deployed_names import NOT_DEPLOYED, DeployedNames
from keywright.assembly.templates.template import Assembly, Links, Resource, Template
from keywright.assembly.templates.value import as_text
from keywright.reporting.finding import Finding, Location, Outcome
from keywright.reporting.text import WHOLE, listed, on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from keywright.assembly.accounts import Accounts

MOST_TEMPLATES = 2_000
"""Templates of one assembly, nested ones counted per use; a limit against hostile input."""

MOST_FINDINGS = 10_000
"""Findings on one assembly's files; reading ends beyond it."""

# Its functions are resolved here or reported as unknown; other macros can add anything.
_HARMLESS_TRANSFORMS = frozenset({"AWS::LanguageExtensions"})


def read_assembly(
    path: Path,
    instead: Mapping[str, str] = MappingProxyType({}),
    *,
    deployed: DeployedNames = NOT_DEPLOYED,
    before: bool = False,
) -> Assembly:
    """Read the assembly at a path; never raises for its content.

    `instead` replaces the content of files, by the names that findings use. With `deployed`, the names that CloudFormation
    generated are read as the template's own. Of a plan, what there is after it is read, or what there is `before`.
    """
    reader = _Reader(instead, deployed, before=before)
    try:
        reader.read(path)
    except UnreadableError as error:
        reader.findings.append(error.finding)
    except OSError as error:
        reader.findings.append(Finding(Location(str(path)), f"the path cannot be read: {error.strerror}"))
    limits = organization.read_organization(path if path.is_dir() else path.parent)
    found = (*reader.findings, *limits.findings)
    return Assembly(tuple(reader.links.templates), found, limits)


def read_accounts(paths: Sequence[Path], instead: Mapping[str, str] = MappingProxyType({})) -> Assembly:
    """Read the assemblies of several accounts as one: each named, nested in one, or in the folder that contains them.

    Each stack must state its account, which distinguishes the assemblies; an account has one of them. `instead` replaces
    the content of files, by the names that findings use.
    """
    accounts = accounts_at(paths)
    return read_folders(accounts, instead) if accounts else read_assembly(paths[0], instead)


def read_folders(accounts: Accounts, instead: Mapping[str, str] = MappingProxyType({})) -> Assembly:
    """Read the assemblies of several accounts as one."""
    folders = [each.path for each in accounts.folders]
    reader = _Reader(instead, most_templates=max(len(folders), 1) * MOST_TEMPLATES)
    reader.findings += accounts.findings
    for path in folders:
        with reader.collecting_failures():
            reader.account(path)
    limits = [organization.read_organization(path) for path in folders]
    limiting = tuple(each for each in limits if each.levels)
    found = (*reader.findings, *(finding for each in limits for finding in each.findings))
    one = limiting[0] if len(limiting) == 1 else organization.NO_ORGANIZATION
    return Assembly(tuple(reader.links.templates), found, one, limiting, is_of_several_accounts=True)


def is_terraform_plan(path: Path) -> bool:
    """Tell whether a file is a plan of Terraform as JSON, which has both sides of a change."""
    if not path.is_file():
        return False
    try:
        source = read_source(path, str(path))
    except UnreadableError:
        return False
    return isinstance(source, TerraformFile) and source.is_plan


def read_stream(content: bytes, file: str) -> Assembly:
    """Read one template from bytes, under a name for findings; never raises for its content."""
    reader = _Reader({})
    try:
        reader.content(content, file)
    except UnreadableError as error:
        reader.findings.append(error.finding)
    return Assembly(tuple(reader.links.templates), tuple(reader.findings))


class _TooLargeError(UnreadableError):
    """The assembly as a whole is too large: reading ends, and what was read is kept."""


class _Reader:
    """Collects templates and findings of one call."""

    def __init__(
        self,
        instead: Mapping[str, str],
        deployed: DeployedNames = NOT_DEPLOYED,
        *,
        before: bool = False,
        most_templates: int = MOST_TEMPLATES,
    ) -> None:
        self._instead = instead
        self._before = before
        self._most_templates = most_templates
        self.links = Links(deployed=deployed)
        self.findings: list[Finding] = []
        self._sources: dict[Path, Source | UnreadableError] = {}
        self._manifests: set[Path] = set()
        self._untransformed: dict[str, str] = {}

    def account(self, path: Path) -> None:
        """Read the assembly of one account among several."""
        self._manifest(Folder(path, path, _shown(path)), among=f"{path}/")

    def read(self, path: Path) -> None:
        if not path.exists():
            accepted = (
                "an assembly written by `cdk synth`, or another path" if path == Path("cdk.out") else ""
            )
            raise unreadable(Location(str(path)), "there is no such file or folder", accepted=accepted)
        if path.is_file():
            folder = Folder(path.parent, path.parent, _shown(path.parent))
            if path.name == MANIFEST:
                self._manifest(folder)
            else:
                self._alone(folder, path)
            return
        folder = Folder(path, path, _shown(path))
        if (path / MANIFEST).exists():
            self._manifest(folder)
        else:
            self._templates_of(folder)

    def content(self, content: bytes, file: str) -> None:
        if len(content) > LARGEST:
            raise too_large(file, len(content), LARGEST)
        source = self._transformed(_checked(source_of(decoded(content, file), "", file)))
        if isinstance(source, TerraformFile):
            self._terraform(source)
            return
        template = self._add(Template(file, "", source.account, "", source, self.links))
        self._nested_stacks(template, Folder(Path(), Path(), ""), {}, (), ())

    def _templates_of(self, folder: Folder) -> None:
        names = sorted(path.name for path in folder.path.iterdir() if is_template(path.name))
        if not names:
            inside = listed(
                [str(each.path) for each in accounts_at([folder.path]).folders[:3]], longest=WHOLE
            )
            accepted = f"one of the assemblies in it, {inside}" if inside else "an assembly or templates"
            raise unreadable(Location(folder.shown), "the folder has no templates", accepted=accepted)
        for name in names:
            with self.collecting_failures():
                self._template(folder, name, folder.path / name)

    @contextmanager
    def collecting_failures(self) -> Iterator[None]:
        """Turn one part's failure into a finding, so that it never hides the other parts."""
        try:
            yield
        except _TooLargeError:
            raise
        except UnreadableError as error:
            self._say(error.finding)

    def _say(self, finding: Finding) -> None:
        if len(self.findings) >= MOST_FINDINGS:
            message = "the assembly has too many findings to continue"
            raise _TooLargeError(Finding(finding.location, message, accepted=f"at most {MOST_FINDINGS}"))
        self.findings.append(finding)

    def _alone(self, folder: Folder, path: Path) -> None:
        """Read one template, with its stack's entry if a manifest beside it has one."""
        manifest = _manifest_beside(folder)
        for stack in manifest.stacks if manifest else ():
            if manifest and stack.template_file == path.name:
                self._stack(manifest, stack, path)
                return
        self._template(folder, path.name, path, manifest.assets if manifest else {})

    # Cloud assemblies

    def _manifest(self, folder: Folder, among: str = "") -> None:
        self._manifests.add(folder.path.resolve())
        manifest = read_manifest(folder)
        for stack in manifest.stacks:
            with self.collecting_failures():
                path = folder.resolve(stack.template_file, manifest.source, *stack.place)
                self._stack(manifest, stack, path, among)
        for name, place in manifest.stages:
            with self.collecting_failures():
                path = folder.resolve(name, manifest.source, *place)
                # Stages that contain each other would be read without end.
                if path in self._manifests:
                    raise unreadable(manifest.source.locate(*place), "the assembly is included twice")
                self._manifest(folder.below(name, path), among)

    def _stack(self, manifest: Manifest, stack: Stack, path: Path, among: str = "") -> None:
        # ARNs of one name in two accounts could not be distinguished.
        if among and not stack.account:
            raise unreadable(
                manifest.source.locate(*stack.place),
                "a stack does not state its account, which distinguishes the assemblies",
                found=f"`{stack.name}`",
                accepted="`env` with an account",
            )
        template = self._add(
            Template(
                id=f"{among}{stack.id}",
                stack=stack.name,
                account=stack.account or self.links.deployed.account,
                region=stack.region or self.links.deployed.region,
                source=self._source(path, manifest.folder.show(stack.template_file)),
                links=self.links,
                paths=paths_of_stack(stack.construct_paths),
            )
        )
        self._nested_stacks(template, manifest.folder, manifest.assets, stack.construct_paths, (path,))

    # Templates

    def _template(
        self, folder: Folder, name: str, path: Path, assets: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        shown = folder.show(name)
        source = self._source(path, shown)
        if isinstance(source, TerraformFile):
            self._terraform(source)
            return
        deployed = self.links.deployed
        account = source.account or deployed.account
        template = self._add(Template(shown, "", account, deployed.region, source, self.links))
        self._nested_stacks(template, folder, assets, (), (path.resolve(),))

    def _terraform(self, file: TerraformFile) -> None:
        """Read a plan or a state: a template for each account and Region, which take values from each other."""
        read = file.parts(before=self._before)
        templates: dict[str, Template] = {}
        for part in read.parts:
            name = f"{file.file} {part.name}".rstrip()
            passed: dict[str, tuple[Node, Template]] = {}
            templates[part.name] = self._add(
                Template(name, name, part.account, part.region, part, self.links, passed)
            )
            self.links.know({(part.region, name, each): known for each, known in part.physical.items()})
        for part in read.parts:
            values = templates[part.name].parameter_values
            assert isinstance(values, dict)
            values |= {name: (each.node, templates[each.part]) for name, each in part.passed.items()}
        for finding in read.findings:
            self._say(finding)

    def _source(self, path: Path, shown: str) -> Source:
        # Failures are kept too: every stack that uses a broken file reports it, and it is read once.
        if path not in self._sources:
            try:
                read = _template_source(path, shown, self._instead.get(shown))
                self._sources[path] = self._transformed(read)
            except UnreadableError as error:
                self._sources[path] = error
        source = self._sources[path]
        if isinstance(source, UnreadableError):
            # A new exception each time, because a raised one collects tracebacks.
            raise UnreadableError(source.finding)
        return source

    def _transformed(self, source: Source) -> Source:
        """Apply the transform of AWS SAM; a template that it refuses stays as it is, and a finding says why."""
        if not is_serverless(source.tree):
            return source
        try:
            return transformed(source)
        except UntransformedError as error:
            self._untransformed[source.file] = str(error)
            return source

    def _add(self, template: Template) -> Template:
        if len(self.links.templates) >= self._most_templates:
            message, most = "the assembly has too many templates", f"at most {self._most_templates}"
            raise _TooLargeError(Finding(Location(template.file), message, accepted=most))
        self.links.templates.append(template)
        why = self._untransformed.get(template.file, "")
        for finding in (*template.findings, *_unknown_transforms(template, why), *_applications(template)):
            self._say(finding)
        return template

    # Nested stacks

    def _nested_stacks(
        self,
        parent: Template,
        folder: Folder,
        assets: Mapping[str, str],
        construct_paths: tuple[tuple[str, str], ...],
        above: tuple[Path, ...],
    ) -> None:
        for resource in parent.resources.values():
            if resource.type != "AWS::CloudFormation::Stack":
                continue
            with self.collecting_failures():
                name = _template_file(resource, assets)
                path = folder.resolve(name, parent.source, "Resources", resource.logical_id) if name else None
                if path is None or not path.is_file():
                    self._say(_out_of_reach(resource))
                    continue
                # A template that nests itself would be read without end.
                if path in above:
                    raise unreadable(
                        resource.location, f"the nested stack `{resource.label}` contains itself"
                    )
                nested = self._add(
                    self._nested(parent, resource, self._source(path, folder.show(name)), construct_paths)
                )
                self.links.nested[parent.id, resource.logical_id] = nested
                self._nested_stacks(nested, folder, assets, construct_paths, (*above, path))

    def _nested(
        self,
        parent: Template,
        resource: Resource,
        source: Source,
        construct_paths: tuple[tuple[str, str], ...],
    ) -> Template:
        properties = resource.raw.get("Properties")
        given = properties.get("Parameters") if isinstance(properties, dict) else None
        construct = nested_construct(resource.construct_path)
        return Template(
            id=f"{parent.id}/{resource.logical_id}",
            stack=self.links.deployed.nested_stack(parent.region, parent.stack, resource.logical_id),
            account=parent.account,
            region=parent.region,
            source=source,
            links=self.links,
            parameter_values={name: (node, parent) for name, node in given.items()}
            if isinstance(given, dict)
            else {},
            paths=paths_of_stack(construct_paths, construct) if construct else {},
            parent=parent,
        )


def _manifest_beside(folder: Folder) -> Manifest | None:
    """Read the manifest of the folder; None if it has none or an unreadable one."""
    try:
        return read_manifest(folder) if (folder.path / MANIFEST).exists() else None
    except UnreadableError:
        return None


def _template_source(path: Path, shown: str, content: str | None) -> Source:
    return _checked(read_source(path, shown) if content is None else source_of(content, path.suffix, shown))


def _checked(source: Source) -> Source:
    if isinstance(source, TerraformFile):
        return source
    if not isinstance(source.tree, dict) or not isinstance(source.tree.get("Resources"), dict):
        place = source.locate("Resources")
        raise unreadable(place, "the file is not a template", accepted="a mapping with `Resources`")
    return source


def _shown(folder: Path) -> str:
    return "" if str(folder) == "." else str(folder)


def _template_file(resource: Resource, assets: Mapping[str, str]) -> str:
    """Name the file of a nested stack's template, relative to the assembly; "" if it is elsewhere."""
    metadata = resource.raw.get("Metadata")
    path = metadata.get("aws:asset:path") if isinstance(metadata, dict) else None
    if isinstance(path, str):
        return path
    # Without asset metadata the file is found by its object key, which the CDK makes the last part of the
    # address.
    url = as_text(resource.properties.get("TemplateURL", ()))
    key = url.suffix.rsplit("/", 1)[-1]
    if key in assets:
        return assets[key]
    literal = url.literal or ""
    return literal if literal and not re.match(r"[a-z0-9]+://", literal) else ""


def _out_of_reach(resource: Resource) -> Finding:
    return Finding(
        resource.location,
        f"the template of the nested stack `{resource.label}` is not among the files",
        found=f"`{as_text(resource.properties.get('TemplateURL', ()))}`",
        accepted="a template in the assembly's folder",
        outcome=Outcome.UNDECIDED,
        resource=resource.logical_id,
        path=resource.construct_path,
    )


def _unknown_transforms(template: Template, refusal: str) -> list[Finding]:
    """Report that macros change a template at deployment; `refusal` says why the transform of AWS SAM did not."""
    tree = template.source.tree
    declared: Node = tree.get("Transform") if isinstance(tree, dict) else None
    names = [
        each if isinstance(each, str) else "Fn::Transform"
        for each in (declared if isinstance(declared, list) else [declared])
        if each is not None
    ]
    return [
        Finding(
            template.source.locate("Transform"),
            f"`{name}` changes the template at deployment; what it adds is not known"
            if name != TRANSFORM
            else f"`{name}` refuses the template: {on_one_line(refusal)}",
            found=f"`{name}`",
            outcome=Outcome.UNDECIDED,
        )
        for name in names
        if name not in _HARMLESS_TRANSFORMS
    ]


def _applications(template: Template) -> list[Finding]:
    """Report the applications of a repository, which are stacks of their own."""
    return [
        Finding(
            each.location,
            f"the resources of the application `{each.logical_id}` are not known",
            found=f"`{APPLICATION}`",
            accepted="the application's template",
            outcome=Outcome.UNDECIDED,
            resource=each.logical_id,
        )
        for each in template.resources.values()
        if each.type == APPLICATION
    ]
