"""`never:` — what no principal may do, whoever grants it."""

from __future__ import annotations

from keywright.model.strict import Strict


class Never(Strict):
    """An invariant over all principals of the account's templates."""

    who: str
    can: str
    on: str
    excepting: tuple[str, ...] = ()
