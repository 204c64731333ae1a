"""AWS SAM templates, as CloudFormation makes them from the `AWS::Serverless` transform, by AWS's own implementation of it.

A parameter keeps its reference instead of its default, and no application of a repository is fetched: what only the
deployment knows stays unknown. Source: "AWS SAM transform", AWS SAM Developer Guide.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

from keywright.assembly.sources.source import Node, Source, Span, Step, refuse_excess
from keywright.policy.reference.managed_policies import managed_policy_arns

if TYPE_CHECKING:
    from keywright.reporting.finding import Location

TRANSFORM = "AWS::Serverless-2016-10-31"
APPLICATION = "AWS::Serverless::Application"
_PREFIX = "AWS::Serverless::"
_LOCAL_FILES = {
    "AWS::Serverless::Function": ("CodeUri",),
    "AWS::Serverless::LayerVersion": ("ContentUri",),
    "AWS::Serverless::Api": ("DefinitionUri",),
    "AWS::Serverless::HttpApi": ("DefinitionUri",),
    "AWS::Serverless::StateMachine": ("DefinitionUri",),
    "AWS::Serverless::GraphQLApi": ("SchemaUri",),
}
"""Properties with a local file until `sam package` uploads it."""
_REFERENCES = {name: {"Ref": name} for name in ("AWS::Region", "AWS::Partition")}
_PACKAGED = "s3://packaged/"
_WRITTEN_AS: dict[tuple[Step, ...], tuple[Step, ...]] = {
    ("ManagedPolicyArns",): ("Policies",),
    ("AuthType",): ("FunctionUrlConfig", "AuthType"),
}
"""What the transform makes of properties of a function, and the place of those."""
_CODE = ("CodeUri", "InlineCode", "ImageUri")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")
_NUMBERED_POLICY = re.compile(r"Policy(\d+)")


class UntransformedError(Exception):
    """A template that the transform refuses; the message says why."""


class ServerlessSource(Source):
    """The transformed template of a source; what the transform made has the location of what it was made from."""

    def __init__(self, written: Source, tree: dict[str, Any]) -> None:
        self.file = written.file
        self.tree = tree
        self.size = written.size
        self.characters = written.characters
        self.account = written.account
        self.partition = written.partition
        self._written = written
        before, after = _resources(written.tree), _resources(tree)
        unchanged = {name for name, each in before.items() if after.get(name) == each}
        self._made_from = {name: _origin(name, before) for name in after if name not in unchanged}

    def locate(self, *path: Step) -> Location:
        """Give the location of a value, or of the resource from which the transform made it."""
        return self._written.locate(*self._written_path(path))

    def span(self, *path: Step) -> Span | None:
        """Give the offsets of a value; None for what the transform made."""
        made = path[:1] == ("Resources",) and len(path) > 1 and path[1] in self._made_from
        return None if made else self._written.span(*path)

    def is_generated(self, *path: Step) -> bool:
        """Tell whether the transform wrote a value without the same property, or the same policy, of a resource."""
        if path[:1] != ("Resources",) or len(path) < 4 or path[1] not in self._made_from:  # noqa: PLR2004 - down to a property
            return False
        name, key = str(path[1]), path[3]
        properties = _resources(self._written.tree).get(self._made_from[name], {}).get("Properties")
        written = properties.get(key) if isinstance(properties, dict) else None
        if key != "Policies":
            return written is None
        index = self._policy_index(name, path[4]) if len(path) > 4 else ()  # noqa: PLR2004 - an index follows
        policies = written if isinstance(written, list) else [written]
        policy = policies[int(index[0])] if index and int(index[0]) < len(policies) else None
        # A policy template is a name with parameters; its statements are AWS's.
        return not (isinstance(policy, dict) and "Statement" in policy)

    def _written_path(self, path: tuple[Step, ...]) -> tuple[Step, ...]:
        if path[:1] != ("Resources",) or len(path) == 1 or path[1] not in self._made_from:
            return path
        name = str(path[1])
        origin = self._made_from[name]
        if not origin:
            return ("Resources",)
        if origin == name and path[2:3] == ("Properties",):
            return path
        within: tuple[Step, ...] = ("Properties", "Policies")
        if path[2:4] == within and len(path) > 4:  # noqa: PLR2004 - an index follows
            index = self._policy_index(name, path[4])
            return ("Resources", origin, *within, *index, *(path[6:] if index else ()))
        return ("Resources", origin, "Properties", *_WRITTEN_AS.get(path[3:4], ()))

    def _policy_index(self, role: str, index: Step) -> tuple[Step, ...]:
        """Give where the policy of a role stands among a function's policies: its generated name ends in that number."""
        policies = _resources(self.tree)[role]["Properties"]["Policies"]
        if not isinstance(index, int) or index >= len(policies) or not isinstance(policies[index], dict):
            return ()
        found = _NUMBERED_POLICY.search(str(policies[index].get("PolicyName")), len(role))
        return (int(found[1]),) if found else ()


def is_serverless(tree: Node) -> bool:
    """Tell whether a template asks for the transform."""
    declared = tree.get("Transform") if isinstance(tree, dict) else None
    return TRANSFORM in (declared if isinstance(declared, list) else [declared])


def transformed(written: Source) -> Source:
    """Apply the transform to a template that asks for it; applications of a repository stay as they are.

    Raises:
        UntransformedError: The transform refuses the template.
    """
    # AWS's package and boto3 take a third of a second to import.
    from samtranslator.model.exceptions import InvalidDocumentException  # noqa: PLC0415
    from samtranslator.parser.parser import Parser  # noqa: PLC0415
    from samtranslator.translator.translator import Translator  # noqa: PLC0415

    template = copy.deepcopy(written.tree)
    assert isinstance(template, dict)
    parameters = template.get("Parameters")
    applications = _prepare(template)
    policies = {arn.rpartition("/")[2]: arn for arn in managed_policy_arns()}
    try:
        translator = Translator(policies, Parser(), boto_session=_Session())  # type: ignore[arg-type] # all it asks for
        # With nothing but applications, the transform misses the resources.
        tree = _with_texts(
            translator.translate(template, dict(_REFERENCES)) if template["Resources"] else template
        )
    except InvalidDocumentException as error:
        causes = [getattr(each, "message", str(each)) for each in error.causes]
        raise UntransformedError("; ".join(causes) or str(error)) from error
    except Exception as error:
        # It raises anything on a template that it does not expect.
        raise UntransformedError(f"{type(error).__name__}: {error}") from error
    refuse_excess(tree, written.file)
    tree.pop("Transform", None)
    tree["Parameters"] = parameters if isinstance(parameters, dict) else {}
    tree["Resources"] |= applications
    return ServerlessSource(written, tree)


class _Session:
    """What the transform asks of boto3: a region, which stands in nothing that it makes."""

    region_name = "us-east-1"


def _prepare(template: dict[str, Any]) -> dict[str, Any]:
    """Make a template as `sam package` uploads it, and take out the applications of a repository, which are returned."""
    template["Parameters"] = _without_defaults(template.get("Parameters"))
    shared = template.get("Globals")
    if isinstance(shared, dict):
        template["Globals"] = shared = _with_numbers(shared)
        for name, properties in shared.items():
            _replace_local_files(f"{_PREFIX}{name}", properties)
    of_functions = shared.get("Function") if isinstance(shared, dict) else None
    applications = {}
    for name, resource in _resources(template).items():
        kind = str(resource.get("Type"))
        if kind == APPLICATION:
            applications[name] = template["Resources"].pop(name)
        elif kind.startswith(_PREFIX):
            made = template["Resources"][name] = _with_numbers(resource)
            _replace_local_files(kind, made.get("Properties"))
            if kind == "AWS::Serverless::Function":
                _add_missing_code(made, of_functions if isinstance(of_functions, dict) else {})
    return applications


def _replace_local_files(kind: str, properties: Any) -> None:
    for key in _LOCAL_FILES.get(kind, ()) if isinstance(properties, dict) else ():
        if isinstance(properties.get(key), str) and not properties[key].startswith("s3://"):
            properties[key] = _PACKAGED + properties[key]


def _add_missing_code(function: dict[str, Any], shared: dict[str, Any]) -> None:
    """Give a function that names no code the folder of the template, and a container's function its image."""
    properties = function.setdefault("Properties", {})
    if not isinstance(properties, dict) or any(each in {*properties, *shared} for each in _CODE):
        return
    is_image = properties.get("PackageType", shared.get("PackageType")) == "Image"
    properties |= {"ImageUri": "image"} if is_image else {"CodeUri": f"{_PACKAGED}."}


def _with_numbers(node: Any) -> Any:
    """Read short numbers, which are texts in a source: the transform refuses a text as the size of a batch."""
    if isinstance(node, dict):
        return {key: _with_numbers(each) for key, each in node.items()}
    if isinstance(node, list):
        return list(map(_with_numbers, node))
    return int(node) if isinstance(node, str) and _NUMBER.fullmatch(node) else node


def _with_texts(node: Any) -> Any:
    """Write numbers as texts again."""
    if isinstance(node, dict):
        return {str(key): _with_texts(each) for key, each in node.items()}
    if isinstance(node, list | tuple):
        return list(map(_with_texts, node))
    return str(node) if isinstance(node, int | float) and not isinstance(node, bool) else node


def _without_defaults(parameters: Any) -> Any:
    """Leave out defaults: with one, the transform would write it wherever the parameter is used."""
    if not isinstance(parameters, dict):
        return parameters
    return {
        name: {key: value for key, value in each.items() if key != "Default"}
        if isinstance(each, dict)
        else each
        for name, each in parameters.items()
    }


def _resources(tree: Any) -> dict[str, Any]:
    found = tree.get("Resources") if isinstance(tree, dict) else None
    return (
        {name: each for name, each in found.items() if isinstance(each, dict)}
        if isinstance(found, dict)
        else {}
    )


def _origin(name: str, written: dict[str, Any]) -> str:
    """Give the resource from which the transform made another: it begins the logical id of what is made; "" for several."""
    if name in written:
        return name
    makers = [each for each, resource in written.items() if str(resource.get("Type")).startswith(_PREFIX)]
    return max((each for each in makers if name.startswith(each)), key=len, default="")
