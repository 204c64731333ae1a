"""Whether templates are those of the declarations: a report on others would prove nothing of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.assembly.templates.names import declared_name
from keywright.model.checks.references import RESERVED_GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.assembly.templates.template import Assembly
    from keywright.model.declarations import Declarations

_SECTIONS = {"user": "users", "group": "groups", "role": "roles", "workload": "workloads"}
_OWN = frozenset(f"group/{name}" for name in RESERVED_GROUPS)
_TWIN = ".until-"
_OURS = "role/keywright-"


def differences(declarations: Declarations, assembly: Assembly) -> list[str]:
    """Name what is declared and not in the templates, then what is there and not declared."""
    declared = set(_declared(declarations))
    made = set(filter(_is_declarable, (declared_name(each.logical_id) for each in assembly.resources)))
    return [
        *(f"`{each}` is declared and not there" for each in sorted(declared - made)),
        *(f"`{each}` is there and not declared" for each in sorted(made - declared)),
    ]


def _declared(declarations: Declarations) -> Iterator[str]:
    for kind, section in _SECTIONS.items():
        for name, thing in getattr(declarations, section).items():
            if not getattr(thing, "existing", False):
                yield f"{kind}/{name}"


def _is_declarable(name: str) -> bool:
    kind = name.partition("/")[0]
    return kind in _SECTIONS and name not in _OWN and _TWIN not in name and not name.startswith(_OURS)
