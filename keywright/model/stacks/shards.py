"""`shards:` - over how many stacks what is declared is spread, and who stays where it was when that number grew.

An identity that moved from one stack to another would be deleted by the one and made anew by the other: device, keys and
password would be lost. So nothing ever moves. A name's stack follows from the name alone; when the number of
stacks grows, `keywright spread` writes down who stays, and only newcomers come into the new stacks.
"""

from __future__ import annotations

import hashlib
import re
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.text import IdentityName, Shape
from keywright.model.stacks.kinds import MOST, STACKS, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.model.declarations import Declarations


_STACK = re.compile(
    r"(?P<stack>access-(?:people|groups|roles|workloads|data))(?:-(?P<number>[1-9][0-9]{0,2}))?"
)

StackName = Annotated[
    str,
    Shape(
        "a stack of ours",
        "such as `access-people`, `access-people-3`",
        pattern=rf"^{_STACK.pattern.replace('?P<stack>', '?:').replace('?P<number>', '?:')}$",
        longest=30,
    ),
]


class Spread(Strict):
    """The stacks of one kind of declared things: who is not said to stay has a place by its name's hash."""

    stacks: Annotated[int, Field(ge=1, le=MOST)] = 1
    """How many stacks there are; their number only ever grows."""
    newcomers_from: Annotated[int, Field(ge=0, lt=MOST)] = 0
    """The first stack that newcomers come into; those before it are full and hold only who stays."""
    stay: dict[StackName, Annotated[tuple[IdentityName, ...], Field(max_length=5000)]] = Field(
        default_factory=dict, max_length=MOST
    )
    """Who stays in which stack, because it was there before the number grew; written by `keywright spread`."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say that nobody can come in."""
        if self.newcomers_from >= self.stacks:
            yield Mistake(
                "no stack is open to newcomers",
                f"`{self.newcomers_from}` of {self.stacks}",
                f"less than {self.stacks}",
                "newcomers_from",
            )

    def place_of(self, newcomer: str) -> int:
        """Give the number of the stack that a newcomer comes into."""
        return self.newcomers_from + jump(newcomer, self.stacks - self.newcomers_from)

    @cached_property
    def staying(self) -> dict[str, str]:
        """The stack of each name that stays."""
        return {name: stack for stack, names in self.stay.items() for name in names}


class Shards(Strict):
    """Over how many stacks each kind is spread; one stack each unless said."""

    people: Spread = Spread()
    """People and applications."""
    groups: Spread = Spread()
    """Groups, with their twins for memberships that end."""
    roles: Spread = Spread()
    """Roles; identity providers are in the first stack."""
    workloads: Spread = Spread()
    """Workloads: their roles, profiles and launches."""
    buckets: Spread = Spread()
    """Buckets; the one for access logs is in the first stack."""

    def mistakes(self) -> Iterator[Mistake]:
        """Say who stays in two places, or in a stack of another kind."""
        for kind in STACKS:
            seen: dict[str, str] = {}
            for stack, names in self.of(kind).stay.items():
                if number_of(kind, stack) is None:
                    yield Mistake(
                        f"a stack of `{kind}` is called otherwise",
                        f"`{stack}`",
                        f"`{stack_name(kind, 0)}`, `{stack_name(kind, 1)}`",
                        (kind, "stay", stack),
                    )
                for index, name in enumerate(names):
                    if name in seen:
                        yield Mistake(
                            f"`{name}` stays in two stacks",
                            f"`{stack}`, and `{seen[name]}` before",
                            "the one that it was deployed in",
                            (kind, "stay", stack, index),
                        )
                    seen.setdefault(name, stack)

    def of(self, kind: Kind) -> Spread:
        """Give how a kind is spread."""
        spread: Spread = getattr(self, kind)
        return spread

    def number(self, kind: Kind, name: str) -> int:
        """Give the number of the stack of a declared thing; 0 is the first."""
        spread = self.of(kind)
        stack = spread.staying.get(name)
        return spread.place_of(name) if stack is None else number_of(kind, stack) or 0

    def numbers(self, kind: Kind) -> range:
        """Count the stacks of a kind, those that only hold who stays among them."""
        spread = self.of(kind)
        kept = [number_of(kind, stack) or 0 for stack in spread.stay]
        return range(max([spread.stacks - 1, *kept]) + 1)


def stack_name(kind: Kind, number: int) -> str:
    """Name a stack of a kind."""
    if number == 0:
        return STACKS["people" if kind == "groups" else kind]
    return f"{STACKS[kind]}-{number}"


def number_of(kind: Kind, stack: str) -> int | None:
    """Give the number of a stack of a kind; `None` when it is none of that kind."""
    parts = _STACK.fullmatch(stack)
    number = int(parts["number"] or 0) if parts else 0
    return number if stack == stack_name(kind, number) else None


def jump(name: str, stacks: int) -> int:
    """Give a name's stack among so many, evenly; of n stacks one more takes only an n-th of the names.

    "A Fast, Minimal Memory, Consistent Hash Algorithm" (Lamping and Veach, 2014), fed by the name's BLAKE2b.
    """
    key = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest())
    place, following = 0, 0
    while following < stacks:
        place = following
        key = (key * 2862933555777941757 + 1) % 2**64
        following = int((place + 1) * (2**31 / ((key >> 33) + 1)))
    return place


ACCOUNT_STACK = "access-account"
ANALYZER_STACK = "access-analyzer"
CENTER_STACK = "access-identity-center"
KEYS_STACK = "access-keys"
"""How the stack is called, before its region, that holds the key for the copies of keys."""


def stack_patterns(declarations: Declarations) -> list[str]:
    """Name the stacks, those with a number by a pattern."""
    account, shards = declarations.account, declarations.shards
    first = {stack_name(kind, 0) for kind in STACKS}
    numbered = {f"{name}-*" for kind, name in STACKS.items() if len(shards.numbers(kind)) > 1}
    replica, analyzer = account.access_keys.replica, account.access_analyzer
    copies = [f"{KEYS_STACK}-{replica}"] if replica else []
    elsewhere = [f"{ANALYZER_STACK}-*"] if analyzer and analyzer.regions else []
    center = [CENTER_STACK] if declarations.identity_center else []
    return [ACCOUNT_STACK, *sorted(first | numbered), *copies, *elsewhere, *center]
