"""A trail is read in place: every event counts once, and what can't be read is named."""

from __future__ import annotations

import gzip
import json
import random

import duckdb
import pytest
import sqlglot

from keywright.tighten.query import RECORDS, athena, query
from keywright.tighten.reading import files_below, read_trail
from tests.unit.tighten.trails import ACCOUNT, REGION, event, laid_out, write

ROLE = "role/access/operate"
ARN = f"arn:aws:iam::{ACCOUNT}:{ROLE}"


def reading_of(*paths):
    return read_trail(files_below(paths))


ACTIONS = {
    "ec2:DescribeInstances": ["ec2:DescribeInstances"],
    "s3:ListBuckets": ["s3:ListAllMyBuckets"],
    "lambda:GetFunction20150331v2": ["lambda:GetFunction"],
    "monitoring:PutMetricAlarm": ["cloudwatch:PutMetricAlarm"],
    "s3:CopyObject": ["s3:GetObject", "s3:PutObject"],
    "signin:ConsoleLogin": [],
}


def test_events_show_actions(tmp_path):
    write(tmp_path, [event(f"user/{number}", name) for number, name in enumerate(ACTIONS)])
    shown = {
        name: sorted(action for arn, action in reading.uses if arn.endswith(f"/{number}"))
        for reading in [reading_of(tmp_path)]
        for number, name in enumerate(ACTIONS)
    }
    assert shown == ACTIONS


def test_an_event_of_no_known_action_is_counted(tmp_path):
    write(tmp_path, [event(ROLE, "ec2:InventedToday")])
    assert reading_of(tmp_path).unknown == {(ARN, "ec2:InventedToday"): 1}


def test_counts_first_and_last_use_and_what_was_denied(tmp_path):
    days = ["2026-07-03", "2026-07-01", "2026-07-02"]
    events = [event(ROLE, "ec2:RunInstances", day=day) for day in days]
    events += [event(ROLE, "ec2:RunInstances", day="2026-06-01", errorCode="Client.UnauthorizedOperation")]
    events += [event(ROLE, "ec2:RunInstances", day="2026-07-04", errorCode="Client.InvalidParameterValue")]
    laid_out(tmp_path, events)
    use = reading_of(tmp_path).uses[ARN, "ec2:RunInstances"]
    assert (use.used, use.refused, use.first[:10], use.last[:10]) == (4, 1, "2026-07-01", "2026-07-04")


RESOURCES = [
    ({"resources": [{"ARN": "arn:aws:s3:::a"}, {"ARN": "arn:aws:s3:::b"}]}, ["arn:aws:s3:::a"]),
    ({"requestParameters": {"bucketName": "a"}}, ["arn:aws:s3:::a"]),
    ({"resources": [], "requestParameters": {"bucketName": "a"}}, ["arn:aws:s3:::a"]),
    ({"requestParameters": None}, []),
]


def test_resources_are_listed_or_named_by_a_parameter(tmp_path):
    write(
        tmp_path,
        [event(f"user/{number}", "s3:GetBucketPolicy", **more) for number, (more, _) in enumerate(RESOURCES)],
    )
    uses = reading_of(tmp_path).uses
    users = (f"arn:aws:iam::{ACCOUNT}:user/{number}" for number in range(len(RESOURCES)))
    assert [uses[arn, "s3:GetBucketPolicy"].resources for arn in users] == [
        expected for _, expected in RESOURCES
    ]


GOOD = json.dumps({"Records": [event(ROLE, "ec2:RunInstances")] * 50}).encode()
BROKEN = {
    "truncated gzip": (gzip.compress(GOOD)[:-5], "the gzip data is truncated"),
    "not gzip": (b"<html>", "it is no gzip data"),
    "empty": (gzip.compress(b""), "it is empty"),
    "half a document": (gzip.compress(GOOD[:700]), "it is no whole JSON document"),
    "text after the document": (gzip.compress(GOOD + b"x"), "it is no whole JSON document"),
    "no UTF-8": (gzip.compress(GOOD.replace(b"operate", b"op\xff\xfe")), "it is no whole JSON document"),
    "other JSON": (gzip.compress(b'{"a": 1}'), "no `eventTime`, `eventSource` or `eventName`"),
    "records of another type": (gzip.compress(b'{"Records": "x"}'), "its JSON has another form than CloudTrail's"),
    "a line for each event": (
        gzip.compress(b'{"eventTime": "2026"}\n{"eventTime": "2026"}'),
        "no `eventTime`, `eventSource` or `eventName`",
    ),
}  # fmt: skip


def test_broken_files_are_named_and_all_others_are_read(tmp_path):
    for number in range(3):
        write(tmp_path, [event(ROLE, "ec2:RunInstances")], f"{number}.json.gz")
    for name, (content, _) in BROKEN.items():
        (tmp_path / f"1[{name}]*.json.gz").write_bytes(content)
    trail = reading_of(tmp_path)
    assert {(each.file, each.reason) for each in trail.unread} == {
        (str(tmp_path / f"1[{name}]*.json.gz"), reason) for name, (_, reason) in BROKEN.items()
    }
    assert trail.events == trail.uses[ARN, "ec2:RunInstances"].used == 3


def test_digests_are_no_events(tmp_path):
    write(tmp_path / "AWSLogs" / ACCOUNT / "CloudTrail-Digest", [], "digest.json.gz").write_bytes(
        gzip.compress(b"{}")
    )
    write(tmp_path / "AWSLogs" / ACCOUNT / "CloudTrail", [event(ROLE, "ec2:RunInstances")])
    trail = reading_of(tmp_path)
    assert (trail.files, trail.events, trail.unread) == (1, 1, [])


def random_events(seed):
    chance = random.Random(seed)
    for _ in range(chance.randrange(1, 200)):
        more = chance.choice(
            [
                {},
                {"errorCode": "AccessDenied"},
                {"errorCode": "NoSuchEntity"},
                {"resources": []},
                {"resources": [{"ARN": "arn:aws:s3:::x"}]},
                {"requestParameters": {"bucketName": chance.choice("ab")}},
                {"requestParameters": {"functionName": "f", "tableName": "t", "name": "/p", "roleArn": ARN}},
                {"requestParameters": {"functionName": "arn:aws:lambda:x:1:function:f"}},
                {
                    "requestParameters": None,
                    "userIdentity": {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"},
                },
                {"eventName": None},
                {"recipientAccountId": None, "awsRegion": None},
            ]
        )
        action = chance.choice(
            ["s3:GetBucketPolicy", "lambda:GetFunction", "ssm:GetParameter", "sts:AssumeRole"]
        )
        yield event(chance.choice([ROLE, "user/a"]), action, day=f"2026-07-0{chance.randrange(1, 9)}") | more


@pytest.mark.parametrize("seed", range(4))
def test_athena_gives_the_same_answer(tmp_path, seed):
    """Athena's text, brought back into DuckDB's dialect, over a table as Athena has it, with the path of each object."""
    file = write(tmp_path, random_events(seed))
    database = duckdb.connect()
    source = f"FROM read_json('{file}', columns = {{'Records': '{RECORDS}'}}, filename = true, format = 'unstructured')"
    # In Athena the parameters of a request are text.
    database.execute(
        "CREATE TABLE cloudtrail_logs AS SELECT * REPLACE (requestparameters::VARCHAR AS requestparameters), file AS "
        f'"$path" FROM (SELECT filename AS file, unnest(Records, max_depth := 2) {source})'
    )
    ours = database.execute(query("cloudtrail_logs", '"$path"')).fetchall()
    text = athena("cloudtrail_logs")
    theirs = database.execute(sqlglot.transpile(text, read="athena", write="duckdb")[0]).fetchall()
    assert len(ours) > 1
    assert sorted(map(str, ours)) == sorted(map(str, theirs))


def test_an_answer_of_athena_is_read(tmp_path):
    answer = tmp_path / "answer.csv"
    answer.write_text(
        '"account","region","day","principal","source","event","resource","file","used","refused","reads","first_used","last_used"\n'
        f'"{ACCOUNT}","{REGION}","2026-07-01",,,,,,"5","1","0","2026-07-01T10:00:00Z","2026-07-01T11:00:00Z"\n'
        f',,,"{ARN}","ec2.amazonaws.com","RunInstances","",,"5","1","0","2026-07-01T10:00:00Z","2026-07-01T11:00:00Z"\n'
        ',,,,,,,"s3://logs/broken.json.gz","2","0","0",,\n'
    )
    trail = reading_of(answer)
    assert trail.uses[ARN, "ec2:RunInstances"].used == 5
    assert trail.events == 6
    assert [(each.file, each.records) for each in trail.unread] == [("s3://logs/broken.json.gz", 2)]


def test_a_foreign_csv_file_is_named(tmp_path):
    (tmp_path / "costs.csv").write_text("a,b\n1,2\n")
    trail = reading_of(tmp_path)
    assert [each.reason.split(",")[0] for each in trail.unread] == ["its columns are not account"]
