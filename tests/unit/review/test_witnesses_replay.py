"""Each gain has a request that was not allowed before and is now; each loss the reverse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from keywright.policy.statement import Document, Kind
from keywright.reasoning.evaluation.policies import FULL_ACCESS, Policies
from keywright.reasoning.witnesses.replay import replay
from keywright.review.comparison.access_change import ANYTHING, merge_documents
from keywright.review.comparison.resources import policies_by_resource
from keywright.review.comparison.snapshot import Snapshot
from keywright.review.comparison.steps import BOUNDARY_WIDENED, DENIAL_REMOVED
from keywright.review.result import Subject
from keywright.review.review import review
from tests.unit.review.templates import TODAY, given, write
from tests.unit.review.test_every_gain_is_found import PAIRS

if TYPE_CHECKING:
    from pathlib import Path

    from keywright.review.result import Change, Step


def in_force(snapshot: Snapshot, change: Change, step: Step) -> Policies:
    """Give what applies to a step's request; a lost denial is shown beside an allow."""
    is_lifted = step.because in {DENIAL_REMOVED, BOUNDARY_WIDENED}
    if change.subject is Subject.RESOURCE:
        held = next(
            (each for target, each in policies_by_resource(snapshot).items() if target[1] == change.arn), ()
        )
        document = merge_documents([each.most for each in held], Kind.RESOURCE)
        beside = (ANYTHING,) if is_lifted else ()
        return Policies(resource=Document((*beside, *document.statements), kind=Kind.RESOURCE))
    identity = snapshot.identities.get(change.arn)
    if change.subject is Subject.TRUST:
        return Policies(
            resource=merge_documents([each.most for each in identity.trust] if identity else [], Kind.TRUST)
        )
    if step.witness.principal in snapshot.identities:
        identity = snapshot.identities[step.witness.principal]
    own = tuple(each.most for each in identity.grants) if identity else ()
    boundary = identity.boundary.most if identity and identity.boundary else None
    return Policies(identity=(*own, *((FULL_ACCESS,) if is_lifted else ())), boundary=boundary)


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_a_gain_was_not_allowed_and_is(pair: tuple[dict[str, Any], dict[str, Any]], tmp_path: Path) -> None:
    base, head = (
        given(write(tmp_path / f"{name}.template.json", each))
        for name, each in zip(("base", "head"), pair, strict=True)
    )
    was, now = Snapshot(base.assembly, base.root), Snapshot(head.assembly, head.root)
    found = review(base, head, TODAY)
    for change in found.gains:
        for step in change.gains:
            assert replay(step.witness.request, in_force(was, change, step), in_force(now, change, step))
    for change in found.losses:
        for step in change.losses:
            assert replay(step.witness.request, in_force(now, change, step), in_force(was, change, step))
