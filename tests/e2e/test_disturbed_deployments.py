"""The short form of `make soak`: one deployment is killed in the middle, another meets a second one."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from tests.soak.company import company
from tests.soak.declared import KEPT_PERSON
from tests.soak.faults import faults
from tests.soak.watch import GUARD, INTERVAL, Watch

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.world import World

pytestmark = pytest.mark.e2e


def test_a_plain_deployment_repairs_what_a_fault_left(tmp_path: Path) -> None:
    with company(tmp_path, seed=7) as played:
        known = {each.name: each for each in faults(played.seconds)}
        for name in ("killed after 4/11", "two at once"):
            done = played.play(known[name])
            assert done.mistakes == [], done
            assert done.looks > 10
        assert _planted(played.world) == [
            "user paula has a console password and no MFA guard",
            "user/paula can for a moment " + '["s3:*", "*", {"Effect": "Allow"}]',
        ]


def _planted(world: World) -> list[str]:
    """Widen a person's access and take her out of the MFA guard for a moment, and give what the watch says."""
    iam = world.client("iam")
    wide = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    with Watch(world) as watch:
        iam.put_user_policy(UserName=KEPT_PERSON, PolicyName="wide", PolicyDocument=json.dumps(wide))
        iam.remove_user_from_group(UserName=KEPT_PERSON, GroupName=GUARD)
        seen = len(watch.looks)
        while len(watch.looks) < seen + 3:
            time.sleep(INTERVAL)
        iam.add_user_to_group(UserName=KEPT_PERSON, GroupName=GUARD)
        iam.delete_user_policy(UserName=KEPT_PERSON, PolicyName="wide")
    return sorted(watch.mistakes(), key=lambda each: each.startswith("user/"))
