"""A secret in declarations is one mistake that says so, and no output ever shows any part of its value."""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from typer.testing import CliRunner

from keywright.cli.main import app
from keywright.model.schema import json_schema
from keywright.model.source.secrets import is_secret
from tests.unit.model.folders import BASE, report_of

VALUE = "Xyzzy"
"""Part of every planted value, and of nothing else."""

PLACES = {
    "a person": "users:\n  alice:\n    KEY: VALUE\n    person: {email: alice@acme.example}\n",
    "inside of a person": "users:\n  alice:\n    person:\n      email: alice@acme.example\n      KEY: VALUE\n",
    "a switch": "users:\n  alice:\n    person: {email: alice@acme.example}\n    console:\n      KEY: VALUE\n",
    "tags": "users:\n  alice:\n    person: {email: alice@acme.example}\n    tags:\n      KEY: VALUE\n",
    "an application": (
        "users:\n  scanner:\n    application:\n      KEY: VALUE\n      because: it cannot assume a role\n"
        "      review: 2027-05-01\n"
    ),
    "a key of an application": (
        "users:\n  scanner:\n    application: {because: it cannot assume a role, review: 2027-05-01}\n"
        "    access_keys:\n      - serial: 1\n        issued: 2026-11-01\n        KEY: VALUE\n"
    ),
    "a provider": "identity_providers:\n  shop:\n    oidc: https://shop.example\n    KEY: VALUE\n",
    "a trust": "roles:\n  shop:\n    trusts:\n      - group: analysts\n        KEY: VALUE\n",
    "an invariant": 'never:\n  - who: everyone\n    can: "s3:GetObject"\n    on: bucket/reports\n    KEY: VALUE\n',
    "the top": "KEY: VALUE\n",
}
KEYS = (
    "password",
    "Password",
    "initial_password",
    '"login password"',
    "passwd",
    "secret",
    "client_secret",
    "token",
    "access_key",
    "secret_access_key",
    "aws_access_key_id",
    "api-key",
    "private_key",
    "credentials",
)
VALUES = {
    "a text": VALUE,
    "a quoted text": f'"{VALUE}: x"',
    "a text over several lines": f'"{VALUE}\n          more {VALUE}"',
    "a block": f"|\n          {VALUE}\n          more {VALUE}",
    "a list": f"[{VALUE}, {{{VALUE}: {VALUE}}}]",
    "a mapping": f"{{{VALUE}: {VALUE}, {VALUE}2: [{VALUE}]}}",
    "a tag": f"!{VALUE} {VALUE}",
    "a tag on a mapping": f"!{VALUE} {{{VALUE}: {VALUE}}}",
    "an anchor": f"&{VALUE} {VALUE}",
    "an alias": f"*{VALUE}",
    "a name twice": f"{{{VALUE}: 1, {VALUE}: 2}}",
    "nothing": "",
}


def planted(place: str, key: str, value: str) -> str:
    return PLACES[place].replace("KEY", key).replace("VALUE", value)


def outputs(text: str) -> str:
    """Give everything that the command writes about a file, in all its formats."""
    with TemporaryDirectory() as name:
        Path(name, "base.yaml").write_text(BASE)
        Path(name, "case.yaml").write_text(text)
        runs = [
            CliRunner().invoke(app, ["validate", name, "--format", form, *strict])
            for form in ("text", "json")
            for strict in ([], ["--strict"])
        ]
    return "".join(run.output + repr(run.exception) for run in runs)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("value", [each for each in VALUES if each != "a name twice"])
def test_a_secret_is_one_mistake_at_its_key(place: str, value: str) -> None:
    text = planted(place, "password", VALUES[value])
    (found,) = report_of(text)
    line = next(number for number, each in enumerate(text.splitlines(), 1) if "password" in each)
    assert (found.location.line, found.message) == (line, "a password is never written in declarations")
    assert found.accepted == (
        "no `password`: passwords are created in the account; change this one now if it is real"
    )


@pytest.mark.parametrize("key", KEYS)
def test_every_usual_key_of_a_secret_is_known(key: str) -> None:
    (found,) = report_of(planted("a person", key, VALUE))
    assert "never written in declarations" in found.message


@given(st.sampled_from(sorted(PLACES)), st.sampled_from(KEYS), st.sampled_from(sorted(VALUES)))
@example("a person", "password", "a quoted text")
def test_no_output_shows_the_value(place: str, key: str, value: str) -> None:
    assert VALUE not in outputs(planted(place, key, VALUES[value]))


BREAKS = st.sampled_from(
    [":", " : ", '"', "'", "[", "]", "{", "}", "\n", "\n  ", "\t", "&a ", "%", "@", "|", "- ", "!"]
)


@given(st.sampled_from(sorted(PLACES)), st.sampled_from(sorted(VALUES)), BREAKS, st.data())
def test_no_output_shows_the_value_where_the_syntax_is_wrong(
    place: str, value: str, broken: str, data: st.DataObject
) -> None:
    text = planted(place, "password", VALUES[value])
    # The value is still whole, and so is its key; everything else may be broken.
    after = text.index("password") + len("password: ")
    inside = [each.start() for each in re.finditer(VALUE, text)]
    spots = [
        each for each in range(after, len(text) + 1) if not any(at < each < at + len(VALUE) for at in inside)
    ]
    at = data.draw(st.sampled_from(spots or [len(text)]))
    assert VALUE not in outputs(text[:at] + broken + text[at:])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"users:\n  alice:\n    password {VALUE}\n", id="no colon"),
        pytest.param(f"users:\n  alice:\n    password={VALUE}: x\n", id="an equals sign"),
        pytest.param(
            f"users:\n  alice:\n    person: {{email: a@acme.example, password={VALUE}}}\n", id="in braces"
        ),
        pytest.param(f"password {VALUE}\n", id="nothing else"),
        pytest.param(f"users:\n  alice: {{password: {VALUE}\n", id="a brace that is not closed"),
        pytest.param(f"users:\n  alice:\n    cli: {{session_token: {VALUE}}}\n", id="in place of a reason"),
        pytest.param(f"users:\n  alice:\n    access_keys: {VALUE}\n", id="in place of a list"),
        pytest.param(f"users:\n  alice:\n    access_keys: [{VALUE}]\n", id="in a list of keys"),
    ],
)
def test_malformed_secrets_are_not_shown_either(text: str) -> None:
    assert VALUE not in outputs(text)


@pytest.mark.parametrize("section", ["users", "groups", "buckets", "workloads"])
def test_a_declared_thing_may_be_called_like_a_secret(section: str) -> None:
    things = {
        "users": "{person: {email: a@acme.example}}",
        "groups": "{}",
        "buckets": "{}",
        "workloads": "{ec2: {launch: none}}",
    }
    assert report_of(f"{section}:\n  token: {things[section]}\n") == []


def keys_in(schema: object) -> set[str]:
    if isinstance(schema, list):
        return {key for each in schema for key in keys_in(each)}
    if not isinstance(schema, dict):
        return set()
    own = set(schema["properties"]) if isinstance(schema.get("properties"), dict) else set()
    return own | {key for each in schema.values() for key in keys_in(each)}


def test_no_key_of_the_declarations_is_taken_for_a_secret() -> None:
    assert [key for key in keys_in(json.loads(json.dumps(json_schema()))) if is_secret(key)] == []
