"""Permissions for lookups before a handler is called: dynamic references and parameters in Parameter Store.

Source: "Using dynamic references to specify template values" and "CloudFormation-supplied parameter types".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright.assembly.templates.value import Text, Unknown
from keywright.deployer.requirements.arns import arn_prefix
from keywright.deployer.requirements.permissions import RequiredPermission, undecided_finding
from keywright.deployer.requirements.references import texts_in
from keywright.reporting.finding import Finding, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.templates.template import Assembly, Resource, Template
    from keywright.deployer.requirements.references import References

_WHOLE = re.compile(r"\{\{resolve:(?P<kind>[a-z-]+):(?P<what>.*)\}\}")
_BEGUN = re.compile(r".*\{\{resolve:(?P<kind>[a-z-]+):(?P<before>[^}]*)\Z", re.DOTALL)
_SSM_TYPE = "AWS::SSM::Parameter::Value"


def dynamic_reference_permissions(
    assembly: Assembly, references: References
) -> Iterator[RequiredPermission | Finding]:
    """Yield the permissions for the dynamic references and parameters of all templates."""
    for resource in assembly.resources:
        for value in resource.properties.values():
            for text in texts_in(value, documents=True):
                yield from _in_text(text, resource, references)
    for template in assembly.templates:
        yield from _parameters(template)


def _in_text(
    text: Text, resource: Resource, references: References
) -> Iterator[RequiredPermission | Finding]:
    for index, part in enumerate(text.parts):
        if isinstance(part, Unknown):
            whole = _WHOLE.fullmatch(part.reference)
            if whole:
                yield from _looked_up(whole["kind"], whole["what"], resource)
        elif begun := _BEGUN.fullmatch(part):
            following = text.parts[index + 1] if index + 1 < len(text.parts) else ""
            yield from _joined(begun["kind"], begun["before"], following, resource, references)


def _looked_up(kind: str, what: str, resource: Resource) -> Iterator[RequiredPermission]:
    template = resource.template
    if kind == "secretsmanager":
        yield RequiredPermission("secretsmanager:GetSecretValue", _secret(what, template), resource)
    elif kind in {"ssm", "ssm-secure"}:
        yield RequiredPermission("ssm:GetParameters", _parameter(what.partition(":")[0], template), resource)


def _joined(
    kind: str, before: str, following: str | Unknown, resource: Resource, references: References
) -> Iterator[RequiredPermission | Finding]:
    """Read a dynamic reference that contains a value known only at deployment, such as a secret of the template."""
    referred = (
        resource.template.resources.get(following.reference) if isinstance(following, Unknown) else None
    )
    if kind == "secretsmanager" and (not before or before.startswith("arn:")) and referred is not None:
        for arn in references.arns_of(referred):
            yield RequiredPermission("secretsmanager:GetSecretValue", arn.pattern, resource)
        return
    yield undecided_finding(
        resource,
        f"the value that `{resource.label}` looks up by a dynamic reference is not known",
        found=f"`{{{{resolve:{kind}:{before}…`",
        accepted="a literal name or ARN, or a secret of the same template",
    )


def _secret(what: str, template: Template) -> str:
    if what.startswith("arn:"):
        return ":".join(what.split(":")[:7])
    # Secrets Manager adds a hyphen and six random characters to the name in the ARN ("CreateSecret", Secrets
    # Manager API Reference).
    return f"{arn_prefix('secretsmanager', template)}:secret:{what.partition(':')[0]}-??????"


def _parameter(name: str, template: Template) -> str:
    return f"{arn_prefix('ssm', template)}:parameter/{name.removeprefix('/')}"


def _parameters(template: Template) -> Iterator[RequiredPermission | Finding]:
    """Yield permissions for the parameters whose value is read from Parameter Store."""
    for name, declared in template.parameters.items():
        if not str(declared.get("Type", "")).startswith(_SSM_TYPE):
            continue
        default, holder = declared.get("Default"), next(iter(template.resources.values()), None)
        if holder is not None and isinstance(default, str):
            yield RequiredPermission("ssm:GetParameters", _parameter(default, template), holder)
        else:
            yield Finding(
                template.source.locate("Parameters", name),
                f"the SSM parameter behind parameter `{name}` is not known",
                accepted="a `Default`: the name in Parameter Store",
                outcome=Outcome.UNDECIDED,
            )
