"""Each way in which an account can differ from an assembly, and what is reported of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from keywright.account.snapshot import snapshot_of
from keywright.assembly.sources.declaration_locations import DeclarationLocations
from keywright.cli.main import app
from keywright.drift.compare import compare
from keywright.drift.report.text import render_markdown
from keywright.drift.result import Direction
from keywright.drift.sides import Sides, read_declared
from tests.unit.account.accounts import ACCOUNT, IAM, access_key, allow, login, policy, role, trust, user
from tests.unit.drift.accounts_of_templates import REGION, DeployedAccount

if TYPE_CHECKING:
    from collections.abc import Callable

    from keywright.drift.result import Drift, DriftReport

GOLDEN = Path(__file__).parents[2] / "golden" / "drift.md"
PATH = "/access/"
REPORTS = "arn:aws:s3:::reports/*"
TEAM = f"{IAM}:policy{PATH}keywright-delegated-team"


def inline(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"PolicyName": "grants", "PolicyDocument": document}]


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::IAM::{kind}", "Properties": {"Path": PATH, **properties}}


RESOURCES = {
    "Boundary": resource(
        "ManagedPolicy", ManagedPolicyName="boundary", PolicyDocument=allow("s3:*", "sqs:*", "sts:AssumeRole")
    ),
    "Shared": resource("ManagedPolicy", ManagedPolicyName="shared", PolicyDocument=allow("sqs:SendMessage")),
    "Readers": resource("Group", GroupName="readers", Policies=inline(allow("s3:GetObject", on=REPORTS))),
    "Writers": resource("Group", GroupName="writers", Policies=inline(allow("s3:PutObject", on=REPORTS))),
    "Alice": resource(
        "User",
        UserName="alice",
        Groups=[{"Ref": "Readers"}],
        PermissionsBoundary={"Ref": "Boundary"},
        Tags=[{"Key": "team", "Value": "a"}],
        LoginProfile={"Password": "{{resolve:secretsmanager:p}}"},
    ),
    "Scanner": resource(
        "User",
        UserName="scanner",
        PermissionsBoundary={"Ref": "Boundary"},
        Policies=inline(allow("s3:GetObject", "s3:ListBucket", on=[REPORTS, "arn:aws:s3:::reports"])),
    ),
    "Key": {
        "Type": "AWS::IAM::AccessKey",
        "Properties": {"UserName": {"Ref": "Scanner"}, "Status": "Active"},
    },
    # CloudFormation generates the name of this one.
    "Web": resource(
        "Role",
        AssumeRolePolicyDocument=trust(Service="ec2.amazonaws.com"),
        PermissionsBoundary={"Ref": "Boundary"},
        ManagedPolicyArns=[{"Ref": "Shared"}],
        Description="serves pages",
    ),
    "Profile": resource("InstanceProfile", Roles=[{"Ref": "Web"}]),
    # Attached to identities that are not of the assembly.
    "Joined": {
        "Type": "AWS::IAM::UserToGroupAddition",
        "Properties": {"GroupName": "writers", "Users": ["legacy"]},
    },
    "Given": resource(
        "ManagedPolicy",
        ManagedPolicyName="given",
        PolicyDocument=allow("sqs:GetQueueUrl"),
        Roles=["old-role"],
    ),
    "Team": resource(
        "ManagedPolicy", ManagedPolicyName="keywright-delegated-team", PolicyDocument=allow("sqs:*")
    ),
    "Provider": {
        "Type": "AWS::IAM::OIDCProvider",
        "Properties": {
            "Url": "https://issuer.example",
            "ClientIdList": ["sts.amazonaws.com"],
            "ThumbprintList": ["A" * 40],
        },
    },
    "Saml": {
        "Type": "AWS::IAM::SAMLProvider",
        "Properties": {"Name": "entra", "SamlMetadataDocument": "<EntityDescriptor/>"},
    },
}


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("assembly")
    (folder / "access.template.json").write_text(json.dumps({"Resources": RESOURCES}))
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{ACCOUNT}/{REGION}",
        "properties": {"templateFile": "access.template.json", "stackName": "access"},
    }
    manifest = {"version": "48.0.0", "artifacts": {"access": stack}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def deployed() -> dict[str, Any]:
    details = DeployedAccount({("access", name): each for name, each in RESOURCES.items()}).details()
    details["UserDetailList"].append(user("legacy", groups=("writers",), inline={"own": allow("*")}))
    details["RoleDetailList"].append(
        role("old-role", trust(Service="ec2.amazonaws.com"), attached=(f"{IAM}:policy{PATH}given",))
    )
    details["RoleDetailList"].append(
        role("made", trust(Service="ec2.amazonaws.com"), path=f"{PATH}team/", boundary=TEAM)
    )
    details["OpenIDConnectProviders"] = [
        {
            "Arn": f"{IAM}:oidc-provider/issuer.example",
            "Url": "issuer.example",
            "ClientIDList": ["sts.amazonaws.com"],
            "ThumbprintList": ["a" * 40],
        }
    ]
    details["SAMLProviders"] = [
        {"Arn": f"{IAM}:saml-provider/entra", "SAMLMetadataDocument": "<EntityDescriptor/>\n"}
    ]
    return details


def drift_of(assembly: Path, details: dict[str, Any]) -> DriftReport:
    snapshot = snapshot_of(json.dumps(details), "account.json")
    return compare(Sides(read_declared(assembly, snapshot), snapshot), DeclarationLocations())


class Account:
    """The deployed account, to be changed as somebody would by hand."""

    def __init__(self) -> None:
        self.details = deployed()

    def user(self, name: str) -> Any:
        return self._named("UserDetailList", "UserName", name)

    def group(self, name: str) -> Any:
        return self._named("GroupDetailList", "GroupName", name)

    @property
    def web(self) -> Any:
        return self.details["RoleDetailList"][0]

    def policy(self, name: str) -> Any:
        return self._named("Policies", "PolicyName", name)["PolicyVersionList"][0]

    def statement(self, identity: Any) -> Any:
        (found,) = (each for key, each in identity.items() if key.endswith("PolicyList"))
        return found[0]["PolicyDocument"]["Statement"][0]

    def _named(self, kind: str, key: str, name: str) -> Any:
        return next(each for each in self.details[kind] if each[key] == name)


def widen_inline(account: Account) -> None:
    account.statement(account.user("scanner"))["Action"].append("s3:PutObject")


def widen_beyond_boundary(account: Account) -> None:
    account.statement(account.user("scanner"))["Action"].append("kms:Decrypt")


def narrow_inline(account: Account) -> None:
    account.statement(account.user("scanner"))["Action"].remove("s3:GetObject")


def remove_inline(account: Account) -> None:
    account.user("scanner")["UserPolicyList"].clear()


def widen_group(account: Account) -> None:
    account.statement(account.group("readers"))["Resource"] = "*"


def widen_shared(account: Account) -> None:
    account.policy("shared")["Document"] = allow("sqs:*")


def join_group(account: Account) -> None:
    account.user("alice")["GroupList"].append("writers")


def leave_group(account: Account) -> None:
    account.user("alice")["GroupList"].clear()


def attach(account: Account) -> None:
    account.web["AttachedManagedPolicies"].append(
        {"PolicyName": "x", "PolicyArn": "arn:aws:iam::aws:policy/AmazonS3FullAccess"}
    )


def trust_another(account: Account) -> None:
    account.web["AssumeRolePolicyDocument"]["Statement"] += trust(AWS="arn:aws:iam::999999999999:root")[
        "Statement"
    ]


def trust_nobody(account: Account) -> None:
    account.web["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] = {"Service": "lambda.amazonaws.com"}


def remove_boundary(account: Account) -> None:
    del account.user("alice")["PermissionsBoundary"]


def remove_effective_boundary(account: Account) -> None:
    attach(account)
    del account.web["PermissionsBoundary"]


def create_key(account: Account) -> None:
    account.details["AccessKeys"].append(access_key("scanner", "AKIAEXTRA"))


def create_login(account: Account) -> None:
    account.details["LoginProfiles"].append(login("scanner"))


def deactivate_key(account: Account) -> None:
    account.details["AccessKeys"][0]["Status"] = "Inactive"


def unknown_user(account: Account) -> None:
    account.details["UserDetailList"].append(user("mallory", path=PATH, groups=("writers",)))


def unknown_policy(account: Account) -> None:
    account.details["Policies"].append(policy("backdoor", allow("*"), path=PATH))


def outsider_joins(account: Account) -> None:
    account.details["UserDetailList"].append(user("ext", groups=("writers",)))


def delete_user(account: Account) -> None:
    account.details["UserDetailList"].remove(account.user("scanner"))
    account.details["AccessKeys"].clear()


def change_tag(account: Account) -> None:
    account.user("alice")["Tags"][0]["Value"] = "b"


def change_description(account: Account) -> None:
    account.web["Description"] = "something else"


def longer_sessions(account: Account) -> None:
    account.web["MaxSessionDuration"] = 43200


def profile_of_another(account: Account) -> None:
    moved = account.web["InstanceProfileList"]
    account.details["RoleDetailList"].append(role("admin", trust(Service="ec2.amazonaws.com")))
    account.details["RoleDetailList"][-1]["InstanceProfileList"] = moved[:]
    moved.clear()


def outsider_leaves(account: Account) -> None:
    account.user("legacy")["GroupList"].clear()


def outsider_loses_policy(account: Account) -> None:
    account.details["RoleDetailList"][1]["AttachedManagedPolicies"].clear()


def outsider_gets_policy(account: Account) -> None:
    account.user("legacy")["AttachedManagedPolicies"].append(
        {"PolicyName": "shared", "PolicyArn": f"{IAM}:policy{PATH}shared"}
    )


def delegated_without_boundary(account: Account) -> None:
    del account.details["RoleDetailList"][2]["PermissionsBoundary"]


def another_audience(account: Account) -> None:
    account.details["OpenIDConnectProviders"][0]["ClientIDList"].append("other")


def other_metadata(account: Account) -> None:
    account.details["SAMLProviders"][0]["SAMLMetadataDocument"] = "<EntityDescriptor>evil</EntityDescriptor>"


def left_by_the_stack(account: Account) -> None:
    account.details["UserDetailList"].append(user("leaver", path=PATH))
    account.details["StackResources"].append(
        {
            "StackName": "access",
            "LogicalResourceId": "Leaver",
            "PhysicalResourceId": "leaver",
            "ResourceType": "AWS::IAM::User",
            "Region": REGION,
        }
    )


def hostile_name(account: Account) -> None:
    account.details["UserDetailList"].append(user("x`; rm -rf / #\u202e", path=PATH))


WEB = "role/access-Web"
CASES: list[tuple[Callable[[Account], None], str, Direction, str]] = [
    (widen_inline, "user/scanner", Direction.MORE, "s3:PutObject"),
    (widen_beyond_boundary, "user/scanner", Direction.SAME, "another inline policy"),
    (narrow_inline, "user/scanner", Direction.LESS, "s3:GetObject"),
    (remove_inline, "user/scanner", Direction.LESS, "does not have its inline policy `grants`"),
    (widen_group, "group/readers", Direction.MORE, "user/alice"),
    (widen_shared, "policy/shared", Direction.MORE, WEB),
    (join_group, "user/alice", Direction.MORE, "s3:PutObject"),
    (
        leave_group,
        "user/alice",
        Direction.LESS,
        "aws iam add-user-to-group --user-name alice --group-name readers",
    ),
    (attach, WEB, Direction.MORE, f"aws iam detach-role-policy --role-name {WEB.removeprefix('role/')}"),
    (trust_another, WEB, Direction.MORE, "arn:aws:iam::999999999999"),
    (trust_nobody, WEB, Direction.MORE, "lambda.amazonaws.com"),
    (remove_boundary, "user/alice", Direction.LIMIT, "put-user-permissions-boundary"),
    (remove_effective_boundary, WEB, Direction.MORE, "permissions boundary"),
    (create_key, "user/scanner", Direction.MORE, "AKIAEXTRA"),
    (create_login, "user/scanner", Direction.MORE, "aws iam delete-login-profile --user-name scanner"),
    (deactivate_key, "user/scanner", Direction.LESS, "inactive"),
    (unknown_user, "user/mallory", Direction.UNDECLARED, "s3:PutObject"),
    (unknown_policy, "policy/backdoor", Direction.UNDECLARED, "aws iam delete-policy"),
    (outsider_joins, "user/ext", Direction.MORE, "in the declared group `writers`"),
    (delete_user, "user/scanner", Direction.LESS, "was deleted"),
    (change_tag, "user/alice", Direction.SAME, "Key=team,Value=a"),
    (change_description, WEB, Direction.SAME, "serves pages"),
    (longer_sessions, WEB, Direction.MORE, "43200"),
    (outsider_leaves, "user/legacy", Direction.LESS, "add-user-to-group"),
    (outsider_loses_policy, "role/old-role", Direction.LESS, "attach-role-policy"),
    (outsider_gets_policy, "user/legacy", Direction.MORE, "sqs:SendMessage"),
    (delegated_without_boundary, "role/made", Direction.LIMIT, TEAM),
    (another_audience, "oidc-provider/issuer.example", Direction.MORE, "audience `other`"),
    (other_metadata, "saml-provider/entra", Direction.MORE, "other metadata"),
    (left_by_the_stack, "user/leaver", Direction.UNDECLARED, "the next deployment of `access`"),
    (hostile_name, "user/x", Direction.UNDECLARED, "'x`; rm -rf / #"),
    (profile_of_another, "instance-profile/access-Profile", Direction.MORE, "admin"),
]


def test_a_deployed_account_has_no_drift(assembly: Path) -> None:
    report = drift_of(assembly, deployed())
    assert (report.drifts, report.undecided, report.exit_code) == ((), (), 0)


@pytest.mark.parametrize(
    ("change", "name", "direction", "part"), CASES, ids=[each[0].__name__ for each in CASES]
)
def test_a_difference_is_told_once_with_its_direction(
    change: Callable[[Account], None], name: str, direction: Direction, part: str, assembly: Path
) -> None:
    account = Account()
    change(account)
    report = drift_of(assembly, account.details)
    (found,) = report.drifts
    assert (found.name.startswith(name), found.direction) == (True, direction), found
    assert part in written(found)
    assert report.exit_code == 1


def written(drift: Drift) -> str:
    return str(drift)


def test_other_words_are_no_drift(assembly: Path) -> None:
    account = Account()
    statement = account.statement(account.user("scanner"))
    statement["Action"] = ["S3:listbucket", "s3:getobject", "s3:GetObject"]
    statement["Resource"].reverse()
    report = drift_of(assembly, account.details)
    assert (report.drifts, report.rewritten, report.exit_code) == ((), 1, 0)


def test_what_aws_and_others_own_is_no_drift(assembly: Path) -> None:
    account = Account()
    account.details["RoleDetailList"] += [
        role(
            "AWSServiceRoleForSupport",
            trust(Service="support.amazonaws.com"),
            path="/aws-service-role/support.amazonaws.com/",
        ),
        role("cdk-hnb659fds-deploy-role", trust(AWS=f"{IAM}:root"), inline={"x": allow("*")}),
    ]
    account.details["UserDetailList"].append(user("other", inline={"x": allow("*")}))
    assert drift_of(assembly, account.details).exit_code == 0


def test_parts_that_were_not_read_are_undecided(assembly: Path) -> None:
    details = deployed()
    del details["AccessKeys"]
    report = drift_of(assembly, details)
    assert report.exit_code == 3
    assert report.undecided == (
        "access keys of users could not be compared; accepted: a file that `keywright snapshot` wrote whole",
    )


def test_names_that_are_not_known_are_undecided(assembly: Path) -> None:
    details = deployed()
    del details["StackResources"]
    del details["AccessKeys"]
    report = drift_of(assembly, details)
    assert "the names that CloudFormation generated are not known" in str(report.undecided)
    # The role is there, under a name that only its stack knows.
    assert {each.direction for each in report.drifts} == {Direction.UNDECIDED}
    assert (report.certain, report.exit_code) == ((), 3)


def test_a_tag_that_a_policy_has_a_condition_on_is_undecided(assembly: Path) -> None:
    account = Account()
    change_tag(account)
    by_tag = allow("sqs:*", Condition={"StringEquals": {"aws:PrincipalTag/Team": "b"}})
    account.details["UserDetailList"].append(user("other", inline={"x": by_tag}))
    (found,) = drift_of(assembly, account.details).drifts
    assert (found.direction, found.is_certain, len(found.undecided)) == (Direction.UNDECIDED, True, 1)


def test_an_adopted_path_may_have_others(tmp_path: Path) -> None:
    boundary = resource("ManagedPolicy", ManagedPolicyName="keywright-boundary", PolicyDocument=allow("*"))
    resources = {"Boundary": boundary, "Old": resource("User", UserName="old", Path="/shared/")}
    (tmp_path / "a.template.json").write_text(json.dumps({"Resources": resources}))
    details = DeployedAccount({("", name): each for name, each in resources.items()}).details()
    details["StackResources"] = []
    details["UserDetailList"] += [user("other", path="/shared/"), user("mallory", path=PATH)]
    assert [each.name for each in drift_of(tmp_path, details).drifts] == ["user/mallory"]


def test_the_command_writes_every_format(assembly: Path, tmp_path: Path) -> None:
    account = Account()
    widen_inline(account)
    unknown_user(account)
    file = tmp_path / "account.json"
    file.write_text(json.dumps(account.details))
    texts = {}
    for form in ("text", "markdown", "json", "sarif"):
        done = CliRunner().invoke(app, ["drift", str(assembly), "--snapshot", str(file), "--format", form])
        assert done.exit_code == 1, done.output
        texts[form] = done.stdout
    assert "to undo it: `npx cdk deploy access --revert-drift`" in texts["text"]
    assert texts["markdown"].startswith(
        "### Drift of account `111111111111`: 1 can do more, 1 is not declared"
    )
    assert [each["name"] for each in json.loads(texts["json"])["drift"]] == ["user/scanner", "user/mallory"]
    (run,) = json.loads(texts["sarif"])["runs"]
    assert [each["ruleId"] for each in run["results"]] == ["drift-more", "drift-undeclared"]


def test_the_report_is_as_it_was_read(assembly: Path) -> None:
    """KEYWRIGHT_GOLDEN=write writes it anew, to be read in the difference."""
    account = Account()
    for change in (
        join_group,
        narrow_inline,
        create_key,
        trust_another,
        widen_shared,
        unknown_user,
        other_metadata,
    ):
        change(account)
    change_tag(account)
    text = render_markdown(drift_of(assembly, account.details)).replace(f"{assembly}/", "")
    if os.environ.get("KEYWRIGHT_GOLDEN") == "write":
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "account.json"),
        (json.dumps({**deployed(), "IsTruncated": True}), "incomplete"),
        (json.dumps(deployed()).replace(ACCOUNT, "222222222222"), "another account"),
    ],
)
def test_an_unusable_snapshot_is_refused(content: str, says: str, assembly: Path, tmp_path: Path) -> None:
    file = tmp_path / "account.json"
    file.write_text(content)
    done = CliRunner().invoke(app, ["drift", str(assembly), "--snapshot", str(file)])
    assert done.exit_code == 2
    assert says in done.output
