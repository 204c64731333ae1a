"""The stack of every resource follows from its name, and nothing moves when the number of stacks grows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from keywright.cli.main import app
from keywright.model.declarations import Declarations
from keywright.model.reading import read
from keywright.model.source.yaml_text import parse
from keywright.model.source.yaml_tree import plain
from keywright.model.stacks.kinds import STACKS
from keywright.model.stacks.shards import Shards, jump, number_of, stack_name
from keywright.model.stacks.spreading import spread, written

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

names = st.text("abcdefgh-.0123456789", min_size=1, max_size=20)
kinds = st.sampled_from(sorted(STACKS))
ACCOUNT = {"id": "1" * 12, "region": "eu-central-1"}


def declared(users: set[str], shards: Shards) -> Declarations:
    everybody = {name: {"person": {"email": "a@example.com"}} for name in sorted(users)}
    return Declarations.model_validate({"account": ACCOUNT, "users": everybody, "shards": shards})


def places(declarations: Declarations) -> dict[str, int]:
    return {name: declarations.shards.number("people", name) for name in declarations.users}


@given(
    first=st.sets(names, max_size=20),
    steps=st.lists(st.tuples(st.integers(1, 20), st.sets(names, max_size=10)), max_size=4),
)
def test_nobody_moves_when_stacks_or_people_are_added(
    first: set[str], steps: list[tuple[int, set[str]]]
) -> None:
    now = declared(first, Shards())
    for more, newcomers in steps:
        before = places(now)
        shards = spread(now, "people", min(now.shards.people.stacks + more, 100))
        now = declared({*now.users, *newcomers}, shards)
        after = places(now)
        assert {name: after[name] for name in before} == before
        assert set(after.values()) <= set(shards.numbers("people"))


@given(st.sets(names, max_size=20), st.integers(2, 50))
def test_a_written_file_is_read_back(users: set[str], stacks: int) -> None:
    shards = spread(declared(users, Shards()), "people", stacks)
    document = parse(written(shards), "shards.yaml")
    assert document.findings == []
    assert Shards.model_validate(plain(document.root)["shards"]) == shards


@given(name=names, stacks=st.integers(1, 99))
def test_a_new_stack_moves_names_only_into_itself(name: str, stacks: int) -> None:
    assert jump(name, stacks + 1) in {jump(name, stacks), stacks}


def test_names_spread_evenly() -> None:
    counts = Counter(jump(f"person-{number}", 50) for number in range(5000))
    assert len(counts) == 50
    assert 60 < min(counts.values()) <= max(counts.values()) < 145


@given(kinds, st.integers(0, 99))
def test_recognizes_a_stack_by_its_name(kind: str, number: int) -> None:
    assert number_of(kind, stack_name(kind, number)) == number


@settings(max_examples=20)
@given(st.integers(1, 30))
def test_groups_and_people_share_the_first_stack(number: int) -> None:
    assert stack_name("groups", 0) == stack_name("people", 0)
    assert stack_name("groups", number) != stack_name("people", number)


MISTAKES = {
    "a stack of another kind": (
        'people: {stay: {access-roles: ["alice"]}}',
        "access/shards.yaml:2:19: a stack of `people` has the wrong name; found `access-roles`",
    ),
    "two stacks for one": (
        "people: {stacks: 2, stay: {access-people: [alice], access-people-1: [alice]}}",
        "access/shards.yaml:2:72: `alice` stays in two stacks; found `access-people` and `access-people-1`",
    ),
    "no room for new names": (
        "people: {stacks: 2, newcomers_from: 2}",
        "access/shards.yaml:2:39: no stack is left for new names; found `2` of 2; accepted: less than 2",
    ),
    "no stack at all": ("people: {stacks: 0}", "access/shards.yaml:2:20:"),
    "another keyword": ("peple: {stacks: 2}", "found `peple`; accepted: `people`"),
}


@pytest.mark.parametrize(("text", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_reports_mistakes_at_their_line(
    text: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, today: date
) -> None:
    monkeypatch.chdir(tmp_path)
    access = tmp_path / "access"
    access.mkdir()
    (access / "account.yaml").write_text('account: {id: "111111111111", region: eu-central-1}\n')
    (access / "shards.yaml").write_text(f"shards:\n  {text}\n")
    reading = read(access.relative_to(tmp_path), today)
    assert any(expected in str(finding) for finding in reading.findings), reading.findings


def test_warns_of_a_stack_near_its_quota(tmp_path: Path, today: date) -> None:
    many(101, tmp_path)
    reported = [str(each) for each in read(tmp_path, today).findings if "quota for resources" in str(each)]
    expected = (
        f"{tmp_path}/all.yaml:3:1: stack `access-people` comes near the quota for resources; found about 404 for users, 1 for other things; "
        "accepted: at most 500: `keywright spread people 2`, which moves nothing"
    )
    assert reported == [expected]


def spread_by_hand(folder: Path, *words: str) -> tuple[int, str]:
    answer = CliRunner().invoke(app, ["spread", *words, str(folder), "--today", "2026-11-24"])
    return answer.exit_code, answer.output


def many(number: int, folder: Path) -> None:
    people = "".join(
        f"  p{n}: {{person: {{email: a@example.com}}, console: true, groups: [g]}}\n" for n in range(number)
    )
    (folder / "all.yaml").write_text(
        'account: {id: "111111111111", region: eu-central-1, handover: g}\ngroups: {g: {}}\nusers:\n' + people
    )


@pytest.mark.parametrize(
    ("people", "expected"),
    [(38, []), (40, ["comes near"]), (60, ["likely exceeds"])],
    ids=["few", "some", "many"],
)
def test_warns_of_a_template_near_the_size_limit_without_a_bucket(
    people: int, expected: list[str], tmp_path: Path, today: date
) -> None:
    many(people, tmp_path)
    reported = [each.message for each in read(tmp_path, today).findings if "51,200" in each.message]
    assert reported == [f"the template of `access-people` {each} 51,200 bytes" for each in expected]


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        (
            "groups: {{{many}}}",
            (
                "all.yaml:4:1: stack `access-people` comes near the quota for resources; found about 450 for groups; "
                "accepted: at most 500: `keywright spread groups 2`, which moves nothing"
            ),
        ),
        (
            "policies: {{{many}}}",
            (
                "all.yaml:4:1: stack `access-data` comes near the quota for resources; found about 2 for buckets, 450 for other things; "
                "accepted: at most 500: fewer shared policies, which are in the stack of the first buckets; grants of few belong to "
                "their holders"
            ),
        ),
    ],
    ids=["groups", "shared policies"],
)
def test_counts_resources_of_all_kinds_in_a_stack(
    section: str, expected: str, tmp_path: Path, today: date
) -> None:
    grants = "{grants: [{s3: [read], bucket: reports}]}"
    many = section.format(many=", ".join(f"n{number}: {grants}" for number in range(450)))
    (tmp_path / "all.yaml").write_text(
        'account: {id: "111111111111", region: eu-central-1}\nbuckets: {reports: {}}\n'
        f"users: {{alice: {{person: {{email: a@example.com}}}}}}\n{many}\n"
    )
    reported = [str(each) for each in read(tmp_path, today).findings if "quota for resources" in str(each)]
    assert reported == [f"{tmp_path}/{expected}"]


def test_names_declared_together_may_move(tmp_path: Path, today: date) -> None:
    """Three hundred people declared at once can be spread, as the message proposes, over stacks that can be deployed."""
    many(300, tmp_path)
    reported = [str(each) for each in read(tmp_path, today).findings if "quota for resources" in str(each)]
    assert [each.partition("accepted: ")[2] for each in reported] == [
        "at most 500: `keywright spread people 4 --live`, which leaves deployed ones in their stacks, or `--fresh` if none is deployed"
    ]
    assert spread_by_hand(tmp_path, "people", "4") == (
        1,
        (
            "STACKS: stack `access-people` would exceed CloudFormation's quota of resources; found about 1200 resources of what "
            "stays; accepted: `--live`, so that only what is deployed stays, or `--fresh` where nothing is\n"
        ),
    )
    code, expected = spread_by_hand(tmp_path, "people", "2", "--fresh")
    assert (code, expected.partition("accepted: ")[2]) == (1, "more stacks, such as 4\n")
    assert not (tmp_path / "shards.yaml").exists()
    assert spread_by_hand(tmp_path, "people", "4", "--fresh") == (
        0,
        (
            f"{tmp_path}/shards.yaml: people over 4 stacks; all are new; `access-people-1` is the largest, with about 324 resources, "
            "too many to deploy without a bootstrap bucket\n"
        ),
    )
    assert spread_by_hand(tmp_path, "people", "12", "--fresh")[0] == 0
    assert [each for each in read(tmp_path, today).findings if "quota for resources" in str(each)] == []


def test_live_and_fresh_exclude_each_other(tmp_path: Path) -> None:
    many(1, tmp_path)
    assert spread_by_hand(tmp_path, "people", "4", "--fresh", "--live")[0] == 2


@given(here=st.sets(names, max_size=10), newcomers=st.sets(names, max_size=10), stacks=st.integers(8, 20))
def test_deployed_users_stay_in_their_stack(here: set[str], newcomers: set[str], stacks: int) -> None:
    everybody = declared(here | newcomers, Shards())
    placed = {name: stack_name("people", jump(name, 7)) for name in here}
    shards = spread(everybody, "people", stacks, placed)
    full = max((jump(name, 7) + 1 for name in here), default=0)
    for name in everybody.users:
        number = shards.number("people", name)
        assert stack_name("people", number) == placed[name] if name in placed else number >= full


def test_refuses_fewer_stacks_and_edits_of_the_file(root: Path, tmp_path: Path) -> None:
    for file in (root / "access").glob("*.*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "metadata").mkdir()
    (tmp_path / "metadata" / "okta.xml").write_bytes((root / "access/metadata/okta.xml").read_bytes())
    assert spread_by_hand(tmp_path, "people", "4") == (
        0,
        (
            f"{tmp_path}/shards.yaml: people over 4 stacks; 5 stay, new ones go to the new stacks; "
            "`access-people` is the largest, with about 20 resources\n"
        ),
    )
    schema, _, rest = (tmp_path / "shards.yaml").read_text().partition("\n")
    assert schema == (root / "access/people.yaml").read_text().partition("\n")[0]
    assert rest.startswith("# Over how many stacks")
    code, expected = spread_by_hand(tmp_path, "people", "4")
    assert (code, expected) == (
        1,
        "STACKS: the number of stacks can only grow; found 4, and there are 4; accepted: more than 4\n",
    )
    (tmp_path / "shards.yaml").rename(tmp_path / "other.yaml")
    code, expected = spread_by_hand(tmp_path, "people", "8")
    assert code == 1
    assert expected.startswith(f"{tmp_path}/other.yaml:3:1: `shards:` is in another file")
