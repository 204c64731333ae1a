"""`keywright can`: whether a principal can perform an action on a resource, and by which statement."""

from keywright.cli.formats import ReportFormat
from keywright.cli.options import (
    ASSEMBLIES,
    Absent,
    Action,
    AnyPrincipal,
    Assemblies,
    Context,
    Form,
    Resource,
    Scheduler,
    SessionPolicy,
    Today,
    Workers,
)


def command(
    principal: AnyPrincipal,
    action: Action,
    resource: Resource,
    assemblies: Assemblies = ASSEMBLIES,
    *,
    context: Context = None,
    absent: Absent = None,
    session_policy: SessionPolicy = None,
    workers: Workers = 0,
    scheduler: Scheduler = "",
    today: Today = None,
    form: Form = ReportFormat.TEXT,
) -> int:
    """Tell whether a principal can perform an action on a resource, and which statement decides.

    Policies of groups count. What the principal could do by assuming a role is listed too. If a condition depends on a key
    that neither --context nor --absent gives, the answer is undecided and names the options that would decide it. The
    request is made over TLS, today. The organization's control policies count as far as they are declared. With
    --session-policy, the answer is for a role's session that has this policy.

    Exit codes: 0 allowed, 1 denied, 2 unusable input, 3 undecided.
    """
    from keywright.assembly.cluster import Spread
    from keywright.cli.ask.can_run import answer_question
    from keywright.cli.ask.question import TypedQuestion

    typed = TypedQuestion(
        action,
        resource,
        tuple(assemblies),
        context=tuple(context or ()),
        absent=tuple(absent or ()),
        today=today,
        session_policies=tuple(session_policy or ()),
        spread=Spread(workers, scheduler),
    )
    return answer_question(principal, typed, form)
