"""A deployed account never differs from the assembly that was deployed, however its policies are written."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from keywright.account.snapshot import snapshot_of
from keywright.assembly.sources.declaration_locations import DeclarationLocations
from keywright.drift.compare import compare
from keywright.drift.sides import Sides, read_declared
from tests.laws.random_declarations import declared, templates
from tests.unit.drift.accounts_of_templates import DeployedAccount

if TYPE_CHECKING:
    from keywright.drift.result import DriftReport

hasty = settings(
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


_LISTS = frozenset({"Action", "NotAction", "Resource", "NotResource"})


def rewritten(document: Any, chance: random.Random) -> Any:
    """Write a policy document in another way: order of statements and lists, single values as lists, case of actions."""
    statements = [_statement(each, chance) for each in document["Statement"]]
    chance.shuffle(statements)
    return dict(reversed([*({**document, "Statement": statements}).items()]))


def _statement(statement: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    found = {}
    for key, value in chance.sample(list(statement.items()), len(statement)):
        several = [value] if isinstance(value, str) else value
        if key in {"Action", "NotAction"}:
            several = [chance.choice([each, each.lower()]) for each in several]
        if key in _LISTS:
            several = chance.sample(list(several), len(several))
            several = several[0] if len(several) == 1 and chance.random() < 0.5 else several
        found[key] = several if key in _LISTS else value
    return found


_LISTS_OF_DETAILS = ("UserDetailList", "GroupDetailList", "RoleDetailList")


def widened(identity: dict[str, Any]) -> bool:
    """Let an identity with inline policies do more; whether its boundary allows that is another question."""
    for key in ("UserPolicyList", "GroupPolicyList", "RolePolicyList"):
        for policy in identity.get(key, ())[:1]:
            more = {"Effect": "Allow", "Action": "kms:ScheduleKeyDeletion", "Resource": "*"}
            document = policy["PolicyDocument"]
            policy["PolicyDocument"] = {**document, "Statement": [*document["Statement"], more]}
            return True
    return False


def drift_of(folder: Any, details: dict[str, Any]) -> DriftReport:
    snapshot = snapshot_of(json.dumps(details), "account.json")
    return compare(Sides(read_declared(folder, snapshot), snapshot), DeclarationLocations.read(folder))


@settings(hasty, max_examples=3)
@given(document=declared, seed=st.integers(0, 1000))
def test_what_was_deployed_has_no_drift(document: dict[str, Any], seed: int, tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("drift")
    deployed = DeployedAccount(templates(document, folder))
    report = drift_of(folder, deployed.details())
    assert (report.drifts, report.undecided) == ((), ())
    assert report.compared
    chance = random.Random(seed)
    # Policies that are equal by their text are not counted as rewritten: most of these are not.
    permuted = drift_of(folder, deployed.details(lambda each: rewritten(each, chance)))
    assert (permuted.drifts, permuted.undecided) == ((), ())
    account = deployed.details()
    changed = [each for kind in _LISTS_OF_DETAILS for each in account[kind] if widened(each)]
    told = {each.arn for each in drift_of(folder, account).certain}
    assert told == {each["Arn"] for each in changed}
