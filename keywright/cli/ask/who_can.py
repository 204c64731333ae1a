"""`keywright who-can`: the principals that can perform an action on a resource."""

from keywright.cli.formats import ReportFormat
from keywright.cli.options import ASSEMBLY, Absent, Action, Assembly, Context, Form, Resource, Today


def command(
    action: Action,
    resource: Resource,
    assembly: Assembly = ASSEMBLY,
    *,
    context: Context = None,
    absent: Absent = None,
    today: Today = None,
    form: Form = ReportFormat.TEXT,
) -> int:
    """List who can perform an action on a resource, and by which statements.

    Lists users, roles and permission sets of the templates, and external principals that resource-based policies allow:
    anyone, services, other accounts.

    If a condition depends on a key that neither --context nor --absent gives, the principal is listed as undecided,
    with the options that would allow it. The request is made over TLS, today. The organization's control policies are
    not evaluated.

    Exit codes: 0 somebody can, 1 nobody can, 2 unusable input, 3 undecided.
    """
    from keywright.cli.ask.question import TypedQuestion
    from keywright.cli.ask.who_can_run import answer_question

    typed = TypedQuestion(
        action, resource, assembly, context=tuple(context or ()), absent=tuple(absent or ()), today=today
    )
    return answer_question(typed, form)
