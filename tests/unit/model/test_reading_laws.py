"""Reading gives findings inside the files for any content, and reads well-formed declarations as they were generated."""

from __future__ import annotations

import json
import string
import tempfile
from datetime import date, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from keywright.model.declarations import Declarations
from keywright.model.in_force import in_force
from keywright.model.reading import read
from keywright.model.schema import json_schema
from keywright.model.source.yaml_text import parse
from keywright.model.source.yaml_tree import plain
from keywright.reporting.finding import Severity

TODAY = date(2026, 11, 24)
ACCESS = Path(__file__).parents[3] / "access"
SAMPLE = {file.name: file.read_text() for file in sorted(ACCESS.glob("*.yaml"))}
LOCK = (
    (ACCESS / "actions.lock").read_bytes()
    + b"""\
  athena:
    workgroup:
      read:
        - GetWorkGroup
"""
)
METADATA = (ACCESS / "metadata/okta.xml").read_bytes()
SCHEMA = Draft202012Validator(json_schema())


def reading_of(files):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "metadata").mkdir()
        (folder / "metadata/okta.xml").write_bytes(METADATA)
        (folder / "actions.lock").write_bytes(LOCK)
        for file, content in files.items():
            (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
        return read(folder, TODAY), folder


def answers_inside(files):
    """Read, and assert that every finding points inside a file and follows the style of messages."""
    reading, folder = reading_of(files)
    for finding in reading.findings:
        for place in (finding.location, *finding.see):
            content = {"actions.lock": LOCK, **files}.get(Path(place.file).relative_to(folder).as_posix(), "")
            if place.line:
                lines = (
                    content if isinstance(content, str) else content.decode("utf-8-sig", "replace")
                ).split("\n")
                assert place.line <= len(lines)
                assert 1 <= place.column <= len(lines[place.line - 1]) + 1
        assert finding.message
        assert finding.found
        assert finding.accepted
        assert str(finding).isprintable()
        assert "what `keywright schema` describes" not in finding.accepted
    refused = any(finding.severity is Severity.ERROR for finding in reading.findings)
    assert (reading.declarations is None) == refused
    return reading


PIECES = st.sampled_from(
    [
        *(
            ": ",
            "- ",
            "{",
            "}",
            "[",
            "]",
            "\n",
            "  ",
            "\t",
            "#",
            "'",
            '"',
            "&a ",
            "*a",
            "!!str ",
            "<<: ",
            "---\n",
            "|\n",
            "\\",
        ),
        *(
            "~",
            "true",
            "no",
            "0",
            "012",
            "-1",
            "1.5",
            "2027-02-30",
            "2020-01-01",
            "x",
            "\0",
            "\u2028",
            "é",
            "😀",
            "*",
        ),
        *(
            "existing: true",
            "until: 2026-01-01",
            "console: true",
            "groups: [x]",
            "person: {}",
            "trusts: []",
            "name: x",
        ),
        *(
            "users:",
            "users: {}",
            "account:",
            "s3: [write]",
            "external_id: abc",
            "111111111111",
            "role/x",
            "a" * 100,
        ),
    ]
)


@st.composite
def mutations(draw):
    """Change the sample in a few places, as a tired author or a broken merge would."""
    files = dict(SAMPLE)
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(files)))
        text = files[name]
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 0, 1, 5, 40])))
        if draw(st.booleans()):
            lines = text.split("\n")
            place = draw(st.integers(0, len(lines) - 1))
            line = lines.pop(place)
            lines[place:place] = draw(
                st.sampled_from(
                    [[], [line, line], [f"  {line}"], [line.lstrip()], [line.partition(":")[0] + ":"]]
                )
            )
            files[name] = "\n".join(lines)
        else:
            files[name] = text[:start] + draw(PIECES) + text[end:]
    return files


@given(mutations())
def test_findings_on_any_mutation_of_the_sample_point_inside_its_files(files):
    answers_inside(files)


@given(mutations())
def test_what_the_reader_accepts_the_schema_accepts(files):
    reading, _ = reading_of(files)
    if reading.declarations is None:
        return
    for name, text in files.items():
        data = json.loads(json.dumps(plain(parse(text, name).root)))
        assert [error.message for error in SCHEMA.iter_errors(data)] == []


@given(st.binary(max_size=400))
def test_findings_on_any_bytes_point_inside_the_file(content):
    answers_inside({"account.yaml": SAMPLE["account.yaml"], "x.yaml": content})


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False)
    | st.text(string.printable, max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "x", "grants", "person", "until"]), inner)
    ),
    max_leaves=6,
)
KEYS = st.sampled_from([*Declarations.model_fields, "x"])


@given(st.dictionaries(KEYS, JSON | st.dictionaries(st.sampled_from(["a", "B b", "c"]), JSON), max_size=4))
def test_findings_on_any_data_point_inside_the_file(data):
    answers_inside({"x.yaml": json.dumps(data)})


DAYS = st.dates(TODAY, date(2030, 1, 1)).map(str)
REASONS = st.text(string.ascii_letters + " äß'\"#:", min_size=12, max_size=40).filter(
    lambda text: len(text.strip()) >= 10
)
S3 = st.fixed_dictionaries(
    {
        "s3": st.lists(st.sampled_from(["list", "read", "write", "tagging"]), min_size=1, unique=True),
        "bucket": st.just("reports"),
    },
    optional={"prefix": st.sampled_from(["monthly/", "a b/c/"]), "until": DAYS},
)
SERVICE = st.fixed_dictionaries(
    {"allow": st.just({"service": "athena", "levels": ["read"], "resources": ["workgroup/reports"]})},
    optional={"until": DAYS},
)
VERSIONS = st.fixed_dictionaries(
    {
        "s3": st.lists(st.sampled_from(["list", "put", "delete"]), min_size=1, unique=True),
        "bucket": st.just("reports"),
    },
    optional={"versions": st.booleans(), "access_point": st.just("analysts")},
)
VALUES = st.sampled_from(["vpc-1", ["a", "b*"], True, 3600, "${aws:username}"])
CONDITIONS = st.dictionaries(
    st.sampled_from(["StringLike", "ForAllValues:StringEqualsIfExists", "Bool"]),
    st.dictionaries(
        st.sampled_from(["aws:SourceVpc", "s3:prefix", "aws:PrincipalTag/a b"]), VALUES, min_size=1
    ),
)
EXACT = st.fixed_dictionaries(
    {
        "statement": st.fixed_dictionaries(
            {
                "effect": st.just("allow"),
                "actions": st.just(["sqs:SendMessage", "new:Get*"]),
                "resources": st.lists(
                    st.sampled_from(["*", "arn:aws:s3:::reports/${aws:username}/*"]), min_size=1, max_size=2
                ),
                "conditions": CONDITIONS,
            }
        ),
        "because": REASONS,
        "wildcards": REASONS,
    },
    optional={"until": DAYS},
)
DENIED = st.fixed_dictionaries(
    {
        "statement": st.fixed_dictionaries(
            {"effect": st.just("deny"), "not_actions": st.just(["iam:*"]), "not_resources": st.just(["*"])},
            optional={"conditions": CONDITIONS},
        ),
        "because": REASONS,
    }
)
GRANTS = st.lists(S3 | SERVICE | VERSIONS | EXACT | DENIED, max_size=3)
POLICIES = st.lists(
    st.fixed_dictionaries(
        {
            "managed": st.sampled_from(["SecurityAudit", "job-function/ViewOnlyAccess", "policy/shared"]),
            "because": REASONS,
        }
    ),
    max_size=2,
    unique_by=lambda policy: policy["managed"],
)
MEMBERSHIPS = st.lists(
    st.sampled_from(["analysts", "operators"])
    | st.fixed_dictionaries({"name": st.just("operators")}, optional={"until": DAYS}),
    max_size=2,
    unique_by=lambda membership: membership if isinstance(membership, str) else membership["name"],
)
"""Only a group without managed policies has members whose membership ends."""
PERSON = st.fixed_dictionaries(
    {"person": st.just({"email": "a@acme.example"}), "groups": MEMBERSHIPS, "console": st.just(True)},
    optional={
        "cli": st.booleans(),
        "until": DAYS,
        "tags": st.dictionaries(st.sampled_from(["team", "ort"]), st.sampled_from(["a b", "Köln"])),
    },
)
APPLICATION = st.fixed_dictionaries(
    {"application": st.fixed_dictionaries({"because": REASONS, "review": DAYS}), "grants": GRANTS},
    optional={
        "access_keys": st.just(
            [
                {"serial": 3, "issued": "2026-11-20"},
                {"serial": 2, "issued": "2026-11-01", "status": "inactive"},
            ]
        )
    },
)
TRUSTS = st.lists(
    st.sampled_from(
        [
            {"group": "operators"},
            {"group": "operators", "mfa": {"within": "15m"}},
            {"account": "222222222222", "external_id": "abc"},
            {"account": "222222222222", "people": {"mfa": {"within": "2h"}}},
            {"github": "acme/shop", "branch": "main"},
            {"github": "acme/shop", "ids": {"owner": 1, "repository": 2}, "pull_request": True},
            {"oidc": "gitlab", "subject": "project_path:acme/shop"},
            {"saml": "okta", "console": False, "session_tags": ["team"]},
        ]
    ),
    min_size=1,
    max_size=3,
)
ROLE = st.fixed_dictionaries(
    {"trusts": TRUSTS, "grants": GRANTS, "policies": POLICIES},
    optional={"session": st.sampled_from(["1h", "12h", "3600s"])},
)
ARCHIVIST = st.fixed_dictionaries({"trusts": st.just([{"workload": "fleet"}]), "grants": GRANTS})
SESSION = st.fixed_dictionaries(
    {"session_on": st.just("fleet"), "because": REASONS}, optional={"until": DAYS}
)
IMAGE = "ami-0abcdef1234567890"
GROUP = st.fixed_dictionaries(
    {
        "launch": st.just("group"),
        "image": st.just(IMAGE),
        "size": st.sampled_from([{"min": 0, "max": 0}, {"min": 1, "max": 3, "desired": 2}]),
        "subnets": st.just(["subnet-0abcdef1234567890"]),
    },
    optional={"grace": st.sampled_from(["30s", "2h"]), "in_service": st.integers(0, 100)},
)
LAUNCH = st.sampled_from([{"launch": "none"}, {"launch": "instance", "image": IMAGE}]) | GROUP
FLEET = st.fixed_dictionaries({"ec2": LAUNCH, "grants": GRANTS, "sessions": st.just(True)})
GOOD = st.fixed_dictionaries(
    {
        "account": st.just({"id": "111111111111", "region": "eu-central-1", "handover": "operators"}),
        "groups": st.fixed_dictionaries(
            {
                "analysts": st.fixed_dictionaries({"grants": GRANTS, "policies": POLICIES}),
                "operators": st.fixed_dictionaries({"grants": GRANTS | st.lists(SESSION, max_size=1)}),
            }
        ),
        "users": st.dictionaries(st.sampled_from(["alice", "bob", "a+b@c"]), PERSON | APPLICATION),
        "roles": st.dictionaries(st.sampled_from(["guest", "deployer"]), ROLE | ARCHIVIST),
        "workloads": st.fixed_dictionaries(
            {"fleet": FLEET},
            optional={"web": st.fixed_dictionaries({"ec2": st.just({"launch": "none"}), "grants": GRANTS})},
        ),
        "buckets": st.just({"reports": {"access_points": {"analysts": {}}}}),
        "policies": st.fixed_dictionaries(
            {"shared": st.fixed_dictionaries({"grants": st.lists(S3 | EXACT, min_size=1, max_size=2)})}
        ),
        "identity_providers": st.just(
            {
                "okta": {"saml": "metadata/okta.xml"},
                "gitlab": {"oidc": "https://gitlab.com"},
                "github": {"oidc": "github"},
            }
        ),
    },
    optional={
        "never": st.just(
            [{"who": "everyone", "can": "s3:Delete*", "on": "bucket/reports", "except": ["group/operators"]}]
        ),
        "exceptions": st.just(
            [
                {
                    "rule": "AwsSolutions-IAM4",
                    "on": "group/operators",
                    "because": "it is as it is",
                    "until": "2027-01-01",
                }
            ]
        ),
    },
)


@given(GOOD)
def test_valid_declarations_are_read_as_generated(data):
    reading, _ = reading_of(
        {
            f"{section}.yaml": json.dumps({section: value}, ensure_ascii=False)
            for section, value in data.items()
        }
    )
    assert [str(finding) for finding in reading.findings if finding.severity is Severity.ERROR] == []
    again = reading.declarations.model_dump(mode="json", by_alias=True, exclude_unset=True)
    assert again == as_written(data)


def as_written(data):
    """Return the data with each membership written in full and each reason stripped, as the types store them."""
    if isinstance(data, dict):
        return {
            key: [{"name": each} if isinstance(each, str) else each for each in value]
            if key == "groups" and isinstance(value, list)
            else value.strip()
            if key in ("because", "wildcards")
            else {
                operator: {test: texts(each) for test, each in tests.items()}
                for operator, tests in value.items()
            }
            if key == "conditions"
            else as_written(value)
            for key, value in data.items()
        }
    return [as_written(each) for each in data] if isinstance(data, list) else data


def texts(value):
    """Write a condition's value as a policy does: a list of texts."""
    values = value if isinstance(value, list) else [value]
    return [str(each).lower() if isinstance(each, bool) else str(each) for each in values]


@given(GOOD)
def test_declarations_survive_writing_and_reading(data):
    reading, _ = reading_of({"x.yaml": json.dumps(data, ensure_ascii=False)})
    written = reading.declarations.model_dump_json(by_alias=True, exclude_defaults=True)
    again, _ = reading_of({"x.yaml": written})
    assert again.declarations == reading.declarations


@given(GOOD, st.integers(-100, 2000))
def test_declarations_in_force_are_valid_on_every_day(data, days):
    declarations = reading_of({"x.yaml": json.dumps(data, ensure_ascii=False)})[0].declarations
    now = in_force(declarations, TODAY + timedelta(days=days))
    assert set(now.declarations.users) <= set(declarations.users)
    assert Declarations.model_validate(now.declarations.model_dump()) == now.declarations
    left = in_force(now.declarations, TODAY + timedelta(days=days)).warnings
    assert [each.message for each in left if "policy `shared`" not in each.message] == []


@given(st.dates())
def test_a_date_alone_never_refuses_a_deployment(day):
    assert read(ACCESS, day).declarations is not None
