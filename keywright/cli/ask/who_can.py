"""`keywright who-can`: the principals that can perform an action on a resource."""

from keywright.cli.formats import ReportFormat
from keywright.cli.options import (
    ASSEMBLIES,
    Absent,
    Action,
    Assemblies,
    Context,
    Form,
    Resource,
    Scheduler,
    Today,
    Workers,
)


def command(
    action: Action,
    resource: Resource,
    assemblies: Assemblies = ASSEMBLIES,
    *,
    context: Context = None,
    absent: Absent = None,
    workers: Workers = 0,
    scheduler: Scheduler = "",
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
    from keywright.assembly.cluster import Spread
    from keywright.cli.ask.question import TypedQuestion
    from keywright.cli.ask.who_can_run import answer_question

    typed = TypedQuestion(
        action,
        resource,
        tuple(assemblies),
        context=tuple(context or ()),
        absent=tuple(absent or ()),
        today=today,
        spread=Spread(workers, scheduler),
    )
    return answer_question(typed, form)
