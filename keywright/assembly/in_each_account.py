"""What is proved of an assembly, in each account that it names, where a template says none of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keywright.assembly.in_each_place import MOST_PLACES, TOO_MANY, Place, accounts_named, in_place
from keywright.assembly.shown import Result, Shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from keywright.assembly.invariant import Declared
    from keywright.assembly.template import Assembly

    Prove = Callable[[Assembly, Sequence[Declared]], tuple[Result, ...]]


def in_each_account(assembly: Assembly, results: tuple[Result, ...], prove: Prove) -> tuple[Result, ...]:
    """Prove again what is proved, in each account that may be the assembly's own; what breaks there is in doubt."""
    accounts = accounts_named(assembly)
    proved = [each.declared for each in results if each.verdict == "proved"]
    if not accounts or not proved:
        return results
    doubts: dict[int, tuple[Shown, ...]]
    if len(accounts) > MOST_PLACES:
        doubts = {id(each): (Shown((), each.location, because=TOO_MANY),) for each in proved}
    else:
        doubts = _in_each(assembly, accounts, proved, prove)
    return tuple(replace(each, doubts=(*each.doubts, *doubts.get(id(each.declared), ()))) for each in results)


def _in_each(
    assembly: Assembly, accounts: Sequence[str], proved: Sequence[Declared], prove: Prove
) -> dict[int, tuple[Shown, ...]]:
    """Give what stands against each in the first account in which something does."""
    doubts: dict[int, tuple[Shown, ...]] = {}
    for account in accounts:
        for each in prove(in_place(assembly, Place(account)), proved):
            found = tuple(_doubted(each, account, assembly))
            doubts[id(each.declared)] = doubts.get(id(each.declared)) or found
    return doubts


def _doubted(result: Result, account: str, assembly: Assembly) -> Iterator[Shown]:
    """Say of what breaks an invariant in one account that it may."""
    templates = {each.id: each for each in assembly.templates}
    for each in (*result.breaches, *result.doubts):
        holder = each.resource and templates[each.resource.template.id].resources[each.resource.logical_id]
        because = f"no template says its account; where that is {account}: {each.because or 'it is broken'}"
        yield replace(each, resource=holder, because=because, is_refused=False)
