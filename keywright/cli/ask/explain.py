"""`keywright explain`: everything that a principal can do, in sentences."""

from keywright.cli.formats import ReportFormat
from keywright.cli.options import ASSEMBLIES, Assemblies, Form, Principal, Scheduler, Workers


def command(
    principal: Principal,
    assemblies: Assemblies = ASSEMBLIES,
    *,
    workers: Workers = 0,
    scheduler: Scheduler = "",
    form: Form = ReportFormat.TEXT,
) -> int:
    """Describe everything that a principal can do: by service and access level, with conditions in words.

    Policies of groups count, and each sentence names its statement. A permissions boundary is described separately; it
    grants nothing. Who can assume a role is listed, and which roles a principal can assume.

    Exit codes: 0 everything is described, 2 unusable input, 3 a part is undecided.
    """
    from keywright.assembly.cluster import Spread
    from keywright.cli.ask.explain_run import explain_principal

    return explain_principal(principal, assemblies, form, Spread(workers, scheduler))
