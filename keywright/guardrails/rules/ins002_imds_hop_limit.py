"""INS002: IMDS hop limit is at most 2.

What it checks
    `HttpPutResponseHopLimit` of an AWS::EC2::Instance, AWS::EC2::LaunchTemplate or
    AWS::AutoScaling::LaunchConfiguration is at most 2.

Why it matters
    The hop limit keeps the response with the credentials from leaving the instance through a proxy or router that
    runs on it. One hop reaches the instance itself, two hops reach its containers.

Refused
    Server:
      Type: AWS::EC2::Instance
      Properties: {MetadataOptions: {HttpTokens: required, HttpPutResponseHopLimit: 64}}

Accepted
    Server:
      Type: AWS::EC2::Instance
      Properties: {MetadataOptions: {HttpTokens: required, HttpPutResponseHopLimit: 2}}

Blind to
    Whether containers need the second hop at all.

See
    Amazon EC2 User Guide, "Configure the Instance Metadata Service options".
"""

from collections.abc import Iterator

from keywright.assembly.templates.value import Absent, as_text, value_at
from keywright.guardrails.subjects.instance_launches import metadata_options, metadata_path
from keywright.guardrails.subjects.kinds import ResourceSetting
from keywright.policy.matching.context import Truth, truth
from keywright.reporting.finding import Finding, Severity

CODE = "INS002"
SEVERITY = Severity.ERROR

MAXIMUM_HOPS = 2
_LIMIT = "HttpPutResponseHopLimit"


def check(setting: ResourceSetting) -> Iterator[Finding]:
    """Report a hop limit above 2."""
    resource = setting.resource
    for options in metadata_options(resource):
        limit = value_at(options, _LIMIT)
        if isinstance(limit, Absent):
            continue
        literal = as_text(limit).literal
        exceeds = (
            truth(literal.isdecimal() and int(literal) > MAXIMUM_HOPS) if literal is not None else Truth.MAYBE
        )
        yield from setting.place.below(*metadata_path(resource), _LIMIT).answer(
            exceeds,
            CODE,
            f"`{resource.label}` sets the IMDS hop limit to {as_text(limit)}",
            found=f"{_LIMIT} `{as_text(limit)}`",
            accepted="`1`, or `2` where containers ask for credentials",
        )
