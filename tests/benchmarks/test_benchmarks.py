"""The installed competitors do the same work. This test does not measure time."""

from __future__ import annotations

import json

import pytest

from benchmarks import accounts, asking, check, compare, page, review, simulate, start, synth
from benchmarks.measure import BenchmarkError, Competitor, run, run_interleaved
from benchmarks.peers import BENCH, BIN, ROOT

INSTALLED = (BENCH / "python" / "ready").exists()
"""Whether the peers from a registry are installed: after the first `make bench`."""


def test_an_account_differs_in_the_documented_parts(tmp_path):
    was = accounts.People(200).write(tmp_path / "was")
    now = accounts.People(200, changed=100).write(tmp_path / "now")
    before, after = (
        {
            key: each
            for path in folder.iterdir()
            for key, each in json.loads(path.read_text("utf-8"))["Resources"].items()
        }
        for folder in (was, now)
    )
    assert [key for key, each in before.items() if each != after[key]] == ["User0", "User100"]


@pytest.mark.parametrize("own", [2, 10])
def test_each_has_ten_policies(tmp_path, own):
    resources = {
        key: each["Properties"]
        for path in accounts.People(60, own).write(tmp_path / "x").iterdir()
        for key, each in json.loads(path.read_text("utf-8"))["Resources"].items()
        if each["Type"].startswith("AWS::IAM::")
    }
    groups = {each["GroupName"]: each["Policies"] for each in resources.values() if "GroupName" in each}
    for user in (each for each in resources.values() if "UserName" in each):
        held = [*user["Policies"], *(each for name in user["Groups"] for each in groups[name])]
        assert len({each["PolicyName"] for each in held}) == len(accounts.GRANTS)


def test_review_and_z3_find_the_same_gains(tmp_path):
    rows = review.measure_pair(tmp_path, 40, 20, ("z3", "difflib"))
    assert {row.who: row.results for row in rows} == {"keywright": 2, "z3": 2, "difflib": 2 * 2}


def test_both_engines_decide_the_same_pairs(tmp_path):
    rows = [row for row in compare.measure(tmp_path, quick=True) if "z3" in row.work]
    assert len({row.results for row in rows}) == 1
    assert {row.who for row in rows} == {"keywright", "z3"}


def test_every_request_gets_a_verdict(tmp_path):
    assert [row.results for row in simulate.measure(tmp_path, quick=True)] == [1, 200]


def test_a_user_can_read_what_is_granted(tmp_path):
    who, told, paths = asking.measure(tmp_path, quick=True)
    assert (who.results, told.results, paths.results) == (1, 10, 0)


def test_declarations_of_any_size_are_valid(tmp_path):
    (row,) = start.declarations(tmp_path, [3], rounds=1)
    assert row.results == 2  # a warning, and the count


def test_the_details_of_a_template_have_its_identities():
    template = accounts.mixed_template(50)
    details = check.authorization_details(template)
    assert {kind: len(each) for kind, each in details.items()} == dict.fromkeys(details, 10)


def test_the_baseline_writes_the_made_templates(tmp_path):
    resources = {"people": {"User": {"Type": "AWS::IAM::User"}, "Keys": {"Type": "AWS::KMS::Key"}}}
    (tmp_path / "made.json").write_text(json.dumps(resources))
    floor = Competitor(
        "json.dumps",
        [BIN / "python", synth.SCRIPTS / "synth_json.py", tmp_path / "made.json", tmp_path / "out"],
    )
    run(floor)
    assert synth.identities(tmp_path / "out") == 1


@pytest.fixture(scope="module")
def syntheses(tmp_path_factory):
    """Let everybody make ten people who needs nothing from a registry; give the resources by stack, ours as `bare`."""
    folder = tmp_path_factory.mktemp("syntheses")
    everybody = synth.competitors(folder, 10, installing=INSTALLED)
    for each in everybody[3:]:  # ours is made before, and its guardrails change no resource
        if "empty" not in each.name:
            run(each)
    return {out.name: synth.stacks_of(out) for out in folder.iterdir() if out.is_dir()}


@pytest.mark.parametrize("peer", ["JavaScript-L1", "json.dumps", *(["troposphere"] if INSTALLED else [])])
def test_the_constructs_make_all_resources(syntheses, peer):
    ours, theirs = (
        {
            (stack, key): (each["Type"], each.get("Properties", {}))
            for stack, own in made.items()
            for key, each in own.items()
        }
        for made in (syntheses["bare"], syntheses[peer])
    )
    assert theirs == ours


def test_plain_cdk_makes_the_same_identities(syntheses):
    ours, *others = (
        {
            (each["Type"], name)
            for own in syntheses[who].values()
            for each in own.values()
            if each["Type"] in synth.IDENTITIES
            for key, name in each["Properties"].items()
            if key in {"UserName", "GroupName", "RoleName"}
        }
        for who in ("bare", "JavaScript-L2", "Python-L2")
    )
    assert all(theirs and theirs < ours for theirs in others)
    assert syntheses["JavaScript-L2"] == syntheses["Python-L2"]


def test_a_failure_is_no_measurement():
    with pytest.raises(BenchmarkError, match="no-such exited with 3: sorry"):
        run_interleaved(
            "x",
            "y",
            [
                Competitor(
                    "no-such",
                    [BIN / "python", "-c", "import sys; print('sorry', file=sys.stderr); sys.exit(3)"],
                )
            ],
            rounds=1,
        )


def test_the_page_is_what_was_measured():
    data = json.loads(page.DATA.read_text("utf-8"))
    text = page.PAGE.read_text("utf-8")
    assert page.table(data["rows"]) in text
    assert page.DRAWING.read_text("utf-8") == page.drawing(data["rows"])
    assert (ROOT / "docs" / "performance.svg").name in text
