"""The packed registry: every type with the permissions of its handlers."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest

from keywright.deployer.handlers.refinements import added_handlers, types_without_registry_handlers
from keywright.deployer.handlers.registry import DATA, HANDLERS, resource_type, source, types_with_handlers
from keywright.deployer.handlers.registry_pack import pack

DAY = date(2026, 1, 2)


def schema(name, *, identifier=("/properties/Name",), read_only=(), **handlers):
    return {
        "typeName": name,
        "primaryIdentifier": list(identifier),
        "readOnlyProperties": list(read_only),
        "handlers": {handler: {"permissions": list(each)} for handler, each in handlers.items()},
    }


def folder_of(folder, *schemas):
    for number, each in enumerate(schemas):
        (folder / f"{number}.json").write_text(json.dumps(each))
    return folder


def test_knows_what_creating_a_role_calls_for():
    known = resource_type("AWS::IAM::Role")
    assert {"iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"} <= set(known.permissions["create"])
    assert known.named_by == "RoleName"


def test_a_type_that_aws_names_is_named_by_nothing():
    assert resource_type("AWS::KMS::Key").named_by == ""


@pytest.mark.parametrize("name", ["AWS::No::Such", "Custom::Mine", "AWS::IAM::AccessKey"])
def test_an_unlisted_type_is_unknown(name):
    assert resource_type(name) is None


def test_contains_every_type_of_the_registry():
    assert len(types_with_handlers()) > 1_400
    assert all(set(resource_type(each).permissions) & set(HANDLERS) for each in types_with_handlers())


def test_names_its_source():
    assert re.search(r"20\d\d-\d\d-\d\d$", source())
    assert DATA.stat().st_size < 100_000


def test_refinements_do_not_repeat_the_registry():
    assert all(resource_type(each) is None for each in types_without_registry_handlers())
    assert all(added_handlers(each) is not None for each in types_without_registry_handlers())


def test_packing_is_repeatable_and_keeps_facts_alone(tmp_path):
    folder = folder_of(
        tmp_path,
        {**schema("A::B::C", create=["b:Make"], delete=["b:End"]), "description": "words"},
        {"typeName": "A::B::Old"},
    )
    pack_statements = pack(folder, "somebody's copy", DAY)
    assert pack_statements == pack(folder, "somebody's copy", DAY)
    header = json.loads(pack_statements.partition(b"\n")[0])
    assert header == {"source": "somebody's copy", "date": "2026-01-02", "types": 1}


@pytest.mark.parametrize(
    "written",
    [pytest.param([], id="nothing"), pytest.param([{"description": "no type"}], id="no schema")],
)
def test_packing_refuses(tmp_path, written):
    with pytest.raises(ValueError, match="cannot pack"):
        pack(folder_of(tmp_path, *written), "x", DAY)
