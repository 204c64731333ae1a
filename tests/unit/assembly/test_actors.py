"""The principals of templates, and the resources that run with their roles."""

import pytest

from keywright.assembly.identities.principals import account_of, principals_of
from keywright.assembly.templates.reader import read_assembly
from keywright.reasoning.account.actors import ActorKind, PolicyKind
from tests.unit.assembly.builders import assembly_of, write_template

ALLOWING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
IAM = "arn:aws:iam::111111111111:"


def one(kind, **properties):
    return {"Type": f"AWS::{kind}", "Properties": properties}


def policy(name, document=ALLOWING):
    return {"PolicyName": name, "PolicyDocument": document}


def document(**statement):
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"} | statement],
    }


def account(folder, **resources):
    return account_of(assembly_of(folder, resources))


def allowed(actor):
    return [(each.actions, each.resources) for grant in actor.grants for each in grant.document.statements]


def test_a_user_has_what_its_groups_have(tmp_path):
    found = account(
        tmp_path,
        U=one("IAM::User", UserName="u", Groups=[{"Ref": "G"}], Policies=[policy("own")]),
        G=one("IAM::Group", GroupName="g", Policies=[policy("shared")]),
    )
    (user,) = found.actors
    assert (user.name, user.arn) == ("user/u", f"{IAM}user/u")
    assert [(grant.kind, grant.group) for grant in user.grants] == [
        (PolicyKind.INLINE, ""),
        (PolicyKind.INLINE, f"{IAM}group/g"),
    ]


def test_a_group_without_members_is_an_actor(tmp_path):
    found = account(tmp_path, G=one("IAM::Group", GroupName="g", Policies=[policy("p")]))
    assert [(each.kind, each.name) for each in found.actors] == [(ActorKind.GROUP, "group/g")]


def test_a_policy_that_is_not_attached_is_an_actor(tmp_path):
    found = account(tmp_path, P=one("IAM::ManagedPolicy", ManagedPolicyName="p", PolicyDocument=ALLOWING))
    assert [(each.kind, each.name) for each in found.actors] == [(ActorKind.POLICY, "policy/p")]
    assert list(found.policies) == [f"{IAM}policy/p"]


def test_a_boundary_limits_and_is_no_actor(tmp_path):
    found = account(
        tmp_path,
        P=one("IAM::ManagedPolicy", ManagedPolicyName="p", PolicyDocument=ALLOWING),
        R=one("IAM::Role", RoleName="r", PermissionsBoundary={"Ref": "P"}),
    )
    (role,) = found.actors
    assert role.boundary_arn == f"{IAM}policy/p"
    assert role.boundary is found.policies[role.boundary_arn]


def test_an_unknown_boundary_limits_nothing_for_certain(tmp_path):
    boundary = "arn:aws:iam::111111111111:policy/elsewhere"
    (role,) = account(tmp_path, R=one("IAM::Role", RoleName="r", PermissionsBoundary=boundary)).actors
    assert (role.boundary, role.boundary_arn) == (None, boundary)


def test_reads_aws_managed_policies_by_their_documents(tmp_path):
    arns = [{"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::aws:policy/AdministratorAccess"]]}]
    (role,) = account(tmp_path, R=one("IAM::Role", RoleName="r", ManagedPolicyArns=arns)).actors
    assert allowed(role) == [(("*",), ("*",))]
    assert role.doubts == ()


def test_an_unknown_policy_is_uncertain(tmp_path):
    arns = ["arn:aws:iam::aws:policy/NoSuchPolicy", "arn:aws:iam::111111111111:policy/elsewhere"]
    (role,) = account(tmp_path, R=one("IAM::Role", RoleName="r", ManagedPolicyArns=arns)).actors
    assert role.doubts == tuple(f"the policy `{arn}` is not known" for arn in arns)


def test_policies_for_an_external_identity_make_an_actor(tmp_path):
    found = account(
        tmp_path, P=one("IAM::Policy", PolicyName="p", PolicyDocument=ALLOWING, Roles=["existing"])
    )
    assert [(each.kind, each.name, len(each.grants)) for each in found.actors] == [
        (ActorKind.ROLE, "role/existing", 1)
    ]


@pytest.mark.parametrize(
    ("resource", "properties", "credential_source"),
    [
        ("Lambda::Function", {"FunctionName": "f", "Role": "?"}, ("lambda:function", "function:f")),
        ("CodeBuild::Project", {"Name": "p", "ServiceRole": "?"}, ("codebuild:project", "project/p")),
        (
            "SageMaker::NotebookInstance",
            {"NotebookInstanceName": "n", "RoleArn": "?"},
            ("sagemaker:notebook-instance", "notebook-instance/n"),
        ),
        (
            "AppRunner::Service",
            {"ServiceName": "s", "InstanceConfiguration": {"InstanceRoleArn": "?"}},
            ("apprunner:service", "service/s"),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_resource_with_a_role_is_a_credential_source(tmp_path, resource, properties, credential_source):
    role = {"Fn::GetAtt": ["R", "Arn"]}
    filled = {
        name: role if value == "?" else dict.fromkeys(value, role) if isinstance(value, dict) else value
        for name, value in properties.items()
    }
    found = account(tmp_path, R=one("IAM::Role", RoleName="r"), X=one(resource, **filled))
    (carried,) = found.credential_sources
    assert (carried.kind, carried.identity_arn) == (credential_source[0], f"{IAM}role/r")
    assert carried.arn.endswith(f":{credential_source[1]}")


def test_an_instance_is_a_credential_source_for_its_profiles_role(tmp_path):
    found = account(
        tmp_path,
        R=one("IAM::Role", RoleName="r"),
        P=one("IAM::InstanceProfile", Roles=[{"Ref": "R"}]),
        I=one("EC2::Instance", IamInstanceProfile={"Ref": "P"}),
        L=one(
            "EC2::LaunchTemplate",
            LaunchTemplateData={"IamInstanceProfile": {"Arn": {"Fn::GetAtt": ["P", "Arn"]}}},
        ),
    )
    assert {(each.kind, each.identity_arn) for each in found.credential_sources} == {
        ("ec2:instance", f"{IAM}role/r"),
        ("ec2:launch-template", f"{IAM}role/r"),
    }


def test_an_anchor_gives_the_roles_of_its_profiles(tmp_path):
    """A principal that changes an anchor can issue any certificate, and use any profile."""
    found = account(
        tmp_path,
        R=one("IAM::Role", RoleName="r"),
        A=one("RolesAnywhere::TrustAnchor", Name="a"),
        P=one("RolesAnywhere::Profile", Name="p", RoleArns=[{"Fn::GetAtt": ["R", "Arn"]}, f"{IAM}role/s"]),
    )
    assert {(each.kind, each.identity_arn) for each in found.credential_sources} == {
        ("rolesanywhere:trust-anchor", f"{IAM}role/r"),
        ("rolesanywhere:trust-anchor", f"{IAM}role/s"),
    }


TAGGED = {
    "IamInstanceProfile": {"Arn": {"Fn::GetAtt": ["P", "Arn"]}},
    "TagSpecifications": [
        {"ResourceType": "volume", "Tags": [{"Key": "team", "Value": "disks"}]},
        {
            "ResourceType": "instance",
            "Tags": [{"Key": "team", "Value": "a"}, {"Key": "stage", "Value": "test"}],
        },
    ],
}
BY_ID = {"LaunchTemplateId": {"Ref": "L"}, "Version": "1"}
OWN = [
    {"Key": "team", "Value": "b", "PropagateAtLaunch": True},
    {"Key": "stage", "Value": "live", "PropagateAtLaunch": False},
]


def launched_by(tmp_path, **resources):
    """Return the instances that start from a launch template or configuration, each with its tags."""
    found = account(
        tmp_path,
        R=one("IAM::Role", RoleName="r"),
        P=one("IAM::InstanceProfile", Roles=[{"Ref": "R"}]),
        **resources,
    )
    return [
        (each.identity_arn, dict(each.tags), each.needs)
        for each in found.credential_sources
        if each.kind == "ec2:instance"
    ]


@pytest.mark.parametrize(
    ("resource", "tags"),
    [
        pytest.param(
            one("EC2::Instance", LaunchTemplate=BY_ID), {"team": "a", "stage": "test"}, id="an instance"
        ),
        pytest.param(
            one("EC2::Instance", LaunchTemplate=BY_ID, Tags=[{"Key": "team", "Value": "c"}]),
            {"team": "c", "stage": "test"},
            id="an instance with tags of its own",
        ),
        pytest.param(
            one("AutoScaling::AutoScalingGroup", LaunchTemplate=BY_ID, Tags=OWN),
            {"team": "b", "stage": "test"},
            id="a group that hands on a tag",
        ),
        pytest.param(
            one(
                "AutoScaling::AutoScalingGroup",
                MixedInstancesPolicy={"LaunchTemplate": {"LaunchTemplateSpecification": BY_ID}},
            ),
            {"team": "a", "stage": "test"},
            id="a group of mixed instances",
        ),
        pytest.param(
            one("EC2::Instance", LaunchTemplate={"LaunchTemplateName": "web", "Version": "1"}),
            {"team": "a", "stage": "test"},
            id="by name",
        ),
    ],
)
def test_an_instance_has_the_role_and_the_tags_of_its_launch_template(tmp_path, resource, tags):
    template = one("EC2::LaunchTemplate", LaunchTemplateName="web", LaunchTemplateData=TAGGED)
    assert launched_by(tmp_path, L=template, I=resource) == [(f"{IAM}role/r", tags, "")]


def test_a_group_has_the_role_of_its_launch_configuration(tmp_path):
    assert launched_by(
        tmp_path,
        L=one("AutoScaling::LaunchConfiguration", IamInstanceProfile={"Ref": "P"}),
        G=one("AutoScaling::AutoScalingGroup", LaunchConfigurationName={"Ref": "L"}),
    ) == [(f"{IAM}role/r", {}, "")]


def test_a_launch_template_alone_needs_an_instance_to_be_launched(tmp_path):
    assert launched_by(tmp_path, L=one("EC2::LaunchTemplate", LaunchTemplateData=TAGGED)) == [
        (f"{IAM}role/r", {"team": "a", "stage": "test"}, "an instance started from `L`")
    ]


def test_tags_that_a_condition_decides_are_not_certain(tmp_path):
    either = {"Fn::If": ["C", [{"Key": "team", "Value": "c"}], [{"Key": "team", "Value": "d"}]]}
    [(_, tags, _)] = launched_by(
        tmp_path, I=one("EC2::Instance", IamInstanceProfile={"Ref": "P"}, Tags=either)
    )
    assert tags == {}


def test_a_secret_is_a_source_of_its_access_key(tmp_path):
    text = {"Fn::Join": ["", ["{", {"Fn::GetAtt": ["K", "SecretAccessKey"]}, "}"]]}
    found = account(
        tmp_path,
        U=one("IAM::User", UserName="u"),
        K=one("IAM::AccessKey", UserName={"Ref": "U"}),
        S=one("SecretsManager::Secret", SecretString=text),
    )
    assert [(each.kind, each.identity_arn) for each in found.credential_sources] == [
        ("secretsmanager:Secret", f"{IAM}user/u")
    ]


def test_finds_a_named_secret_by_its_name(tmp_path):
    found = account(
        tmp_path,
        U=one("IAM::User", UserName="u"),
        K=one("IAM::AccessKey", UserName={"Ref": "U"}),
        S=one("SecretsManager::Secret", Name="own", SecretString={"Fn::GetAtt": ["K", "SecretAccessKey"]}),
    )
    assert len(found.credential_sources) == len({each.arn for each in found.credential_sources}) == 2
    assert any(each.arn.endswith(":secret:own-AbCdEf") for each in found.credential_sources)


def test_overestimates_an_unknown_allow(tmp_path):
    unknown = {"Fn::ImportValue": "anything"}
    (user,) = account(
        tmp_path, U=one("IAM::User", UserName="u", Policies=[policy("p", document(Resource=unknown))])
    ).actors
    assert allowed(user) == [(("*",), ("*",))]


def test_underestimates_an_unknown_deny(tmp_path):
    unknown = {"Fn::ImportValue": "anything"}
    (user,) = account(
        tmp_path,
        U=one("IAM::User", UserName="u", Policies=[policy("p", document(Effect="Deny", Resource=unknown))]),
    ).actors
    ((_, (resource,)),) = allowed(user)
    assert resource.startswith("<")


def test_the_lower_estimate_does_the_opposite(tmp_path):
    unknown = {"Fn::ImportValue": "anything"}
    statements = [document(Resource=unknown), document(Effect="Deny", Resource=unknown)]
    people = principals_of(
        assembly_of(
            tmp_path,
            {
                "U": one(
                    "IAM::User",
                    UserName="u",
                    Policies=[policy(str(index), each) for index, each in enumerate(statements)],
                )
            },
        )
    )
    least = [people.least[id(each)].statements[0].resources[0] for each in people.account.actors[0].documents]
    assert least[0].startswith("<")
    assert least[1] == "*"


def test_a_symbol_separates_no_arns(tmp_path):
    (role,) = account(tmp_path, R=one("IAM::Role")).actors
    assert role.arn.count(":") == 5
    assert role.arn.count("/") == 1


@pytest.mark.parametrize(
    ("given", "written"), [("", "<AWS.AccountId>"), ("222222222222", "222222222222")], ids=["none", "one"]
)
def test_an_account_without_declaration_is_a_symbol_or_the_given_one(tmp_path, given, written):
    template = write_template(tmp_path / "t.json", {"R": one("IAM::Role", RoleName="r")})
    found = principals_of(read_assembly(template), given)
    assert found.account.actors[0].arn == f"arn:aws:iam::{written}:role/r"
