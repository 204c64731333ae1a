"""The list of rules: each is a module of `rules/`, found by its file name."""

from __future__ import annotations

import inspect
import pkgutil
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from keywright.guardrails import rules
from keywright.reporting.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType

    from keywright.guardrails.results import CheckResult


@dataclass(frozen=True)
class Rule:
    """The contents of a rule's module: CODE, SEVERITY, `check`, the page as docstring; optional CONVENTION, IN_OURS, ONLY_WRITTEN.

    A convention of this project is an error in our own app, and on other templates a warning of the profile `strict`. IN_OURS is the severity in our
    own app, for what another check covers there. ONLY_WRITTEN rules do not report what AWS SAM writes by itself.
    """

    code: str
    title: str
    severity: Severity
    is_convention: bool
    subject: type
    check: Callable[[Any], Iterator[Finding]]
    page: str
    in_ours: Severity | None = None
    only_written: bool = False

    def severity_in(self, *, own: bool) -> Severity:
        """Return the severity of its findings."""
        if own:
            return self.in_ours or self.severity
        return Severity.WARNING if self.is_convention else self.severity


def rule_of(module: ModuleType) -> Rule:
    """Read a rule from its module.

    Raises:
        AttributeError: The module has no docstring, CODE, SEVERITY or `check`.
    """
    return Rule(
        code=module.CODE,
        title=_title(module),
        severity=module.SEVERITY,
        is_convention=getattr(module, "CONVENTION", False),
        subject=_first_parameter(module.check),
        check=module.check,
        page=inspect.cleandoc(module.__doc__ or ""),
        in_ours=getattr(module, "IN_OURS", None),
        only_written=getattr(module, "ONLY_WRITTEN", False),
    )


def _title(module: ModuleType) -> str:
    """Return the title, which follows the code in the first line of the docstring."""
    heading = (module.__doc__ or "").partition("\n")[0]
    return heading.removeprefix(f"{module.CODE}: ").removesuffix(".")


def _first_parameter(check: Callable[..., Any]) -> type:
    """Return the type of the one parameter, whose annotation may be a string."""
    annotation = next(iter(check.__annotations__.values()))
    found: type = check.__globals__[annotation] if isinstance(annotation, str) else annotation
    return found


@cache
def all_rules() -> Mapping[str, Rule]:
    """Return the rules by code, in order of their codes."""
    names = sorted(module.name for module in pkgutil.iter_modules(rules.__path__))
    found = (rule_of(import_module(f"{rules.__name__}.{name}")) for name in names)
    return {rule.code: rule for rule in found}


def without_conventions(result: CheckResult) -> CheckResult:
    """Leave out what only the conventions of this project ask for, and count it."""
    rules = all_rules()
    left = tuple(
        each for each in result.findings if each.rule not in rules or not rules[each.rule].is_convention
    )
    return replace(result, findings=left, conventions=len(result.findings) - len(left))
