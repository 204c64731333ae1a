"""`keywright explain`: everything a principal may do, in sentences."""

from keywright.cli.ask.question import ASSEMBLY, Assembly, Bearer, Form
from keywright.cli.formats import ReportFormat


def command(
    principal: Bearer,
    assembly: Assembly = ASSEMBLY,
    *,
    form: Form = ReportFormat.TEXT,
) -> int:
    """Say in sentences all that a principal may do: by service and access level, with conditions in words.

    Groups count, and each sentence says where it stands. What a boundary caps is said beside; it grants nothing. Who may
    come to act as a role is named, and which roles a principal may come to act as.

    Exit code: 0 said, 3 a part can't be told, 2 the question or the assembly is unusable.
    """
    from keywright.cli.ask.explain_run import answer

    return answer(principal, assembly, form)
