"""IAM's resource types in CloudFormation behave as the CloudFormation Template Reference documents.

What passes here because of a repair proves the repair, not AWS.
"""

import json

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.cloud import EC2_TRUST, allow, inline, policy, resource, trust

GET = allow("s3:GetObject", "arn:aws:s3:::a/*")
PUT = allow("s3:PutObject", "arn:aws:s3:::a/*")
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def document(*statements):
    return json.loads(policy(*statements))


def group(**more):
    return resource("AWS::IAM::Group", GroupName="g", **more)


def user(**more):
    return resource("AWS::IAM::User", UserName="u", **more)


def role(**more):
    return resource(
        "AWS::IAM::Role", **{"RoleName": "r", "AssumeRolePolicyDocument": document(EC2_TRUST), **more}
    )


def test_group_gets_policies_and_path_and_loses_removed_ones(cloud):
    """AWS::IAM::Group."""
    assert (
        cloud.deploy(
            {"G": group(Path="/a/", Policies=[inline("p", GET)], ManagedPolicyArns=[READ_ONLY])}
        ).status
        == "CREATE_COMPLETE"
    )
    assert cloud.iam.get_group(GroupName="g")["Group"]["Arn"].endswith(":group/a/g")
    assert (
        cloud.iam.list_attached_group_policies(GroupName="g")["AttachedPolicies"][0]["PolicyArn"] == READ_ONLY
    )
    before = cloud.iam.get_group(GroupName="g")["Group"]["GroupId"]
    assert cloud.deploy({"G": group(Path="/b/", Policies=[inline("q", PUT)])}).status == "UPDATE_COMPLETE"
    assert cloud.iam.get_group(GroupName="g")["Group"]["Arn"].endswith(":group/b/g")
    assert cloud.iam.list_group_policies(GroupName="g")["PolicyNames"] == ["q"]
    assert cloud.iam.list_attached_group_policies(GroupName="g")["AttachedPolicies"] == []
    assert cloud.iam.get_group(GroupName="g")["Group"]["GroupId"] == before


def test_user_update_reaches_every_property(cloud):
    """AWS::IAM::User."""
    for name in ("g1", "g2"):
        cloud.iam.create_group(GroupName=name)
    boundary = cloud.iam.create_policy(PolicyName="b", PolicyDocument=policy(GET))["Policy"]["Arn"]
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}]
    cloud.deploy({"U": user(Groups=["g1"], Policies=[inline("p", GET)], Tags=tags)})
    assert cloud.deploy({
        "U": user(
            Path="/x/", Groups=["g2"], Policies=[inline("p", PUT)], ManagedPolicyArns=[READ_ONLY],
            PermissionsBoundary=boundary, Tags=[{"Key": "b", "Value": "2"}],
        )
    }).status == "UPDATE_COMPLETE"  # fmt: skip
    found = cloud.iam.get_user(UserName="u")["User"]
    assert found["Arn"].endswith(":user/x/u")
    assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert found["Tags"] == [{"Key": "b", "Value": "2"}]
    assert [each["GroupName"] for each in cloud.iam.list_groups_for_user(UserName="u")["Groups"]] == ["g2"]
    assert cloud.iam.get_user_policy(UserName="u", PolicyName="p")["PolicyDocument"] == document(PUT)
    assert cloud.deploy({"U": user()}).status == "UPDATE_COMPLETE"
    found = cloud.iam.get_user(UserName="u")["User"]
    assert found["Arn"].endswith(":user/u")
    assert "PermissionsBoundary" not in found
    assert cloud.iam.list_user_policies(UserName="u")["PolicyNames"] == []
    assert cloud.iam.list_attached_user_policies(UserName="u")["AttachedPolicies"] == []


def test_role_update_reaches_every_property_and_keeps_its_id(cloud):
    """AWS::IAM::Role."""
    boundary = cloud.iam.create_policy(PolicyName="b", PolicyDocument=policy(GET))["Policy"]["Arn"]
    cloud.deploy(
        {"R": role(Policies=[inline("p", GET)], PermissionsBoundary=boundary, ManagedPolicyArns=[READ_ONLY])}
    )
    before = cloud.iam.get_role(RoleName="r")["Role"]
    assert before["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    lambdas = document(trust({"Service": "lambda.amazonaws.com"}))
    assert cloud.deploy({
        "R": role(
            AssumeRolePolicyDocument=lambdas, MaxSessionDuration=7200, Description="d", Policies=[inline("q", PUT)],
            Tags=[{"Key": "a", "Value": "b"}],
        )
    }).status == "UPDATE_COMPLETE"  # fmt: skip
    after = cloud.iam.get_role(RoleName="r")["Role"]
    assert (after["RoleId"], after["Description"], after["MaxSessionDuration"]) == (
        before["RoleId"],
        "d",
        7200,
    )
    assert after["AssumeRolePolicyDocument"] == lambdas
    assert after["Tags"] == [{"Key": "a", "Value": "b"}]
    assert "PermissionsBoundary" not in after
    assert cloud.iam.list_role_policies(RoleName="r")["PolicyNames"] == ["q"]
    assert cloud.iam.list_attached_role_policies(RoleName="r")["AttachedPolicies"] == []


def test_policy_attached_from_outside_survives_an_update(cloud):
    """AWS::IAM::Role."""
    cloud.deploy({"R": role()})
    cloud.iam.put_role_policy(RoleName="r", PolicyName="hand", PolicyDocument=policy(GET))
    cloud.deploy({"R": role(Description="d")})
    assert cloud.iam.list_role_policies(RoleName="r")["PolicyNames"] == ["hand"]


def managed(statement, **more):
    return resource(
        "AWS::IAM::ManagedPolicy", ManagedPolicyName="m", PolicyDocument=document(statement), **more
    )


def test_managed_policy_update_makes_a_new_default_version(cloud):
    """AWS::IAM::ManagedPolicy."""
    arn = cloud.deploy({"M": managed(GET)}, outputs={"Arn": {"Value": {"Ref": "M"}}}).outputs["Arn"]
    for number in range(2, 8):
        statement = allow("s3:PutObject", f"arn:aws:s3:::a/{number}")
        assert cloud.deploy({"M": managed(statement)}).status == "UPDATE_COMPLETE"
        assert cloud.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == f"v{number}"
    versions = [each["VersionId"] for each in cloud.iam.list_policy_versions(PolicyArn=arn)["Versions"]]
    assert sorted(versions) == ["v3", "v4", "v5", "v6", "v7"]
    assert cloud.destroy().status == "DELETE_COMPLETE"


def test_access_key_status_changes_in_place_and_serial_makes_a_new_key(cloud):
    """AWS::IAM::AccessKey."""

    def key(**more):
        return {"K": resource("AWS::IAM::AccessKey", UserName="u", **more)}

    cloud.iam.create_user(UserName="u")
    cloud.deploy(key(Serial=1))
    [first] = cloud.iam.list_access_keys(UserName="u")["AccessKeyMetadata"]
    cloud.deploy(key(Serial=1, Status="Inactive"))
    [same] = cloud.iam.list_access_keys(UserName="u")["AccessKeyMetadata"]
    assert (same["AccessKeyId"], same["Status"]) == (first["AccessKeyId"], "Inactive")
    cloud.deploy(key(Serial=2))
    [other] = cloud.iam.list_access_keys(UserName="u")["AccessKeyMetadata"]
    assert other["AccessKeyId"] != first["AccessKeyId"]


def test_secret_of_an_access_key_reaches_a_secret_in_the_same_stack(cloud):
    """AWS::IAM::AccessKey: Fn::GetAtt SecretAccessKey."""
    cloud.iam.create_user(UserName="u")
    cloud.deploy({
        "K": resource("AWS::IAM::AccessKey", UserName="u"),
        "S": resource("AWS::SecretsManager::Secret", Name="s", SecretString={"Fn::Sub": "${K} ${K.SecretAccessKey}"}),
    })  # fmt: skip
    key = tuple(cloud.client("secretsmanager").get_secret_value(SecretId="s")["SecretString"].split(" "))
    assert cloud.client("sts", key).get_caller_identity()["Arn"].endswith(":user/u")


def test_membership_moves_and_is_removed(cloud):
    """AWS::IAM::UserToGroupAddition."""

    def addition(name, *users):
        return {"A": resource("AWS::IAM::UserToGroupAddition", GroupName=name, Users=list(users))}

    def members(name):
        return sorted(each["UserName"] for each in cloud.iam.get_group(GroupName=name)["Users"])

    for name in ("a", "b"):
        cloud.iam.create_group(GroupName=name)
        cloud.iam.create_user(UserName=name)
    cloud.deploy(addition("a", "a", "b"))
    assert members("a") == ["a", "b"]
    cloud.deploy(addition("a", "b"))
    assert members("a") == ["b"]
    cloud.deploy(addition("b", "b"))
    assert (members("a"), members("b")) == ([], ["b"])
    cloud.destroy()
    assert members("b") == []


def test_saml_provider_changes_its_metadata_in_place(cloud, root_folder):
    """AWS::IAM::SAMLProvider."""
    metadata = (root_folder / "access/metadata/okta.xml").read_text()

    def provider(text):
        return {"P": resource("AWS::IAM::SAMLProvider", Name="okta", SamlMetadataDocument=text)}

    arn = cloud.deploy(provider(metadata), outputs={"Arn": {"Value": {"Ref": "P"}}}).outputs["Arn"]
    cloud.deploy(provider(metadata.replace("/sso", "/other")))
    assert "/other" in cloud.iam.get_saml_provider(SAMLProviderArn=arn)["SAMLMetadataDocument"]
    cloud.destroy()
    assert cloud.iam.list_saml_providers()["SAMLProviderList"] == []


def test_oidc_provider_changes_its_clients_in_place(cloud):
    """AWS::IAM::OIDCProvider."""

    def provider(**more):
        return {"P": resource("AWS::IAM::OIDCProvider", Url="https://idp.example.com/x", **more)}

    arn = cloud.deploy(provider(ClientIdList=["a", "b"]), outputs={"Arn": {"Value": {"Ref": "P"}}}).outputs[
        "Arn"
    ]
    cloud.deploy(provider(ClientIdList=["b", "c"], ThumbprintList=["a" * 40]))
    found = cloud.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert (sorted(found["ClientIDList"]), found["ThumbprintList"]) == (["b", "c"], ["a" * 40])


def test_instance_profile_ref_is_its_name_and_its_role_changes_in_place(cloud):
    """AWS::IAM::InstanceProfile."""
    for name in ("r1", "r2"):
        cloud.role(name, EC2_TRUST)

    def profile(name):
        return {"P": resource("AWS::IAM::InstanceProfile", InstanceProfileName="p", Roles=[name])}

    assert cloud.deploy(profile("r1"), outputs={"Ref": {"Value": {"Ref": "P"}}}).outputs == {"Ref": "p"}
    before = cloud.iam.get_instance_profile(InstanceProfileName="p")["InstanceProfile"]
    cloud.deploy(profile("r2"))
    after = cloud.iam.get_instance_profile(InstanceProfileName="p")["InstanceProfile"]
    assert [each["RoleName"] for each in after["Roles"]] == ["r2"]
    assert after["InstanceProfileId"] == before["InstanceProfileId"]
    assert "NotFound" in cloud.deploy(profile("nobody")).reasons["P"]


@pytest.mark.parametrize("kind", ["User", "Group", "Role"])
def test_name_that_is_taken_fails_and_rolls_back_leaving_the_other_alone(cloud, kind):
    """AWS::IAM::User, Group and Role; the IAM API Reference "CreateUser": EntityAlreadyExists."""
    make = {"User": cloud.iam.create_user, "Group": cloud.iam.create_group}
    if kind == "Role":
        cloud.role("taken", EC2_TRUST)
    else:
        make[kind](**{f"{kind}Name": "taken"})
    more = {"AssumeRolePolicyDocument": document(EC2_TRUST)} if kind == "Role" else {}
    outcome = cloud.deploy({"X": resource(f"AWS::IAM::{kind}", **{f"{kind}Name": "Taken"}, **more)})
    assert outcome.status == "ROLLBACK_COMPLETE"
    assert outcome.reasons["X"] == (
        f'Resource handler returned message: "{kind} with name Taken already exists. (Service: Iam, Status Code: 409, '
        'Error Code: EntityAlreadyExists)" (HandlerErrorCode: AlreadyExists)'
    )
    getattr(cloud.iam, f"get_{kind.lower()}")(**{f"{kind}Name": "taken"})


@pytest.mark.parametrize(
    "taken",
    [
        pytest.param(
            resource(
                "AWS::Lambda::Function",
                FunctionName="taken",
                Runtime="python3.12",
                Handler="index.handler",
                Code={"ZipFile": "def handler(event, context): pass"},
                Role="arn:aws:iam::111111111111:role/runs",
            ),
            id="function",
        ),
        pytest.param(resource("AWS::Logs::LogGroup", LogGroupName="taken"), id="log group"),
        pytest.param(
            resource("AWS::EC2::LaunchTemplate", LaunchTemplateName="taken", LaunchTemplateData={}),
            id="launch template",
        ),
    ],
)
def test_name_that_another_stack_took_fails_and_leaves_the_other_alone(cloud, taken):
    """The CloudFormation User Guide "Troubleshooting": AlreadyExists."""
    cloud.role("runs", trust({"Service": "lambda.amazonaws.com"}))
    assert cloud.deploy({"X": taken}, "first").status == "CREATE_COMPLETE"
    outcome = cloud.deploy({"X": taken}, "second")
    assert (outcome.status, "AlreadyExists" in outcome.reasons["X"]) == ("ROLLBACK_COMPLETE", True)
    assert cloud.destroy("first").status == "DELETE_COMPLETE"


def test_managed_policy_name_that_is_taken_fails(cloud):
    """The IAM API Reference "CreatePolicy": EntityAlreadyExists."""
    cloud.iam.create_policy(PolicyName="m", PolicyDocument=policy(GET))
    outcome = cloud.deploy({"M": managed(PUT)})
    assert (outcome.status, "already exists" in outcome.reasons["M"]) == ("ROLLBACK_COMPLETE", True)


def test_failed_create_leaves_nothing_behind(cloud):
    """AWS CloudFormation User Guide "Understand CloudFormation stack creation events": a failed create rolls back."""
    outcome = cloud.deploy({"U": user(Groups=["no-such-group"])})
    assert outcome.status == "ROLLBACK_COMPLETE"
    with pytest.raises(ClientError, match="NoSuchEntity"):
        cloud.iam.get_user(UserName="u")


def test_unchanged_name_with_a_create_only_change_is_refused(cloud):
    """AWS CloudFormation User Guide "Update behaviors of stack resources": a custom-named resource is not replaced."""
    cloud.deploy({"R": role(Path="/a/")})
    outcome = cloud.deploy({"R": role(Path="/b/")})
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    assert outcome.reasons["R"].startswith(
        "CloudFormation cannot update a stack when a custom-named resource requires"
    )


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        pytest.param("AWS::IAM::User", {"UserName": "a"}, {"UserName": "b"}, id="user name"),
        pytest.param("AWS::IAM::Group", {"GroupName": "a"}, {"GroupName": "b"}, id="group name"),
        pytest.param("AWS::IAM::Group", {"GroupName": "a"}, {}, id="group name dropped"),
        pytest.param(
            "AWS::IAM::OIDCProvider", {"Url": "https://a.example"}, {"Url": "https://b.example"}, id="url"
        ),
        pytest.param(
            "AWS::IAM::ManagedPolicy",
            {"PolicyDocument": document(GET), "Description": "a"},
            {"PolicyDocument": document(GET), "Description": "b"},
            id="description of an unnamed managed policy",
        ),
        pytest.param(
            "AWS::IAM::Role",
            {"AssumeRolePolicyDocument": document(EC2_TRUST), "Path": "/a/"},
            {"AssumeRolePolicyDocument": document(EC2_TRUST), "Path": "/b/"},
            id="path of an unnamed role",
        ),
    ],
)
def test_create_only_change_makes_a_new_one_then_deletes_the_old(cloud, kind, before, after):
    """AWS CloudFormation User Guide "Update behaviors of stack resources": replacement."""
    ref = {"Ref": {"Value": {"Ref": "X"}}}
    old = cloud.deploy({"X": resource(kind, **before)}, outputs=ref).outputs["Ref"]
    outcome = cloud.deploy({"X": resource(kind, **after)}, outputs=ref)
    assert outcome.status == "UPDATE_COMPLETE"
    assert outcome.outputs["Ref"] != old
    left = {
        *(each["UserName"] for each in cloud.iam.list_users()["Users"]),
        *(each["GroupName"] for each in cloud.iam.list_groups()["Groups"]),
        *(each["RoleName"] for each in cloud.iam.list_roles()["Roles"]),
        *(each["Arn"] for each in cloud.iam.list_policies(Scope="Local")["Policies"]),
        *(each["Arn"] for each in cloud.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]),
    }
    assert left == {outcome.outputs["Ref"]}
