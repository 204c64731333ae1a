"""The files of a new repository fit each other, this repository's pins, and any value."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from keywright.model.reading import read
from keywright.model.source.yaml_text import parse
from keywright.model.source.yaml_writing import scalar
from keywright.starter.files import REPOSITORY, files, paths
from keywright.starter.values import Values

TODAY = date(2026, 11, 24)
EXAMPLE = re.compile(r"^( *)#(?=\S|  )", re.MULTILINE)
"""A line of an example that is not in force; explanations have one space after the `#`."""
PINNED = re.compile(r"^([\w.-]+)==(\S+)((?: ; [^\\\n]+)?) \\\n((?: +--hash=\S+(?: \\)?\n)+)", re.MULTILINE)


def values(**changed):
    given_values = {
        "account": "111111111111",
        "region": "eu-central-1",
        "name": "alice",
        "email": "alice@acme.example",
        "alias": "acme",
        "today": TODAY,
        "requirement": "keywright==0.1.0",
    }
    return Values(**given_values | changed)


def write(folder, content, *, locked=True):
    for path, text in content.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text)
    return read(folder / "access", TODAY, locked=locked)


def pins(file):
    return {name: (version, hashes) for name, version, _, hashes in PINNED.findall(file.read_text() + "\n")}


def test_declares_one_administrator_without_a_remark(tmp_path):
    reading = write(tmp_path, files(values()))
    assert reading.findings == []
    assert list(reading.declarations.users) == ["alice"]
    assert reading.declarations.account.break_glass_role == "role/break-glass"


def test_every_example_works(tmp_path):
    written = {
        path: EXAMPLE.sub(r"\1", text.decode()).encode() if path.startswith("access/") else text
        for path, text in files(values()).items()
    }
    reading = write(tmp_path, written, locked=False)
    assert reading.findings == []
    declared = reading.declarations
    assert declared.groups.keys() == {"administrators", "analysts"}
    assert declared.users.keys() == {"alice", "bob", "scanner"}
    assert declared.roles.keys() == {"break-glass", "publish", "auditor"}
    assert len(declared.never) == 2
    assert all([declared.buckets, declared.workloads, declared.identity_providers, declared.account.alias])


@pytest.mark.parametrize(
    "name", ["no", "012345678901", "1e3", "null", "~a".replace("~", "-"), "a=b+c", "x" * 64]
)
@pytest.mark.parametrize(
    "email", ["o'neil@acme.example", '"a"#b@ä.example', "{x}@[y].example", "\\n@a.b", "__NAME__@a.b"]
)
def test_values_are_read_as_they_were_given(tmp_path, name, email):
    declared = write(tmp_path, files(values(name=name, email=email, account="012345678901"))).declarations
    assert declared.account.id == "012345678901"
    assert {user: each.person.email for user, each in declared.users.items()} == {name: email}


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1))
def test_any_text_stays_itself_in_yaml(text):
    written = f"{scalar(text)}: {scalar(text)}\n"
    document = parse(written, "a.yaml")
    assert document.findings == []
    assert [document.root.values[text].value] == [text]
    assert YAML(typ="safe").load(written) == {text: text}


def test_no_placeholder_is_left():
    left = {path: re.findall(r"__[A-Z_]+__", text.decode()) for path, text in files(values()).items()}
    assert {path: found for path, found in left.items() if found} == {}


def test_every_file_of_declarations_names_the_schema():
    schema = [path for path in paths() if path.startswith("access/")]
    for path in schema:
        assert (
            (REPOSITORY / path)
            .read_text()
            .startswith("# yaml-language-server: $schema=../access.schema.json\n")
        )
    assert schema


def test_the_schema_is_that_of_the_documentation(root):
    assert files(values())["access.schema.json"] == (root / "docs/access.schema.json").read_bytes()


def test_python_packages_are_pinned_as_here(root):
    installed = pins(REPOSITORY / "requirements.txt")
    assert installed.keys() > {"aws-cdk-lib", "ministack", "pydantic", "pytest"}
    assert installed.items() <= pins(root / "requirements.txt").items(), "run `make lock`"


def test_the_cdk_command_line_is_pinned_as_here(root):
    ours, theirs = (json.loads((each / "package-lock.json").read_text()) for each in (root, REPOSITORY))
    assert theirs["packages"]["node_modules/aws-cdk"] == ours["packages"]["node_modules/aws-cdk"]
    asked = json.loads((REPOSITORY / "package.json").read_text())["devDependencies"]
    assert theirs["packages"][""]["devDependencies"] == asked
    assert asked["aws-cdk"] == ours["packages"]["node_modules/aws-cdk"]["version"]


def test_the_app_runs_as_here(root):
    ours, theirs = (json.loads((each / "cdk.json").read_text()) for each in (root, REPOSITORY))
    assert (theirs["app"], theirs["context"]) == (ours["app"], ours["context"])
    assert (REPOSITORY / ".npmrc").read_text() == (root / ".npmrc").read_text()
