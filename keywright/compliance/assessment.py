"""The checks of a framework's controls, and their assessment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.compliance.checks.access_analyzer import outside_access, unused_access
from keywright.compliance.checks.access_keys import active_keys, age_of_keys, keys_of_people
from keywright.compliance.checks.federation import federation
from keywright.compliance.checks.instance_roles import instance_roles
from keywright.compliance.checks.mfa import mfa
from keywright.compliance.checks.password_policy import password_length, password_reuse
from keywright.compliance.checks.policies import administrators, cloudshell, root_use, through_groups
from keywright.compliance.checks.support import support
from keywright.compliance.report import Assessment, ControlResult, Status
from keywright.reporting.exit_codes import exit_code_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from keywright.compliance.framework import Control, Framework
    from keywright.compliance.input import Input

CHECKS: Mapping[str, Callable[[Input], Assessment]] = {
    "access_through_groups": through_groups,
    "active_keys": active_keys,
    "administrators": administrators,
    "age_of_keys": age_of_keys,
    "cloudshell": cloudshell,
    "federation": federation,
    "instance_roles": instance_roles,
    "keys_of_people": keys_of_people,
    "outside_access": outside_access,
    "password_length": password_length,
    "password_reuse": password_reuse,
    "root_use": root_use,
    "mfa": mfa,
    "support": support,
    "unused_access": unused_access,
}
"""The checks, by the names that the file of a framework uses."""


def assess(framework: Framework, source: Input) -> tuple[ControlResult, ...]:
    """Assess all controls, in the order of the framework."""
    return tuple(_assess_control(control, source) for control in framework.controls)


def _assess_control(control: Control, source: Input) -> ControlResult:
    assessment = CHECKS[control.check](source) if control.check else Assessment()
    # An unread template may contain anything, so that nothing counts as proved.
    if assessment.evidence and source.templates is not None:
        assessment += Assessment(undecided=source.templates.unread)
    return ControlResult(control, assessment.status(in_templates=source.templates is not None), assessment)


def exit_code(found: Iterable[ControlResult]) -> int:
    """Return the exit code: findings if a control is not met."""
    statuses = {each.status for each in found}
    # A control that is met partly or verified by hand does not fail: no template could do more.
    return exit_code_for(findings=Status.NOT_MET in statuses, undecided=Status.UNDECIDED in statuses)
