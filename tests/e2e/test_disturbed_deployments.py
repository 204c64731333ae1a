"""The short form of `make soak`: one deployment is killed in the middle, another meets a second one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.soak.company import company
from tests.soak.faults import faults

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.e2e


def test_a_plain_deployment_repairs_what_a_fault_left(tmp_path: Path) -> None:
    known = {each.name: each for each in faults()}
    with company(tmp_path, seed=7) as played:
        for name in ("killed after 1.2 s", "two at once"):
            done = played.play(known[name])
            assert done.mistakes == [], done
            assert done.looks > 10
