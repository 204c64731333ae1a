"""QTA005: a stack is no larger than CloudFormation takes.

What it checks
    A template has at most 500 resources, 200 outputs, 200 parameters and 1 MB. Over 51,200 bytes it needs a bucket to be
    handed over by: mere advice.

Why it matters
    CloudFormation refuses it as a whole, when the account has grown and there is no time to split the stack.

Refused
    HUNDREDS: {Type: AWS::SNS::Topic}  # and hundreds more

Accepted
    Topic: {Type: AWS::SNS::Topic}

Blind to
    What macros add at deployment.

See
    CloudFormation User Guide, "CloudFormation quotas".
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from keywright.assembly.templates.template import Template
from keywright.guardrails.subjects.template_nodes import Spot
from keywright.policy.quotas import INLINE_BYTES, OUTPUTS, PARAMETERS, RESOURCES, TEMPLATE_BYTES
from keywright.reporting.finding import Finding, Severity

if TYPE_CHECKING:
    from keywright.assembly.sources.source import Node

CODE = "QTA005"
TITLE = "a stack is no larger than CloudFormation takes"
SEVERITY = Severity.ERROR


def check(template: Template) -> Iterator[Finding]:
    """Refuse sections with too many members, and templates of too many bytes."""
    for section, quota in (("Resources", RESOURCES), ("Outputs", OUTPUTS), ("Parameters", PARAMETERS)):
        members: Node = dict(template.section(section))
        count = len(template.section(section))
        if count > quota.default:
            yield Spot(template, (section,), members).fault(
                CODE,
                f"the stack has too many {section.lower()}",
                found=f"{count:,} {section.lower()}",
                accepted=quota.accepted,
            )
    size = template.source.size
    if size > INLINE_BYTES:
        is_advice = size <= TEMPLATE_BYTES
        yield Spot(template, (), None).fault(
            CODE,
            "the template can't be handed over in the call itself"
            if is_advice
            else "the template is too large",
            found=f"{size:,} bytes",
            accepted=f"at most {INLINE_BYTES if is_advice else TEMPLATE_BYTES:,}",
            severity=Severity.ADVICE if is_advice else SEVERITY,
        )
