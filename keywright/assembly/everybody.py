"""Everybody of an assembly who may act, with all that may be in force for them: whom questions are asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.actors import population
from keywright.assembly.loose_ends import with_loose_ends

if TYPE_CHECKING:
    from keywright.assembly.actors import Population
    from keywright.assembly.known import Spelling
    from keywright.assembly.template import Assembly


def everybody(assembly: Assembly, spelling: Spelling) -> Population:
    """Gather users, roles, permission sets, and what hangs on others."""
    return with_loose_ends(assembly, population(assembly, spelling.account), spelling)
