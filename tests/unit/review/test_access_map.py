"""The access map, cell by cell: letters, rows, and marks of a review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from keywright.assembly.templates.reader import read_assembly
from keywright.review.comparison.snapshot import Snapshot
from keywright.review.map.access_map import MOST_RESOURCES, MOST_SERVICES, AccessMap, access_map
from keywright.review.map.levels import Certainty, Levels
from keywright.review.map.marks import columns_of, mark
from keywright.review.review import review
from tests.unit.review.templates import (
    HERE,
    MFA,
    OBJECTS,
    TODAY,
    allow,
    bucket_policy,
    deny,
    given,
    group,
    managed,
    role,
    to,
    trust,
    user,
    web_identity,
    write,
)

if TYPE_CHECKING:
    from pathlib import Path

MONTHLY = "arn:aws:s3:::acme-reports/monthly/*"
BUCKET = "arn:aws:s3:::acme-reports"
READ = allow("s3:GetObject", OBJECTS)


def drawn(folder: Path, **resources: Any) -> AccessMap:
    return access_map(Snapshot(read_assembly(write(folder / "t.json", resources))))


def shown(levels: Levels) -> str:
    letters = {Certainty.NONE: "", Certainty.UNSURE: "?"}
    return "".join(
        letters.get(certainty, letter.lower() if certainty is Certainty.LIMITED else letter)
        for letter, certainty in zip("LRTWP", levels, strict=True)
    )


def row(found: AccessMap, name: str) -> dict[str, str]:
    columns = list(found.columns.all)
    of = next(each for each in found.rows.values() if each.name == name)
    return {
        f"{columns[number].service} {columns[number].label}": shown(levels)
        for number, levels in found.cells(of).items()
    }


CASES = {
    "a level": ([READ], {"s3 acme-reports/*": "R"}),
    "a condition": ([READ | {"Condition": MFA}], {"s3 acme-reports/*": "r"}),
    "several levels": ([allow(["s3:GetObject", "s3:PutObject"], OBJECTS)], {"s3 acme-reports/*": "RW"}),
    "each action where it is about the resource": (
        [allow(["s3:GetObject", "s3:ListBucket"], [BUCKET, OBJECTS])],
        {"s3 acme-reports": "L", "s3 acme-reports/*": "R"},
    ),
    "an action about none of its resources, all the same": (
        [allow("s3:ListBucket", OBJECTS)],
        {"s3 acme-reports/*": "L"},
    ),
    "an action nobody knows, as write": ([allow("s3:BrandNew", OBJECTS)], {"s3 acme-reports/*": "W"}),
    "a service nobody knows": ([allow("made:Up", "arn:aws:made:::it")], {"made it": "W"}),
    "within a wider pattern": (
        [READ, allow("s3:PutObject", MONTHLY)],
        {"s3 acme-reports/*": "R", "s3 acme-reports/monthly/*": "RW"},
    ),
    "within everything": (
        [allow("s3:GetObject"), allow("s3:PutObject", MONTHLY)],
        {"s3 *": "R", "s3 acme-reports/monthly/*": "RW"},
    ),
    "not within another service": (
        [allow("sqs:SendMessage"), READ],
        {"sqs *": "W", "s3 acme-reports/*": "R"},
    ),
    "denied": ([READ, deny("s3:*", OBJECTS)], {}),
    "denied elsewhere": ([READ, deny("s3:*", "arn:aws:s3:::other/*")], {"s3 acme-reports/*": "R"}),
    "denied on conditions": ([READ, deny("s3:*", Condition=MFA)], {"s3 acme-reports/*": "r"}),
    "denied in part": ([READ, deny("s3:*", MONTHLY)], {"s3 acme-reports/*": "r"}),
    "denied but for some": (
        [READ, {"Effect": "Deny", "NotAction": "s3:Get*", "Resource": "*"}],
        {"s3 acme-reports/*": "R"},
    ),
    "all but some resources": (
        [{"Effect": "Allow", "Action": "s3:GetObject", "NotResource": MONTHLY}, READ],
        {"s3 *": "r", "s3 acme-reports/*": "R"},
    ),
    "sts on a role": (
        [allow("sts:AssumeRole", "arn:aws:iam::111111111111:role/operate")],
        {"iam role/operate": "W"},
    ),
    "many services at once": (
        [allow([f"made{number}:Up" for number in range(MOST_SERVICES + 1)])],
        {" *": "W"},
    ),
    "many resources, as a part of the service": (
        [allow("s3:GetObject", [f"arn:aws:s3:::b{n}/*" for n in range(MOST_RESOURCES + 1)])],
        {"s3 *": "r"},
    ),
}


@pytest.mark.parametrize(
    ("statements", "cells"), [pytest.param(*each, id=what) for what, each in CASES.items()]
)
def test_a_cell_shows(statements: list[Any], cells: dict[str, str], tmp_path: Path) -> None:
    assert row(drawn(tmp_path, Alice=user(*statements)), "user/alice") == cells


BOUNDARIES = {
    "lets it through": ([allow("s3:*")], {"s3 acme-reports/*": "R"}),
    "lets something else through": ([allow("sqs:*")], {}),
    "lets a part through": ([allow("s3:*", MONTHLY)], {"s3 acme-reports/*": "r"}),
    "lets it through on conditions": ([allow("s3:*", Condition=MFA)], {"s3 acme-reports/*": "r"}),
    "denies it": ([allow("*"), deny("s3:GetObject")], {}),
}


@pytest.mark.parametrize(
    ("statements", "cells"), [pytest.param(*each, id=what) for what, each in BOUNDARIES.items()]
)
def test_a_boundary(statements: list[Any], cells: dict[str, str], tmp_path: Path) -> None:
    found = drawn(
        tmp_path,
        Alice=user(READ, PermissionsBoundary={"Ref": "Edge"}),
        Edge=managed(*statements, name="edge"),
    )
    assert row(found, "user/alice") == cells


def test_an_unknown_boundary_is_a_doubt(tmp_path: Path) -> None:
    found = drawn(tmp_path, Alice=user(READ, PermissionsBoundary="arn:aws:iam::111111111111:policy/edge"))
    assert row(found, "user/alice") == {"s3 acme-reports/*": "?"}
    assert [each.name for each in found.unsure] == ["user/alice"]


def test_an_unknown_policy_is_a_doubt(tmp_path: Path) -> None:
    found = drawn(
        tmp_path,
        Alice=user(ManagedPolicyArns=["arn:aws:iam::111111111111:policy/else"]),
        Bob=user(READ, name="bob"),
    )
    assert [each.name for each in found.unsure] == ["user/alice"]


def test_a_groups_access_is_its_members(tmp_path: Path) -> None:
    found = drawn(
        tmp_path, Analysts=group(READ), Alice=user(deny("s3:*", MONTHLY), Groups=[{"Ref": "Analysts"}])
    )
    assert row(found, "group/analysts") == {"s3 acme-reports/*": "R"}
    assert row(found, "user/alice") == {"s3 acme-reports/*": "r"}


def test_a_principal_declared_twice_has_two_rows(tmp_path: Path) -> None:
    found = drawn(tmp_path, Alice=user(READ), Again=user(allow("s3:PutObject", OBJECTS)))
    assert [each.name for each in found.rows.values()] == ["user/alice", "user/alice"]


def test_principals_with_the_same_statement_share_its_shape(tmp_path: Path) -> None:
    members = {f"User{n}": user(name=f"u{n}", Groups=[{"Ref": "Analysts"}]) for n in range(9)}
    found = drawn(tmp_path, Analysts=group(READ), **members)
    assert len(found.shapes) == 1


EXTERNAL = {
    "the public": ("*", "anyone"),
    "an account": ({"AWS": "222222222222"}, "account 222222222222"),
    "an account's root": ({"AWS": "arn:aws:iam::222222222222:root"}, "account 222222222222"),
    "a service": ({"Service": "logging.s3.amazonaws.com"}, "service logging.s3.amazonaws.com"),
    "a role elsewhere": (
        {"AWS": "arn:aws:iam::222222222222:role/x"},
        "arn:aws:iam::222222222222:role/x",
    ),
}


@pytest.mark.parametrize(
    ("principal", "name"), [pytest.param(*each, id=what) for what, each in EXTERNAL.items()]
)
def test_a_principal_of_a_resource_based_policy_has_a_row(principal: Any, name: str, tmp_path: Path) -> None:
    assert row(drawn(tmp_path, Policy=bucket_policy(to(principal))), name) == {"s3 acme-reports/*": "R"}


def test_a_principal_of_a_trust_policy_has_a_row(tmp_path: Path) -> None:
    found = drawn(tmp_path, Worker=role(web_identity(StringEquals={"x:sub": "y"})))
    assert row(found, "federated by oidc-provider/token.actions.githubusercontent.com") == {
        "iam role/worker": "w"
    }


def test_a_principal_named_by_a_resource_keeps_its_row(tmp_path: Path) -> None:
    alice = {"AWS": {"Fn::GetAtt": ["Alice", "Arn"]}}
    found = drawn(tmp_path, Alice=user(allow("s3:PutObject", OBJECTS)), Policy=bucket_policy(to(alice)))
    assert row(found, "user/alice") == {"s3 acme-reports/*": "RW"}


def marks(folder: Path, base: dict[str, Any], head: dict[str, Any]) -> dict[tuple[str, str], str]:
    one, other = (given(write(folder / name / "t.json", each)) for name, each in (("b", base), ("h", head)))
    found = review(one, other, TODAY)
    was, now = (Snapshot(each.assembly, each.root) for each in (one, other))
    marked = access_map(now, columns_of(found))
    mark(marked, found, was.identities, access_map(was, marked.columns.all))
    columns = list(marked.columns.all)
    return {
        (each.name, columns[number].label): " ".join(
            [*(f"+{level}" for level in sorted(one.gained)), *(f"-{level}" for level in sorted(one.lost))]
        )
        for each in marked.rows.values()
        for number, one in each.marks.items()
    }


def test_steps_are_marked_where_they_are(tmp_path: Path) -> None:
    base = {"Alice": user(READ), "Policy": bucket_policy(to({"AWS": "222222222222"}))}
    head = {"Alice": user(allow("s3:PutObject", MONTHLY)), "Policy": bucket_policy(to("*"))}
    assert marks(tmp_path, base, head) == {
        ("user/alice", "acme-reports/monthly/*"): "+write -read",
        ("user/alice", "acme-reports/*"): "-read",
        ("anyone", "acme-reports/*"): "+read",
        ("anyone", "acme-reports/monthly/*"): "+read",
    }


def test_what_lies_within_a_step_is_marked_where_it_is_new(tmp_path: Path) -> None:
    own = allow("s3:GetObject", MONTHLY)
    base = {"Alice": user(own), "Bob": user(allow("s3:PutObject", MONTHLY), name="bob")}
    head = base | {"Alice": user(own, allow(["s3:GetObject", "s3:PutObject"], OBJECTS))}
    assert marks(tmp_path, base, head) == {
        ("user/alice", "acme-reports/*"): "+read +write",
        ("user/alice", "acme-reports/monthly/*"): "+write",
    }
    assert marks(tmp_path / "back", head, base) == {
        ("user/alice", "acme-reports/*"): "-read -write",
        ("user/alice", "acme-reports/monthly/*"): "-write",
    }


def test_a_groups_step_is_marked_at_its_members(tmp_path: Path) -> None:
    alice = user(Groups=[{"Ref": "Analysts"}])
    base, head = ({"Alice": alice, "Analysts": group(*each)} for each in ([], [READ]))
    assert marks(tmp_path, base, head) == {
        ("group/analysts", "acme-reports/*"): "+read",
        ("user/alice", "acme-reports/*"): "+read",
    }


def test_a_removed_principal_has_a_row_of_losses(tmp_path: Path) -> None:
    assert marks(tmp_path, {"Alice": user(READ)}, {}) == {("user/alice", "acme-reports/*"): "-read"}


def test_a_widened_trust_policy_is_marked_in_the_rows_of_its_principals(tmp_path: Path) -> None:
    base, head = (
        {"Worker": role(trust({"AWS": HERE} | each))} for each in ({}, {"Service": "ec2.amazonaws.com"})
    )
    assert marks(tmp_path, base, head)[("service ec2.amazonaws.com", "role/worker")] == "+write"
