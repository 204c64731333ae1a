"""Lines of a batch: invalid input is reported with its column, and the rest is read."""

import json

import pytest

from keywright.policy.statement import Kind
from keywright.reasoning.evaluation.batch import CaseReader
from tests.unit.reasoning.policies import ROLE, USER, statement

GOOD = {"id": "1", "principal": USER, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k"}
POLICY = {"Version": "2012-10-17", "Statement": [statement("Allow")]}


def read(case, number=1):
    return CaseReader().read(case if isinstance(case, str) else json.dumps(case), "cases.jsonl", number)


def said(case):
    return [str(finding) for finding in read(case).findings]


def without(name):
    return {key: value for key, value in GOOD.items() if key != name}


def test_missing_and_null_fields_do_not_apply():
    parts = [
        "identity_policies",
        "resource_policy",
        "permissions_boundary",
        "session_policies",
        "service_control_policies",
        "resource_control_policies",
        "resource_account",
        "context",
    ]
    assert read(GOOD | dict.fromkeys(parts)) == read(GOOD)
    assert read(GOOD | {"something": "else"}) == read(GOOD)


def test_a_number_of_any_size_is_read():
    text = json.dumps(GOOD | {"context": {"a:b": 0}})
    found = read(text.replace(": 0}", f": {'9' * 4_000}}}"))
    assert found.request.given.values["a:b"] == ("9" * 4_000,)


def test_null_among_policies_does_not_apply():
    several = {"identity_policies": [None, POLICY], "service_control_policies": [None, [POLICY, None]]}
    found = read(GOOD | several).policies
    assert (len(found.identity), [len(level) for level in found.service_control]) == (1, [1])


def test_a_case_without_resource_is_about_none():
    assert read(without("resource")).request.resource == "*"


def test_every_part_is_read():
    found = read(
        GOOD
        | {
            "identity_policies": [POLICY, POLICY],
            "resource_policy": {"Statement": statement("Allow", Principal="*")},
            "permissions_boundary": POLICY,
            "session_policies": [POLICY],
            "service_control_policies": [[POLICY], [POLICY, POLICY]],
            "resource_control_policies": [[{"Statement": statement("Allow", Principal="*")}]],
            "resource_account": "222222222222",
            "context": {"aws:SecureTransport": True, "aws:TagKeys": ["a", "b"], "n": 5, "none": None},
        }
    )
    assert found.findings == found.warnings == ()
    assert len(found.policies.identity) == 2
    assert [len(level) for level in found.policies.service_control] == [1, 2]
    assert found.policies.resource.kind is found.policies.resource_control[0][0].kind is Kind.RESOURCE
    assert found.request.owner == "222222222222"
    assert found.request.given.values == {
        "aws:securetransport": ("true",),
        "aws:tagkeys": ("a", "b"),
        "n": ("5",),
    }


def test_a_roles_policy_is_its_trust_policy():
    trust = {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}}
    found = read(GOOD | {"action": "sts:AssumeRole", "resource": ROLE, "resource_policy": trust})
    assert found.policies.resource.kind is Kind.TRUST


@pytest.mark.parametrize(
    ("case", "message"),
    [
        pytest.param(
            "{", "the text is not JSON: expecting property name enclosed in double quotes", id="broken"
        ),
        pytest.param("[]", "the case is not an object; found `a list`; accepted: an object", id="a list"),
        pytest.param(without("action"), "the case has no `action`; accepted: `service:Name`", id="no action"),
        pytest.param(
            GOOD | {"action": "GetObject"}, "`/action` is not an action; found `GetObject`", id="no service"
        ),
        pytest.param(GOOD | {"action": ""}, "`/action` is not valid; found ``", id="empty action"),
        pytest.param(
            GOOD | {"resource": ["*"]}, "`/resource` is not valid; found `a list`", id="two resources"
        ),
        pytest.param(
            without("principal"), "the case has no `principal`; accepted: an ARN", id="no principal"
        ),
        pytest.param(
            GOOD | {"resource": "x" * 9_000}, "`/resource` is not valid; found `xxx", id="endless resource"
        ),
        pytest.param(
            GOOD | {"resource_account": 5},
            "`/resource_account` is not an account ID; found `5`",
            id="account",
        ),
        pytest.param(GOOD | {"context": []}, "`/context` is not a context; found `a list`", id="context"),
        pytest.param(
            GOOD | {"context": {"a/b": {}}},
            "`/context/a~1b` cannot be compared; found `an object`",
            id="value",
        ),
        pytest.param(
            GOOD | {"context": {"a": ["x" * 70_000]}}, "`/context/a` cannot be compared", id="endless value"
        ),
        pytest.param(
            GOOD | {"context": {"a": 1, "A": 2}}, "`/context` names a key twice", id="key in two cases"
        ),
        pytest.param(
            GOOD | {"identity_policies": POLICY}, "`/identity_policies` is not a list", id="no list"
        ),
        pytest.param(
            GOOD | {"identity_policies": ["x"]},
            "the policy is not a JSON object; found `x`",
            id="no document",
        ),
        pytest.param(
            GOOD | {"service_control_policies": [POLICY]},
            "`/service_control_policies/0` is not a list of policies; found `an object`; accepted: a list of documents",
            id="no levels",
        ),
        pytest.param(
            GOOD | {"permissions_boundary": {"Statement": statement("Perhaps")}},
            "`/Statement/Effect` is neither `Allow` nor `Deny`; found `Perhaps`",
            id="unclear policy",
        ),
    ],
)
def test_reports_what_is_not_valid(case, message):
    assert len(said(case)) == 1
    assert message in said(case)[0]
    assert said(case)[0].startswith("cases.jsonl:1:")
    assert read(case).request is None


def test_the_column_is_right():
    case = GOOD | {"identity_policies": [POLICY, {"Statement": [statement("Allow"), statement("Alow")]}]}
    text = json.dumps(case)
    (finding,) = read(text, 12).findings
    assert (finding.location.line, finding.location.column) == (12, text.index('"Alow"') + 1)


def test_a_duplicate_key_is_reported_and_its_case_not_used():
    text = json.dumps(GOOD)[:-1] + ', "id": "2"}'
    (finding,) = read(text).findings
    assert finding.message == "the key `id` is repeated in one object"
    assert finding.location.column == text.index('"2"') + 1


def test_a_clear_policy_that_aws_rejects_is_warned_about_once():
    reader = CaseReader()
    case = json.dumps(GOOD | {"identity_policies": [{"Statement": statement("Allow", Sid="a-b")}]})
    first, second = reader.read(case, "f", 1), reader.read(case, "f", 2)
    assert [str(each) for each in first.warnings] == [
        "f:1:217: `/Statement/Sid` has characters other than letters and digits; found `a-b`; accepted: `A-Z a-z 0-9`"
    ]
    assert first.warnings[0].severity == "warning"
    assert second.warnings == ()
    assert first.request is not None


def test_a_document_is_read_once_for_each_content_and_kind():
    reader = CaseReader()
    case = GOOD | {"identity_policies": [POLICY], "session_policies": [POLICY]}
    first = reader.read(json.dumps(case), "f", 1)
    second = reader.read(json.dumps(case, indent=1).replace("\n", ""), "f", 2)
    assert first.policies.identity[0] is second.policies.identity[0] is second.policies.session[0]
    shared = reader.read(json.dumps(GOOD | {"resource_policy": POLICY}), "f", 3)
    assert shared.findings
