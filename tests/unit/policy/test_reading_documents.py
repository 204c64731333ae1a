"""Reading policy documents: what AWS would reject is a finding with its location; unknown elements are kept.

Source: "Grammar of the IAM JSON policy language", "IAM JSON policy elements reference".
"""

import json
import time

import pytest

from keywright.policy.parsing.documents import parse_document, read_document
from keywright.policy.statement import Effect, Kind
from keywright.reporting.finding import Location

GOOD = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}


def document(*statements, version="2012-10-17"):
    return {"Version": version, "Statement": list(statements)}


def said(value, kind=Kind.IDENTITY):
    """Give what is said of a document, without the file."""
    return [
        str(finding).removeprefix("p.json: ")
        for finding in parse_document(value, file="p.json", kind=kind)[1]
    ]


def without(statement, element):
    return {name: value for name, value in statement.items() if name != element}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param(5, "the policy is not a JSON object; found `5`; accepted: an object", id="number"),
        pytest.param(
            {"Version": "2012-10-17"},
            "the document has no statements; accepted: an object or a list of objects",
            id="no statements",
        ),
        pytest.param(document(), "`/Statement` is empty; accepted: at least one statement", id="empty list"),
        pytest.param(
            document(GOOD, version="2012-10-18"),
            "`/Version` is not a version of the policy language; found `2012-10-18`; accepted: `2012-10-17`, `2008-10-17`",
            id="unknown version",
        ),
        pytest.param(
            document("x"),
            "`/Statement/0` is not a statement; found `x`; accepted: an object",
            id="text for statement",
        ),
        pytest.param(
            document(GOOD | {"Effect": "allow"}),
            "`/Statement/0/Effect` is neither `Allow` nor `Deny`; found `allow`; accepted: `Allow`, `Deny`",
            id="effect in lower case",
        ),
        pytest.param(
            document(without(GOOD, "Effect")),
            "`/Statement/0` has no `Effect`; accepted: `Allow`, `Deny`",
            id="no effect",
        ),
        pytest.param(
            document(without(GOOD, "Action")),
            "`/Statement/0` needs one of `Action` and `NotAction`; found neither; accepted: `Action`, `NotAction`",
            id="no action",
        ),
        pytest.param(
            document(GOOD | {"NotResource": "*"}),
            "`/Statement/0` needs one of `Resource` and `NotResource`; found both; accepted: `Resource`, `NotResource`",
            id="resource twice",
        ),
        pytest.param(
            document(GOOD | {"Action": []}),
            "`/Statement/0/Action` names nothing; found an empty list; accepted: a string or a list of strings",
            id="no actions",
        ),
        pytest.param(
            document(GOOD | {"Action": ["s3:Get*", 1]}),
            "`/Statement/0/Action/1` is not a string; found `1`; accepted: a string",
            id="number for action",
        ),
        pytest.param(
            document(GOOD | {"Action": "GetObject"}),
            "`/Statement/0/Action` is not an action; found `GetObject`; accepted: `service:Name`, with `*` and `?` for"
            " parts of the name, or `*`",
            id="action without service",
        ),
        pytest.param(
            document(GOOD | {"Resource": ["*", "reports"]}),
            "`/Statement/0/Resource/1` is not an ARN; found `reports`; accepted:"
            " `arn:partition:service:region:account:resource` or `*`",
            id="resource without ARN",
        ),
        pytest.param(
            document(GOOD | {"Resource": "arn:aws:s3:::b/${aws:username"}),
            "`/Statement/0/Resource` has an incomplete policy variable; found `arn:aws:s3:::b/${aws:username`;"
            " accepted: `${key}`, `${key, 'default'}`",
            id="open variable",
        ),
        pytest.param(
            document(GOOD | {"Conditions": {}}),
            "`/Statement/0` has an unknown element; found `Conditions`; accepted: `Condition`, `NotAction`, `Action`",
            id="misspelt element",
        ),
        pytest.param(
            document(GOOD | {"Principal": "*"}),
            "an identity-based policy must not name a principal; found `Principal`",
            id="principal in an identity-based policy",
        ),
        pytest.param(
            document(GOOD | {"Sid": "a b"}),
            "`/Statement/0/Sid` has characters other than letters and digits; found `a b`; accepted: `A-Z a-z 0-9`",
            id="statement id",
        ),
        pytest.param(
            document(GOOD | {"Condition": {"StringEqual": {"aws:username": "bob"}}}),
            "`/Statement/0/Condition/StringEqual/aws:username` uses an unknown operator; found `StringEqual`;"
            " accepted: `StringEquals`, `StringNotEquals`, `ArnEquals`",
            id="misspelt operator",
        ),
        pytest.param(
            document(GOOD | {"Condition": {"NumericLessThan": {"s3:max-keys": "ten"}}}),
            "`/Statement/0/Condition/NumericLessThan/s3:max-keys` has a value that is not valid for `NumericLessThan`;"
            " found `ten`; accepted: a number",
            id="text for a number",
        ),
        pytest.param(
            document(GOOD | {"Condition": {"StringEquals": {"aws:username": None}}}),
            "`/Statement/0/Condition/StringEquals/aws:username` has a value that cannot be compared; found `null`;"
            " accepted: strings, numbers, booleans",
            id="null for a value",
        ),
        pytest.param(
            document(GOOD | {"Condition": {"StringEquals": "x"}}),
            "`/Statement/0/Condition/StringEquals` is not an object of condition keys; found `x`; accepted: an object",
            id="text for keys",
        ),
        pytest.param(
            document(GOOD, version="2012-10-17") | {"Comment": "x"},
            "the document has an unknown element; found `Comment`; accepted: `Statement`, `Version`, `Id`",
            id="comment",
        ),
    ],
)
def test_reports_what_aws_rejects(value, message):
    assert said(value) == [message]


@pytest.mark.parametrize(
    ("statement", "kind", "message"),
    [
        pytest.param(
            without(TRUST, "Principal"),
            Kind.TRUST,
            "`/Statement/0` needs one of `Principal` and `NotPrincipal`; found neither; accepted: `Principal`,"
            " `NotPrincipal`",
            id="trust in nobody",
        ),
        pytest.param(
            TRUST | {"Resource": "*"},
            Kind.TRUST,
            "a trust policy must not name a resource; found `Resource`",
            id="resource in a trust policy",
        ),
        pytest.param(
            without(TRUST, "Principal") | {"NotPrincipal": {"AWS": "111111111111"}},
            Kind.TRUST,
            "a trust policy must not use `NotPrincipal`; found `NotPrincipal`",
            id="exceptions in a trust policy",
        ),
        pytest.param(
            GOOD | {"NotPrincipal": {"AWS": "111111111111"}},
            Kind.RESOURCE,
            "`NotPrincipal` must not be used with `Allow`; found `NotPrincipal`",
            id="exceptions in an Allow",
        ),
        pytest.param(
            TRUST | {"Action": "s3:GetObject"},
            Kind.TRUST,
            "`/Statement/0/Action` is not an action of a trust policy; found `s3:GetObject`; accepted: actions of `sts`",
            id="other service's action in a trust policy",
        ),
        pytest.param(
            GOOD | {"Principal": {"AWS": "arn:aws:iam::111111111111:user/*"}},
            Kind.RESOURCE,
            "`/Statement/0/Principal/AWS` names no principal; found `arn:aws:iam::111111111111:user/*`; accepted:"
            " an account id, the ARN of an account's root, user, role or session, or `*`",
            id="wildcard in a principal",
        ),
        pytest.param(
            GOOD | {"Principal": {"Aws": "*"}},
            Kind.RESOURCE,
            "`/Statement/0/Principal/Aws` is an unknown principal type; found `Aws`; accepted: `AWS`, `Service`,"
            " `Federated`, `CanonicalUser`",
            id="unknown principal type",
        ),
        pytest.param(
            GOOD | {"Principal": "arn:aws:iam::111111111111:root"},
            Kind.RESOURCE,
            "`/Statement/0/Principal` names no principals; found `arn:aws:iam::111111111111:root`; accepted: `*` or"
            " an object of `AWS`, `Service`, `Federated`, `CanonicalUser`",
            id="a principal without its kind",
        ),
    ],
)
def test_reports_what_aws_rejects_on_a_resource(statement, kind, message):
    assert said(document(statement), kind) == [message]


def test_reports_two_statements_of_one_name_once_each():
    assert said(document(GOOD | {"Sid": "a"}, GOOD | {"Sid": "b"}, GOOD | {"Sid": "a"})) == [
        "`/Statement/0/Sid` is used by another statement; found `a`",
        "`/Statement/2/Sid` is used by another statement; found `a`",
    ]


def test_reports_every_mistake_of_a_document_in_one_run():
    bad = {"Effect": "No", "Action": 1, "Resource": "x", "Condition": {"A": {"b": None}}}
    assert len(said(document(bad, bad))) == 10


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(GOOD | {"Action": "quantum:Teleport"}, id="unknown service"),
        pytest.param(GOOD | {"Action": "s3:GetNothing"}, id="unknown action"),
        pytest.param(GOOD | {"Condition": {"StringEquals": {"quantum:Spin": "up"}}}, id="unknown key"),
        pytest.param(GOOD | {"Condition": {"Bool": {"aws:SecureTransport": True}}}, id="boolean"),
        pytest.param(GOOD | {"Condition": {"NumericLessThan": {"s3:max-keys": 10}}}, id="number"),
        pytest.param(GOOD | {"Condition": {}}, id="empty condition"),
        pytest.param(without(GOOD, "Action") | {"NotAction": "s3:*"}, id="not action"),
        pytest.param(GOOD | {"Action": "*"}, id="every action"),
        pytest.param(GOOD | {"Action": "s3:*Object?"}, id="wildcards"),
    ],
)
def test_keeps_unknown_parts_without_a_finding(statement):
    value = document(statement)
    read, findings = parse_document(value, file="p.json")
    assert findings == []
    assert read.unread == ()
    assert parse_document(read.to_json(), file="p.json")[0] == read


@pytest.mark.parametrize(
    ("principal", "kinds"),
    [
        pytest.param("*", {"*": ("*",)}, id="everyone"),
        pytest.param({"AWS": "*"}, {"AWS": ("*",)}, id="everyone in AWS"),
        pytest.param({"AWS": ["111111111111"]}, {"AWS": ("111111111111",)}, id="account id"),
        pytest.param(
            {
                "AWS": "arn:aws:sts::111111111111:assumed-role/r/s",
                "Service": ["a.amazonaws.com", "b.amazonaws.com"],
            },
            {
                "AWS": ("arn:aws:sts::111111111111:assumed-role/r/s",),
                "Service": ("a.amazonaws.com", "b.amazonaws.com"),
            },
            id="session and services",
        ),
        pytest.param({"AWS": "AROAEXAMPLEEXAMPLE12"}, {"AWS": ("AROAEXAMPLEEXAMPLE12",)}, id="unique id"),
        pytest.param(
            {"Federated": "accounts.google.com"}, {"Federated": ("accounts.google.com",)}, id="provider"
        ),
        pytest.param({"CanonicalUser": "79a5" * 16}, {"CanonicalUser": ("79a5" * 16,)}, id="canonical user"),
    ],
)
def test_every_spelling_of_principals_is_read(principal, kinds):
    read, findings = parse_document(document(GOOD | {"Principal": principal}), file="p", kind=Kind.RESOURCE)
    assert findings == []
    assert read.statements[0].principals == kinds


def test_accepts_one_statement_without_a_list():
    read, findings = parse_document({"Statement": GOOD}, file="p.json")
    assert findings == []
    assert read.statements[0].pointer == "/Statement"
    assert read.version == "2008-10-17"
    assert not read.statements[0].knows_variables


def test_an_unclear_statement_is_recorded_and_not_kept():
    read, _ = parse_document(document(GOOD, GOOD | {"Effect": "Allowed"}), file="p.json")
    assert [statement.effect for statement in read.statements] == [Effect.ALLOW]
    assert [part.pointer for part in read.unread] == ["/Statement/1/Effect"]


def test_text_gives_line_and_column():
    text = '{\n  "Version": "2012-10-17",\n  "Statement": [\n    {"Effect": "Allow", "Action": "s3", "Resource": "*"}\n]}'
    _, findings = read_document(text, "policy.json")
    assert [finding.location for finding in findings] == [Location("policy.json", 4, 35)]


def test_a_byte_order_mark_is_no_text():
    assert read_document("\ufeff" + json.dumps(document(GOOD)), "p")[1] == []


def test_a_part_of_a_file_gives_the_lines_of_the_file():
    _, findings = read_document('{"Statement": 1}', "cases.jsonl", first_line=7)
    assert str(findings[0]).startswith("cases.jsonl:7:1: the document has no statements; found `1`")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "p:1:1: the text is not JSON: expecting value", id="nothing"),
        pytest.param('{"Statement": [}', "p:1:16: the text is not JSON: expecting value", id="broken"),
        pytest.param('{\n"a": 1,\n"a": 2}', "p:3:6: the key `a` is repeated in one object", id="key twice"),
        pytest.param(
            '{"a": [NaN]}', "p:1:8: the text is not JSON: `NaN` is not a JSON number", id="no number"
        ),
        pytest.param(
            '{"a": "NaN", "b": -Infinity}',
            "p:1:19: the text is not JSON: `-Infinity` is not a JSON number",
            id="not in a text",
        ),
        pytest.param(
            '{"a": ' + "9" * 4301 + "}",
            "p:1:7: the number has too many digits",
            id="more digits than can be read",
        ),
        pytest.param("[" * 100_000, "p:1:100000: the text is nested too deeply", id="deep list"),
        pytest.param('{"a":' * 100_000, "p:1:499996: the text is nested too deeply", id="deep object"),
        pytest.param(" " * 17_000_000, "p:1:1: the text is longer than 16,777,216 characters", id="huge"),
    ],
)
def test_text_that_is_no_json_is_wholly_unread(text, message):
    read, findings = read_document(text, "p")
    assert [str(finding) for finding in findings] == [message]
    assert read.statements == ()
    assert read.unread


@pytest.mark.parametrize(
    ("elements", "place"),
    [
        pytest.param({"Action": "s3:" + "*a" * 40_000}, "Action", id="an action"),
        pytest.param({"Resource": ["*", "arn:aws:s3:::" + "x" * 70_000]}, "Resource", id="a resource"),
        pytest.param(
            {"Condition": {"StringLike": {"aws:userid": "x" * 70_000}}},
            "Condition/StringLike/aws:userid",
            id="a condition",
        ),
    ],
)
def test_a_value_longer_than_any_policy_is_refused(elements, place):
    read, findings = parse_document(document(GOOD | elements), file="p")
    assert [each.message for each in findings if "a value of" in each.message]
    assert [part.pointer for part in read.unread] == [f"/Statement/0/{place}"]


def test_refuses_an_endless_number():
    limit = {"Condition": {"NumericLessThan": {"s3:max-keys": float("inf")}}}
    assert parse_document(document(GOOD | limit), file="p")[0].unread


def test_a_lone_surrogate_and_a_huge_number_are_no_crash():
    assert read_document('{"Statement": {"Effect": "\\ud800"}}', "p")[1]
    assert read_document('{"Statement": ' + "1" * 5_000 + "}", "p")[1]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(document(*[GOOD] * 10_000), id="10,000 statements"),
        pytest.param(document(*[{"Effect": 1, "X": 2}] * 10_000), id="10,000 bad statements"),
        pytest.param(document(GOOD | {"Action": ["s3:" + "*a" * 50] * 90_000}), id="9 MB of hostile actions"),
        pytest.param(
            document(GOOD | {"Resource": "arn:aws:s3:::${" + "${*}" * 2_000_000}), id="8 MB of variables"
        ),
        pytest.param(
            document(GOOD | {"Condition": {str(n): {"k": "v"} for n in range(20_000)}}), id="operators"
        ),
    ],
)
def test_large_documents_end_in_time(value):
    text = json.dumps(value)
    start = time.monotonic()
    read, findings = read_document(text, "p")
    for statement in read.statements[:3]:
        statement.covers_action("s3:" + "a" * 1_000)
    assert read.statements or findings
    assert time.monotonic() - start < 60, "a guard against hanging, generous on purpose"


def test_reports_only_the_number_of_mistakes_beyond_a_thousand():
    messages = said(document(*[GOOD | {"Effect": "no"}] * 1_500))
    assert len(messages) == 1_001
    assert messages[-1] == "500 more findings are not shown"
