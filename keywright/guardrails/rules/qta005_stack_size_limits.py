"""QTA005: stacks are within CloudFormation's quotas.

What it checks
    A template has at most 500 resources, 200 outputs, 200 parameters and 1 MB. Above 51,200 bytes it must be uploaded
    to a bucket first: that is advice only.

Why it matters
    CloudFormation refuses the whole template, at a time when the account has grown and nobody expects to split the
    stack.

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
from keywright.guardrails.subjects.template_nodes import TemplateNode
from keywright.policy.quotas import INLINE_BYTES, OUTPUTS, PARAMETERS, RESOURCES, TEMPLATE_BYTES
from keywright.reporting.finding import Finding, Severity

if TYPE_CHECKING:
    from keywright.assembly.sources.source import Node

CODE = "QTA005"
SEVERITY = Severity.ERROR


def check(template: Template) -> Iterator[Finding]:
    """Report what exceeds a quota of stacks."""
    if not template.source.is_stack:
        return
    """Report sections with too many members, and templates with too many bytes."""
    for section, quota in (("Resources", RESOURCES), ("Outputs", OUTPUTS), ("Parameters", PARAMETERS)):
        members: Node = dict(template.section(section))
        count = len(template.section(section))
        if count > quota.default:
            yield TemplateNode(template, (section,), members).fault(
                CODE,
                f"the stack exceeds the quota for {section.lower()}",
                found=f"{count:,} {section.lower()}",
                accepted=quota.accepted,
            )
    # Larger templates have to be passed as a URL ("CloudFormation quotas").
    size = template.source.size
    if size > INLINE_BYTES:
        is_advice = size <= TEMPLATE_BYTES
        yield TemplateNode(template, (), None).fault(
            CODE,
            "the template must be uploaded to a bucket" if is_advice else "the template is too large",
            found=f"{size:,} bytes",
            accepted=f"at most {INLINE_BYTES if is_advice else TEMPLATE_BYTES:,}",
            severity=Severity.ADVICE if is_advice else SEVERITY,
        )
