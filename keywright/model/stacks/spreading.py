"""Adding stacks for a kind of things, and counting the resources of stacks."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from keywright.model.stacks.kinds import SECTIONS, STACKS
from keywright.model.stacks.shards import Shards, Spread, number_of, stack_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from keywright.model.declarations import Declarations
    from keywright.model.stacks.kinds import Kind
    from keywright.model.stacks.shards import Shards


FILE = "shards.yaml"
_SCHEMA = "# yaml-language-server: "
_HEAD = """\
# Over how many stacks things are spread; written by `keywright spread`. Who stays somewhere must not move.
"""


def spread(
    declarations: Declarations, kind: Kind, stacks: int, placed: Mapping[str, str] | None = None
) -> Shards:
    """Give the shards with more stacks for a kind: deployed things stay where they are, all others get into new stacks.

    `placed` gives the stack of each deployed name; without it, all declared names are assumed to be deployed in their
    stacks. If nothing stays, all stacks are new.
    """
    staying = _staying(declarations, kind, placed)
    newcomers_from = first_open(declarations, kind, placed)
    return declarations.shards.model_copy(
        update={kind: Spread(stacks=stacks, newcomers_from=newcomers_from, stay=staying)}
    )


def first_open(declarations: Declarations, kind: Kind, placed: Mapping[str, str] | None = None) -> int:
    """Give the number of the first stack after all stacks with staying names."""
    staying = _staying(declarations, kind, placed)
    if placed is None:
        return len(declarations.shards.numbers(kind)) if staying else 0
    return max((number_of(kind, stack) or 0 for stack in staying), default=-1) + 1


def _staying(
    declarations: Declarations, kind: Kind, placed: Mapping[str, str] | None
) -> dict[str, tuple[str, ...]]:
    stay: dict[str, list[str]] = {}
    for name in getattr(declarations, SECTIONS[kind]):
        if placed is None:
            stay.setdefault(stack_name(kind, declarations.shards.number(kind, name)), []).append(name)
        elif name in placed:
            stay.setdefault(placed[name], []).append(name)
    return {stack: tuple(sorted(names)) for stack, names in sorted(stay.items())}


def written(shards: Shards, schema: str = "") -> str:
    """Write the section as a file, one name a line, so that a removal changes one line; `schema` is its first line."""
    return "\n".join([f"{schema}{_HEAD}shards:", *_lines(shards), ""])


def schema_line(folder: Path) -> str:
    """Give the line by which the other files of the folder name their JSON Schema to an editor; empty without one."""
    files = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yaml"))]
    return next((text.partition("\n")[0] + "\n" for text in files if text.startswith(_SCHEMA)), "")


def _lines(shards: Shards) -> Iterator[str]:
    for kind in STACKS:
        spread_over = shards.of(kind)
        if spread_over == Spread():
            continue
        yield f"  {kind}:"
        yield f"    stacks: {spread_over.stacks}"
        if spread_over.newcomers_from:
            yield f"    newcomers_from: {spread_over.newcomers_from}"
        if spread_over.stay:
            yield "    stay:"
        for stack, names in spread_over.stay.items():
            yield f"      {stack}:"
            # In quotes, because YAML would read some names, such as `true`, as another type.
            yield from (f'        - "{name}"' for name in names)


INLINE = 190
"""About how many resources of people fill a template of `INLINE_BYTES`, the most that is deployed without a bucket."""
_OF_EACH: dict[Kind, int] = {"people": 2, "groups": 1, "roles": 1, "workloads": 2, "buckets": 2}
"""The least resources of each thing of a kind; the second one of a user cleans up at its removal."""
_OF_A_LOGIN = 2
_OF_A_KEY = 2


def sizes(declared: Declarations, kind: Kind, shards: Shards) -> Mapping[int, int]:
    """Count the resources of a kind in each of its stacks, by the stack's number."""
    counted: Counter[int] = Counter()
    for name, thing in getattr(declared, SECTIONS[kind]).items():
        if not getattr(thing, "existing", None):
            counted[shards.number(kind, name)] += _resources(kind, thing)
    return counted


def _resources(kind: Kind, thing: object) -> int:
    login = _OF_A_LOGIN if getattr(thing, "console", False) else 0
    return _OF_EACH[kind] + login + _OF_A_KEY * len(getattr(thing, "access_keys", ()))


def fullest(declared: Declarations, kind: Kind, shards: Shards) -> tuple[str, int]:
    """Give the stack of a kind with the most resources, and their number."""
    found = sizes(declared, kind, shards)
    number = max(found, key=lambda each: found[each], default=0)
    return stack_name(kind, number), found.get(number, 0)
