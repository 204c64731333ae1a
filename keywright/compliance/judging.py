"""Every control of a framework, judged by what was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.compliance.answer import Answer, Judged, Status
from keywright.compliance.controls.access_keys import active, age, of_people
from keywright.compliance.controls.federation import federation
from keywright.compliance.controls.instance_roles import instance_roles
from keywright.compliance.controls.outside_access import outside_access
from keywright.compliance.controls.password_policy import length, reuse
from keywright.compliance.controls.policies import administrators, cloudshell, through_groups
from keywright.compliance.controls.root_use import root_use
from keywright.compliance.controls.second_factor import second_factor
from keywright.compliance.controls.support import support
from keywright.compliance.controls.unused_access import unused_access

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from keywright.compliance.framework import Control, Framework
    from keywright.compliance.seen import Seen

JUDGES: Mapping[str, Callable[[Seen], Answer]] = {
    "access_through_groups": through_groups,
    "active_keys": active,
    "administrators": administrators,
    "age_of_keys": age,
    "cloudshell": cloudshell,
    "federation": federation,
    "instance_roles": instance_roles,
    "keys_of_people": of_people,
    "outside_access": outside_access,
    "password_length": length,
    "password_reuse": reuse,
    "root_use": root_use,
    "second_factor": second_factor,
    "support": support,
    "unused_access": unused_access,
}
"""What judges, by the name that a framework's file uses."""


def judged(framework: Framework, seen: Seen) -> tuple[Judged, ...]:
    """Judge all controls, in the framework's order."""
    return tuple(_judged(control, seen) for control in framework.controls)


def _judged(control: Control, seen: Seen) -> Judged:
    answer = JUDGES[control.judged_by](seen) if control.judged_by else Answer()
    if answer.evidence and seen.templates is not None:
        answer += Answer(doubts=seen.templates.unread)
    return Judged(control, answer.status(in_templates=seen.templates is not None), answer)


def exit_code(found: Iterable[Judged]) -> int:
    """Return 1 where a control is not met, 3 where one cannot be told, else 0."""
    statuses = {each.status for each in found}
    if Status.NOT_MET in statuses:
        return 1
    return 3 if Status.UNDECIDED in statuses else 0
