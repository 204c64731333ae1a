from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from keywright.model.schema import json_schema
from keywright.model.source.yaml_text import parse
from keywright.model.source.yaml_tree import plain

ROOT = Path(__file__).parents[3]
SCHEMA = json_schema()


def as_json(data):
    if isinstance(data, dict):
        return {key: as_json(value) for key, value in data.items()}
    return [as_json(each) for each in data] if isinstance(data, tuple) else data


def complaints(text):
    document = parse(text, "f.yaml")
    assert document.findings == []
    return [
        error.message for error in Draft202012Validator(SCHEMA).iter_errors(as_json(plain(document.root)))
    ]


def test_it_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("file", sorted((ROOT / "access").glob("*.yaml")), ids=lambda file: file.name)
def test_it_accepts_each_file_of_the_sample(file):
    assert complaints(file.read_text()) == []


@pytest.mark.parametrize("file", sorted((ROOT / "access").glob("*.yaml")), ids=lambda file: file.name)
def test_each_file_of_the_sample_names_it_for_editors(file):
    first = file.read_text().partition("\n")[0]
    where = first.removeprefix("# yaml-language-server: $schema=")
    assert (file.parent / where).resolve() == ROOT / "docs/access.schema.json"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("usres: {}", id="an unknown section"),
        pytest.param("users: {alice: {persn: {}}}", id="an unknown key"),
        pytest.param("users: {alice: {person: {}}}", id="a missing key"),
        pytest.param("users: {alice: {console: yes}}", id="text for a truth"),
        pytest.param("users: {'a b': {existing: true}}", id="a name that IAM refuses"),
        pytest.param("account: {id: 111111111111, region: eu-central-1}", id="a number for an account"),
        pytest.param("groups: {readers: {grants: [{bucket: reports}]}}", id="a grant of no kind"),
        pytest.param("roles: {guest: {trusts: [{grup: readers}]}}", id="a trust of no kind"),
        pytest.param(
            "never: [{who: everyone, can: 's3:*', on: '*', excepting: []}]",
            id="the key of Python for `except`",
        ),
        pytest.param("{}", id="nothing"),
    ],
)
def test_it_refuses(text):
    assert complaints(text) != []


def properties():
    for name, definition in {**SCHEMA["$defs"], "the file": SCHEMA}.items():
        for key, written in definition.get("properties", {}).items():
            yield pytest.param(written, id=f"{name}.{key}")


@pytest.mark.parametrize("written", list(properties()))
def test_every_key_is_described(written):
    assert written["description"].endswith(".")
    assert written["description"][0].isupper() or written["description"][0] == "`"


def test_it_has_nothing_that_an_author_does_not_need():
    text = str(SCHEMA)
    assert "'type': 'null'" not in text
    assert "'default': None" not in text
    assert "excepting" not in text
