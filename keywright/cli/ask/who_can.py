"""`keywright who-can`: the principals that may do an action on a resource, and by which path."""

from keywright.cli.ask.question import ASSEMBLY, Absent, Action, Assembly, Context, Form, Resource, Typed
from keywright.cli.formats import ReportFormat
from keywright.cli.options import Today


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
    """List who may do an action on a resource, by which path, and by which statements.

    These are the users, roles and permission sets of the templates, and whom policies of resources let in beside:
    anybody, services, other accounts.

    A condition on a key that --context does not give may hold or not: that principal is then listed as undecided, with
    what would let it. A request comes over TLS, today. An organization's control policies are not judged.

    Exit code: 0 when somebody may, 1 when nobody, 3 when that is undecided, 2 when question or assembly is unusable.
    """
    from keywright.cli.ask.who_can_run import answer

    return answer(Typed.of(action, resource, assembly, context=context, absent=absent, today=today), form)
