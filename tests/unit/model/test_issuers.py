"""Every entry of the registry of token issuers: the model, statements, guardrails, schema and docs follow from it.

A new entry in `registry.ISSUERS` is covered without a change here.
"""

from __future__ import annotations

import json
import pkgutil
import re
import subprocess
import sys
from datetime import date

import pytest

from keywright.model.checks.advice import MENTIONS
from keywright.model.people.users import PLACES
from keywright.model.reading import read
from keywright.model.schema import json_schema
from keywright.model.sheets.wording import trust_in_words
from keywright.model.trusts import issuers
from keywright.model.trusts.issuers.registry import ISSUERS, WITH_PROVIDER
from keywright.policy.principals import WEB_IDENTITY_PROVIDERS
from keywright.statements.declared.trusts import trust_statements
from tests.unit.guardrails.builders import findings, role

DECLARABLE = {each.key: each for each in ISSUERS if each.trust is not None}
RULES = ("TRU003", "TRU004", "TRU005", "TRU009")
SHARED = {"issuer", "registry"}

each_issuer = pytest.mark.parametrize("issuer", ISSUERS, ids=lambda each: each.key)
each_trust = pytest.mark.parametrize("issuer", DECLARABLE.values(), ids=DECLARABLE)


def declared(folder, issuer, trust):
    """Read a folder in which a role has this trust, and the issuer's provider is declared."""
    provider = {"oidc": issuer.key, **(issuer.provider_example or {})}
    (folder / "access.yaml").write_text(
        json.dumps(
            {
                "account": {"id": "111111111111", "region": "eu-central-1"},
                "identity_providers": {"ci": provider} if issuer.has_provider else {},
                "roles": {"ci": {"trusts": [trust]}},
            }
        )
    )
    return read(folder, date(2026, 11, 24))


def trusted(folder, issuer):
    """Return the trust in the example, and its statement as a template has it."""
    declarations = declared(folder, issuer, issuer.example).declarations
    (trust,) = declarations.roles["ci"].trusts
    (statement,) = trust_statements(trust, declarations)
    return trust, statement.to_json()


def claims(statement):
    """Return the claims that a statement compares, by name, each with its operator and value."""
    return {
        key.rpartition(":")[2]: (operator, value)
        for operator, keys in statement["Condition"].items()
        for key, value in keys.items()
    }


def without(statement, claim):
    kept = {
        operator: {key: value for key, value in keys.items() if not key.endswith(f":{claim}")}
        for operator, keys in statement["Condition"].items()
    }
    return {**statement, "Condition": {operator: keys for operator, keys in kept.items() if keys}}


def refused_by(folder, statement):
    return {rule for rule in RULES if findings(folder / rule, rule, {"R": role(statement)})}


# The entries


def test_every_module_is_registered():
    modules = {each.name for each in pkgutil.iter_modules(issuers.__path__)} - SHARED
    assert modules == {each.key for each in ISSUERS}


def test_names_and_addresses_are_distinct():
    for values in ([each.key for each in ISSUERS], [each.address for each in WITH_PROVIDER.values()]):
        assert len(values) == len(set(values))


@each_issuer
def test_recognizes_its_own_address(issuer):
    where = issuer.address or issuer.recognized_by
    assert next(each for each in ISSUERS if each.recognized_by in where) is issuer


def test_providers_share_a_key_only_with_the_same_form():
    forms = {}
    for issuer in ISSUERS:
        for key in issuer.provider_keys:
            assert forms.setdefault(key.name, key.form) == key.form


def test_the_registry_imports_no_pydantic():
    program = "import sys, keywright.model.trusts.issuers.registry; print('pydantic_core' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# The model


@each_trust
def test_the_model_accepts_the_example(issuer, tmp_path):
    assert not declared(tmp_path, issuer, issuer.example).findings


@each_trust
def test_the_model_refuses_a_wildcard_in_every_key(issuer, tmp_path):
    for key in issuer.example:
        assert declared(tmp_path, issuer, {**issuer.example, key: "*"}).findings, key


@each_trust
def test_the_model_refuses_a_trust_without_the_parts_of_its_subject(issuer, tmp_path):
    required = {key.name for key in issuer.trust.keys if key.required}
    needed = required | (set(issuer.selectors) if issuer.needs_selector else set())
    for key in needed & set(issuer.example):
        rest = {name: value for name, value in issuer.example.items() if name != key}
        assert declared(tmp_path, issuer, rest).findings, key


@pytest.mark.parametrize("issuer", WITH_PROVIDER.values(), ids=WITH_PROVIDER)
def test_a_trust_without_its_provider_is_refused_by_name(issuer, tmp_path):
    (tmp_path / "access.yaml").write_text(
        json.dumps(
            {
                "account": {"id": "111111111111", "region": "eu-central-1"},
                "roles": {"ci": {"trusts": [issuer.example]}},
            }
        )
    )
    (finding,) = read(tmp_path, date(2026, 11, 24)).findings
    assert f"no identity provider for {issuer.name} is declared" in str(finding)


@each_trust
def test_the_description_of_a_trust_names_the_issuer(issuer, tmp_path):
    trust, _ = trusted(tmp_path, issuer)
    assert issuer.name in trust_in_words(trust)


@each_trust
def test_the_schema_describes_every_key(issuer):
    properties = json_schema()["$defs"][issuer.trust.type_name]["properties"]
    assert list(properties) == [key.name for key in issuer.trust.keys]
    for key in issuer.trust.keys:
        assert properties[key.name]["description"].startswith(key.text)


@pytest.mark.parametrize("issuer", WITH_PROVIDER.values(), ids=WITH_PROVIDER)
def test_a_user_with_access_keys_gets_advice(issuer):
    assert issuer.key in PLACES
    assert re.search(MENTIONS[issuer.key], f"the job runs on {issuer.name}")


# The statement, and the guardrails


@each_trust
def test_the_statement_compares_audience_and_subject(issuer, tmp_path):
    _, statement = trusted(tmp_path, issuer)
    compared = claims(statement)
    assert {"aud", "sub"} <= compared.keys()
    assert compared["aud"][0] == "StringEquals"
    assert compared["sub"][0] == ("StringLike" if "*" in compared["sub"][1] else "StringEquals")


@each_trust
def test_the_guardrails_accept_the_statement(issuer, tmp_path):
    _, statement = trusted(tmp_path, issuer)
    assert refused_by(tmp_path, statement) == set()


@each_trust
def test_the_guardrails_refuse_the_statement_without_audience_or_subject(issuer, tmp_path):
    _, statement = trusted(tmp_path, issuer)
    audiences = without(without(statement, "aud"), "oaud")
    assert "TRU003" in refused_by(tmp_path / "audience", audiences)
    if issuer.recognized_by not in WEB_IDENTITY_PROVIDERS:
        assert "TRU004" in refused_by(tmp_path / "subject", without(statement, "sub"))


@pytest.mark.parametrize("issuer", [each for each in ISSUERS if each.one_project], ids=lambda each: each.key)
def test_the_guardrails_distinguish_one_project_from_several(issuer, tmp_path):
    host = issuer.address.removeprefix("https://") or f"{issuer.recognized_by}example/id/1"
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::111111111111:oidc-provider/{host}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
    }

    def like(subject):
        subjects = {"StringEquals": {f"{host}:aud": "x"}, "StringLike": {f"{host}:sub": subject}}
        return {**statement, "Condition": subjects}

    assert refused_by(tmp_path / "sample", like(issuer.sample_subject)) == set()
    assert "TRU005" in refused_by(tmp_path / "any", like(f"{issuer.subject_prefix}*"))
    (finding,) = findings(tmp_path / "advice", "TRU005", {"R": role(like(f"{issuer.subject_prefix}*"))})
    assert issuer.sample_subject in finding.accepted


# The docs


@each_trust
def test_the_how_to_has_a_row_for_it(issuer, root):
    page = (root / "docs/how-to/give-a-ci-pipeline-a-role.md").read_text()
    (row,) = [line for line in page.splitlines() if line.startswith(f"| {issuer.name} |")]
    assert f"`{{{issuer.key}: " in row
    if issuer.has_provider:
        assert f"`{{oidc: {issuer.key}" in row
