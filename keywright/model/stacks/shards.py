"""`shards:` - how many stacks each kind of thing is spread over, and which stack each name is in.

Moving an identity to another stack would delete and recreate it, and lose its MFA devices, keys and password. So
nothing ever moves: a name's stack follows from its hash, and when the number of stacks grows, `keywright spread`
lists the names that stay, so that only new names get into the new stacks.
"""

import hashlib
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated

from pydantic import Field

from keywright.model.fields.strict import Mistake, Strict
from keywright.model.fields.text import IdentityName, Shape
from keywright.model.stacks.kinds import MOST, STACKS, Kind

_STACK = re.compile(
    r"(?P<stack>access-(?:people|groups|roles|workloads|data))(?:-(?P<number>[1-9][0-9]{0,2}))?"
)

StackName = Annotated[
    str,
    Shape(
        "a stack of identities",
        "such as `access-people`, `access-people-3`",
        pattern=rf"^{_STACK.pattern.replace('?P<stack>', '?:').replace('?P<number>', '?:')}$",
        longest=30,
    ),
]


class Spread(Strict):
    """The stacks of one kind of things; a name that is not in `stay` has a stack by its hash."""

    stacks: Annotated[int, Field(ge=1, le=MOST)] = 1
    """The number of stacks; it can only grow."""
    newcomers_from: Annotated[int, Field(ge=0, lt=MOST)] = 0
    """The first stack for new names; those before it have only the names in `stay`."""
    stay: dict[StackName, Annotated[tuple[IdentityName, ...], Field(max_length=5000)]] = Field(
        default_factory=dict, max_length=MOST
    )
    """The names that stay in each stack, because they were there before the number grew; written by `keywright spread`."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report that no stack is open to new names."""
        if self.newcomers_from >= self.stacks:
            yield Mistake(
                "no stack is left for new names",
                f"`{self.newcomers_from}` of {self.stacks}",
                f"less than {self.stacks}",
                "newcomers_from",
            )

    def place_of(self, name: str) -> int:
        """Give the number of the stack of a new name."""
        return self.newcomers_from + jump(name, self.stacks - self.newcomers_from)

    @cached_property
    def staying(self) -> dict[str, str]:
        """The stack of each name that stays."""
        return {name: stack for stack, names in self.stay.items() for name in names}


class Shards(Strict):
    """How many stacks each kind of thing is spread over; by default one."""

    people: Spread = Spread()
    """People and applications."""
    groups: Spread = Spread()
    """Groups, with their copies for memberships that end."""
    roles: Spread = Spread()
    """Roles; identity providers are in the first stack."""
    workloads: Spread = Spread()
    """Workloads: their roles, instance profiles and instances."""
    buckets: Spread = Spread()
    """Buckets; the one for access logs is in the first stack."""

    def mistakes(self) -> Iterator[Mistake]:
        """Report names that stay in two stacks, or in a stack of another kind."""
        for kind in STACKS:
            seen: dict[str, str] = {}
            for stack, names in self.of(kind).stay.items():
                if number_of(kind, stack) is None:
                    yield Mistake(
                        f"a stack of `{kind}` has the wrong name",
                        f"`{stack}`",
                        f"`{stack_name(kind, 0)}`, `{stack_name(kind, 1)}`",
                        (kind, "stay", stack),
                    )
                for index, name in enumerate(names):
                    if name in seen:
                        yield Mistake(
                            f"`{name}` stays in two stacks",
                            f"`{seen[name]}` and `{stack}`",
                            "the stack that it was deployed in",
                            (kind, "stay", stack, index),
                        )
                    seen.setdefault(name, stack)

    def of(self, kind: Kind) -> Spread:
        """Give the stacks of a kind."""
        spread: Spread = getattr(self, kind)
        return spread

    def number(self, kind: Kind, name: str) -> int:
        """Give the number of the stack of a declared thing; 0 is the first."""
        spread = self.of(kind)
        stack = spread.staying.get(name)
        return spread.place_of(name) if stack is None else number_of(kind, stack) or 0

    def numbers(self, kind: Kind) -> range:
        """Give the numbers of all stacks of a kind, also of those with staying names only."""
        spread = self.of(kind)
        kept = [number_of(kind, stack) or 0 for stack in spread.stay]
        return range(max([spread.stacks - 1, *kept]) + 1)


def stack_name(kind: Kind, number: int) -> str:
    """Name a stack of a kind."""
    if number == 0:
        return STACKS["people" if kind == "groups" else kind]
    return f"{STACKS[kind]}-{number}"


def number_of(kind: Kind, stack: str) -> int | None:
    """Give the number of a stack; `None` if it is not of that kind."""
    parts = _STACK.fullmatch(stack)
    number = int(parts["number"] or 0) if parts else 0
    return number if stack == stack_name(kind, number) else None


def jump(name: str, stacks: int) -> int:
    """Give the stack of a name by its hash: evenly, and the n-th stack takes over only an n-th of the names.

    "A Fast, Minimal Memory, Consistent Hash Algorithm" (Lamping and Veach, 2014), fed by the name's BLAKE2b.
    """
    # Python's own `hash` of a text differs from run to run.
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
"""The name, before its region, of the stack with the KMS key for replicated access keys."""
