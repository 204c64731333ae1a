"""`keywright can`: may a principal do an action on a resource, and by which statement."""

from dataclasses import replace

from keywright.cli.ask.question import (
    ASSEMBLY,
    Absent,
    Action,
    Assembly,
    Context,
    Form,
    Principal,
    Resource,
    SessionPolicy,
    Typed,
)
from keywright.cli.formats import ReportFormat
from keywright.cli.options import Today


def command(
    principal: Principal,
    action: Action,
    resource: Resource,
    assembly: Assembly = ASSEMBLY,
    *,
    context: Context = None,
    absent: Absent = None,
    session_policy: SessionPolicy = None,
    today: Today = None,
    form: Form = ReportFormat.TEXT,
) -> int:
    """Tell whether a principal may do an action on a resource, by which statement, and where that stands.

    Groups count. What it may do by assuming a role is named beside. A condition on a key that --context does not
    give may hold or not: the answer is then undecided, and says with what it would not be. A request comes over TLS,
    today. An organization's control policies count as far as they are declared. With --session-policy a role's session is
    asked about that was begun with it.

    Exit code: 0 allowed, 1 denied, 3 undecided, 2 when the question or the assembly is unusable.
    """
    from keywright.cli.ask.can_run import answer

    typed = Typed.of(action, resource, assembly, context=context, absent=absent, today=today)
    return answer(principal, replace(typed, session_policies=tuple(session_policy or ())), form)
