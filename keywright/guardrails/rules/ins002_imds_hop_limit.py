"""INS002: an instance's metadata stays on the instance.

What it checks
    `HttpPutResponseHopLimit` of an AWS::EC2::Instance, AWS::EC2::LaunchTemplate or AWS::AutoScaling::LaunchConfiguration
    is at most 2.

Why it matters
    The hop limit keeps the answer with the credentials from leaving the instance, through a proxy or a router that runs
    there. One hop reaches the instance itself, two its containers.

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

from keywright.assembly.templates.value import Absent, as_text, within
from keywright.guardrails.subjects.instance_launches import metadata_options, metadata_path
from keywright.guardrails.subjects.kinds import Setting
from keywright.policy.matching.context import Truth, truth
from keywright.reporting.finding import Finding, Severity

CODE = "INS002"
TITLE = "an instance's metadata stays on the instance"
SEVERITY = Severity.ERROR

FARTHEST = 2
_LIMIT = "HttpPutResponseHopLimit"


def check(setting: Setting) -> Iterator[Finding]:
    """Refuse more than two hops."""
    resource = setting.resource
    for options in metadata_options(resource):
        limit = within(options, _LIMIT)
        if isinstance(limit, Absent):
            continue
        literal = as_text(limit).literal
        is_far = (
            truth(literal.isdecimal() and int(literal) > FARTHEST) if literal is not None else Truth.MAYBE
        )
        yield from setting.place.below(*metadata_path(resource), _LIMIT).answer(
            is_far,
            CODE,
            f"`{resource.label}` lets credentials travel far",
            found=f"{_LIMIT} `{as_text(limit)}`",
            accepted="`1`, or `2` where containers ask for credentials",
        )
