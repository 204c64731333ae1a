"""INS001: instances require IMDSv2.

What it checks
    `MetadataOptions` of an AWS::EC2::Instance, AWS::EC2::LaunchTemplate or AWS::AutoScaling::LaunchConfiguration has
    `HttpTokens: required`, or the metadata endpoint is disabled. An instance can take the setting from its launch
    template.

Why it matters
    With IMDSv1, a single forged request through a web server on the instance returns the credentials of its role.

Refused
    Server:
      Type: AWS::EC2::Instance
      Properties: {ImageId: ami-0abcdef1234567890}
    ---
    Launch:
      Type: AWS::EC2::LaunchTemplate
      Properties: {LaunchTemplateData: {MetadataOptions: {HttpTokens: optional}}}

Accepted
    Server:
      Type: AWS::EC2::Instance
      Properties: {MetadataOptions: {HttpTokens: required}}
    ---
    Launch:
      Type: AWS::EC2::LaunchTemplate
      Properties: {LaunchTemplateData: {MetadataOptions: {HttpTokens: required}}}
    Server:
      Type: AWS::EC2::Instance
      Properties: {LaunchTemplate: {LaunchTemplateId: !Ref Launch, Version: "1"}}

Blind to
    Defaults of the account and of the image, which may require IMDSv2 without the template showing it, and which
    version of a launch template an instance uses.

See
    Amazon EC2 User Guide, "Use the Instance Metadata Service to access instance metadata".
"""

from collections.abc import Iterator

from keywright.assembly.templates.resolve import Evaluation
from keywright.assembly.templates.template import Resource
from keywright.assembly.templates.value import ABSENT, Absent, Value, as_text, possible_values, value_at
from keywright.guardrails.subjects.instance_launches import (
    INSTANCE,
    TEMPLATE,
    launches_instances,
    metadata_options,
)
from keywright.guardrails.subjects.kinds import ResourceSetting
from keywright.policy.matching.context import Truth, negation
from keywright.reporting.finding import Finding, Severity

CODE = "INS001"
SEVERITY = Severity.ERROR


def check(setting: ResourceSetting) -> Iterator[Finding]:
    """Report each instance and launch template that allows IMDSv1."""
    resource = setting.resource
    if not launches_instances(resource):
        return
    required = _requires_imdsv2(resource)
    # An instance without settings of its own takes those of its launch template.
    if required is Truth.NO and resource.type == INSTANCE and not _sets_tokens(resource):
        required = _template_requires_imdsv2(setting)
    yield from setting.place.answer(
        negation(required),
        CODE,
        f"`{resource.label}` allows IMDSv1",
        found=_tokens_text(resource),
        accepted="`MetadataOptions` with `HttpTokens: required`",
    )


def _requires_imdsv2(resource: Resource) -> Truth:
    # The setting has to require IMDSv2 under every condition of the template.
    return min((_options_require_imdsv2(each) for each in metadata_options(resource)), default=Truth.NO)


def _options_require_imdsv2(options: Value) -> Truth:
    if as_text(value_at(options, "HttpEndpoint")).literal == "disabled":
        return Truth.YES
    tokens = value_at(options, "HttpTokens")
    if isinstance(tokens, Absent):
        return Truth.NO
    literal = as_text(tokens).literal
    return Truth.MAYBE if literal is None else Truth.YES if literal == "required" else Truth.NO


def _sets_tokens(resource: Resource) -> bool:
    return any(not isinstance(value_at(each, "HttpTokens"), Absent) for each in metadata_options(resource))


def _template_requires_imdsv2(setting: ResourceSetting) -> Truth:
    """Look into the launch template of an instance; one that is not in the assembly may require sessions."""
    launch = setting.resource.properties.get("LaunchTemplate", ABSENT)
    if isinstance(launch, Absent):
        return Truth.NO
    named = {
        as_text(value_at(each, key))
        for each in possible_values(launch)
        for key in ("LaunchTemplateId", "LaunchTemplateName")
    }
    for template in setting.assembly.of_type(TEMPLATE):
        names = {
            Evaluation({}).name(template),
            as_text(template.properties.get("LaunchTemplateName", ABSENT)),
        }
        if template.template is setting.resource.template and named & {
            each for each in names if each.is_single
        }:
            return _requires_imdsv2(template)
    return Truth.MAYBE


def _tokens_text(resource: Resource) -> str:
    tokens = [
        str(as_text(value_at(each, "HttpTokens")))
        for each in metadata_options(resource)
        if not isinstance(value_at(each, "HttpTokens"), Absent)
    ]
    return f"HttpTokens `{tokens[0]}`" if tokens else "no `HttpTokens`"
