"""What `make test-aws` does around its story: the estimate, the clean-up, the signed report. The story itself needs an account."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.aws import estimate, report
from tests.aws.__main__ import main
from tests.aws.cleanup import STACKS, clean_up, stacks_in, users_in
from tests.sandbox.cloud import ACCOUNT

BUCKET = "acme-acceptance"
KEPT = {"DeletionPolicy": "Retain"}
RETAINED = {
    "Bucket": {
        "Type": "AWS::S3::Bucket",
        "Properties": {"BucketName": BUCKET, "VersioningConfiguration": {"Status": "Enabled"}},
        **KEPT,
    },
    "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "keeper"}, **KEPT},
    "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "keywright/x"}, **KEPT},
}
PERSON = {"Anna": {"Type": "AWS::IAM::User", "Properties": {"UserName": "anna", "Path": "/access/"}}}
CONTENT = {
    "target": report.AWS,
    "account": ACCOUNT,
    "region": "eu-central-1",
    "tree": {"commit": "0" * 40, "unchanged": True},
    "started": "2026-11-24T10:00:00+00:00",
    "ended": "2026-11-24T10:20:00+00:00",
    "estimate": 0.03,
    "tests": [{"name": "a second deployment changes nothing", "outcome": "passed", "seconds": 12.0}],
    "removed": ["stack access-data"],
    "left": {},
}


def test_the_estimate_is_the_sum_of_its_lines_and_small():
    assert estimate.total() == sum(each.total for each in estimate.COSTS)
    assert 0 < estimate.total() < 1
    assert all(each.what in estimate.text() for each in estimate.COSTS)


def test_cleans_up_stacks_and_what_they_retain_and_nothing_else(cloud):
    assert cloud.deploy(RETAINED, "access-data").status == "CREATE_COMPLETE"
    assert cloud.deploy(PERSON, "access-people").status == "CREATE_COMPLETE"
    assert cloud.deploy({"Other": PERSON["Anna"] | {"Properties": {"UserName": "other"}}}, "theirs").status
    cloud.client("cloudformation").update_termination_protection(
        StackName="access-data", EnableTerminationProtection=True
    )
    storage = cloud.client("s3")
    for body in (b"one", b"two"):
        storage.put_object(Bucket=BUCKET, Key="key", Body=body)
    storage.delete_object(Bucket=BUCKET, Key="key")
    done = clean_up(cloud.client)
    assert done.left == {}
    assert {"stack access-data", "stack access-people", f"AWS::S3::Bucket {BUCKET}"} <= set(done.removed)
    with pytest.raises(ClientError):
        storage.head_bucket(Bucket=BUCKET)
    assert cloud.client("logs").describe_log_groups()["logGroups"] == []
    assert cloud.client("secretsmanager").list_secrets()["SecretList"] == []
    assert [user["UserName"] for user in cloud.iam.list_users()["Users"]] == ["other"]
    assert clean_up(cloud.client).removed == []


def test_names_what_it_could_not_remove_and_goes_on(cloud):
    cloud.deploy(PERSON, "access-people")
    cloud.deploy(RETAINED, "access-data")
    cloud.iam.create_access_key(UserName="anna")  # a user with a key is not deleted
    done = clean_up(cloud.client)
    assert set(done.left) == {"stack access-people", "user anna"}
    assert "stack access-data" in done.removed


@pytest.fixture
def in_the_sandbox(cloud, monkeypatch):
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no account; accepted: KEYWRIGHT_AWS_ACCOUNT=<twelve digits>, or --sandbox"),
        (["--account", "222222222222"], "the credentials belong to another account; found `111111111111`; accepted: `222222222222`"),
        (["--account", ACCOUNT], "nothing is done without a confirmation; accepted: a terminal, or --yes"),
    ],
)  # fmt: skip
def test_creates_nothing_without_the_right_account_and_a_confirmation(
    in_the_sandbox, capsys, arguments, message
):
    assert main(["run", *arguments]) == 2
    printed = capsys.readouterr()
    assert (printed.out.strip(), printed.err.strip()) == (estimate.text().strip(), message)


def test_refuses_an_account_that_is_in_use(in_the_sandbox, cloud, capsys):
    cloud.deploy(PERSON, "access-people")
    assert main(["run", "--account", ACCOUNT, "--yes"]) == 2
    assert "the account is not empty; found access-people, anna" in capsys.readouterr().err
    assert (stacks_in(cloud.client), users_in(cloud.client)) == (["access-people"], {"anna"})


def test_a_report_is_signed_and_its_changes_are_noticed(tmp_path, capsys):
    assert report.written(tmp_path, CONTENT)
    assert main(["check", str(tmp_path)]) == 0
    text = tmp_path / report.TEXT
    text.write_text(text.read_text().replace("12", "13"))
    assert main(["check", str(tmp_path)]) == 1
    assert report.written(tmp_path, CONTENT)
    content = json.loads((tmp_path / report.REPORT).read_text())
    (tmp_path / report.REPORT).write_text(json.dumps(content | {"result": "failed"}))
    assert main(["check", str(tmp_path)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{tmp_path}: is as the run wrote it",
        f"{tmp_path}: acceptance.md differs from acceptance.json",
        f"{tmp_path}: has no signature of this user that is valid; found `acceptance.json`",
    ]


@pytest.mark.parametrize(
    ("change", "good"),
    [
        ({}, True),
        ({"tests": []}, False),
        ({"left": {"user anna": "it still exists"}}, False),
        ({"tests": [*CONTENT["tests"], {"name": "x", "outcome": "failed", "seconds": 0}]}, False),
        ({"tests": [*CONTENT["tests"], {"name": "x", "outcome": "skipped", "seconds": 0}]}, False),
        ({"target": report.SANDBOX, "tests": [*CONTENT["tests"], {"name": "x", "outcome": "skipped", "seconds": 0}]}, True),
    ],
)  # fmt: skip
def test_only_a_whole_run_that_left_nothing_is_good(change, good):
    assert report.is_good(CONTENT | change) is good


def test_the_stacks_are_those_of_the_sample(root):
    text = (root / "stacks/access_stacks/compose.py").read_text()
    assert all(name.removeprefix("access-") in text for name in STACKS)
