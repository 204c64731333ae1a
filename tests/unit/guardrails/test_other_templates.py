"""Templates of other tools, in YAML with short forms: each fault is refused, and the corrected form passes.

Nothing pins the account, nothing is ours: conventions are warnings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keywright.assembly.templates.reader import read_assembly
from keywright.guardrails.engine import check_assembly
from keywright.guardrails.rule import all_rules
from keywright.reporting.finding import Finding, Outcome, Severity

if TYPE_CHECKING:
    from pathlib import Path

OF_A_SERVICE = """
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]
"""


def trusting(statement: str, *, more: str = "") -> str:
    return f"""
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      {more or "Description: none"}
      AssumeRolePolicyDocument: {{Version: "2012-10-17", Statement: [{statement}]}}
"""


def allowing(*statements: str) -> str:
    return f"""
Resources:
  Bucket: {{Type: AWS::S3::Bucket}}
  Role:
    Type: AWS::IAM::Role
    Properties:{OF_A_SERVICE}
      Policies:
        - PolicyName: grants
          PolicyDocument: {{Version: "2012-10-17", Statement: [{", ".join(statements)}]}}
"""


def allow(action: str, resource: str = '"*"', condition: str = "") -> str:
    asked = f", Condition: {condition}" if condition else ""
    return f"{{Effect: Allow, Action: {action}, Resource: {resource}{asked}}}"


def assume(principal: str, condition: str = "") -> str:
    asked = f", Condition: {condition}" if condition else ""
    return f'{{Effect: Allow, Principal: {principal}, Action: "sts:AssumeRole"{asked}}}'


OTHER = '{AWS: "arn:aws:iam::222222222222:root"}'
BOUNDARY = "PermissionsBoundary: arn:aws:iam::222222222222:policy/boundary"
POOL = '"cognito-identity.amazonaws.com:aud": "eu-central-1:1b2c"'
GUEST = (
    "{Effect: Allow, Principal: {Federated: cognito-identity.amazonaws.com}, "
    f'Action: "sts:AssumeRoleWithWebIdentity", Condition: {{StringEquals: {{{POOL}}}'
)
SERVERLESS = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Greet:
    Type: AWS::Serverless::Function
    Properties: {Handler: a.b, Runtime: python3.13, CodeUri: ., %s}
"""
DATABASE = """
Parameters: {Given: {Type: String%s}}
Resources:
  Database: {Type: AWS::RDS::DBInstance, Properties: {MasterUserPassword: !Ref Given}}
"""
KEYS = """
Resources:
  Bot: {Type: AWS::IAM::User, Properties: {UserName: bot}}
  Old: {Type: AWS::IAM::AccessKey, Properties: {UserName: !Ref Bot, Status: %s}}
  New: {Type: AWS::IAM::AccessKey, Properties: {UserName: bot}}
"""
BUS = """
Resources:
  Events:
    Type: AWS::Events::EventBusPolicy
    Properties: {StatementId: all, Action: "events:PutEvents", Principal: "*"%s}
"""
LAYER = """
Resources:
  Layer:
    Type: AWS::Lambda::LayerVersionPermission
    Properties: {LayerVersionArn: a, Action: "lambda:GetLayerVersion", Principal: "*"%s}
"""

USER_DATA = """
Resources:
  Server:
    Type: AWS::EC2::Instance
    Properties:
      MetadataOptions: {HttpTokens: required}
      UserData:
        Fn::Base64: |
          # hash the server password
          password=$(aws secretsmanager get-secret-value --secret-id web)
          tee config.yaml <<END
          auth: password
          hashed-password: "$password"
          END
"""


def resource_policy(kind: str, target: str, statement: str) -> str:
    return f"""
Resources:
  Policy:
    Type: {kind}
    Properties:
      {target}
      PolicyDocument: {{Version: "2012-10-17", Statement: [{statement}]}}
"""


def shared(actions: str, *, who: str = OTHER) -> str:
    return f'{{Effect: Allow, Principal: {who}, {actions}, Resource: "*"}}'


NOBODY = """
Resources:
  Policy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: all
      PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}
"""
PERMISSION = """
Resources:
  Permission:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: convert, Action: %s}
"""
KEY = """
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: {Version: "2012-10-17", Statement: [%s]}
"""
ADMINISTRATOR = (
    "{Effect: Allow, Principal: {AWS: 'arn:aws:iam::333333333333:root'}, Action: 'kms:*', Resource: '*'}"
)


REFUSED = {
    "user data with a password": (
        "INS003",
        USER_DATA.replace("password=$(aws", "mysql --password hunter2hunter2 $(aws"),
    ),
    "user data with the password of a database": (
        "INS003",
        USER_DATA.replace("password=$(aws", "mysql -u root -phunter2hunter2 $(aws"),
    ),
    "user data that sets a variable": (
        "INS003",
        USER_DATA.replace("password=$(aws", "DB_PASS='hunter2hunter2' $(aws"),
    ),
    "another account, by its number": ("TRU002", trusting(assume(OTHER))),
    "another account beside the own one": (
        "TRU002",
        trusting(assume('{AWS: ["222222222222", "333333333333"]}'), more=BOUNDARY),
    ),
    "an account that a parameter names": (
        "TRU002",
        "Parameters: {Partner: {Type: String}}\n"
        + trusting(assume('{AWS: !Sub "arn:aws:iam::${Partner}:root"}')),
    ),
    "guests of an identity pool": ("TRU013", trusting(f"{GUEST}}}}}")),
    "a long session of people": (
        "TRU011",
        trusting(assume("{AWS: !Ref AWS::AccountId}"), more="MaxSessionDuration: 43200"),
    ),
    "a trail for any account": ("TRU012", trusting(assume("{Service: cloudtrail.amazonaws.com}"))),
    "everything on every ARN": ("POL002", allowing(allow('"*"', '"arn:aws:*:*:*:*"'))),
    "a service on one bucket": ("POL005", allowing(allow('"s3:*"', '!Sub "${Bucket.Arn}/*"'))),
    "objects by the ARN of a bucket without a name": (
        "POL008",
        allowing(allow('"s3:GetObject"', "!GetAtt Bucket.Arn")),
    ),
    "another service's resource": (
        "POL008",
        allowing(allow('"sqs:SendMessage"', '"arn:aws:sns:eu-west-1:111111111111:t"')),
    ),
    "a misspelled action": ("POL007", allowing(allow('"s3:ListBuckets"'))),
    "a misspelled service": (
        "POL007",
        allowing(allow('"dynamo:GetItem"', '"arn:aws:dynamodb:*:*:table/a"')),
    ),
    "a wildcard as a letter": (
        "POL015",
        allowing(allow('"s3:ListBucket"', "!GetAtt Bucket.Arn", '{StringEquals: {"s3:prefix": "a/*"}}')),
    ),
    "everything except a list, on a bucket": (
        "POL001",
        resource_policy("AWS::S3::BucketPolicy", "Bucket: reports", shared('NotAction: "s3:DeleteBucket"')),
    ),
    "a policy of nobody": ("POL016", NOBODY),
    "everything, of nobody": ("POL002", NOBODY),
    "certificates that may do everything": (
        "POL005",
        resource_policy("AWS::IoT::Policy", "PolicyName: all", allow('"iot:*"')),
    ),
    "a queue that another account may delete": (
        "RES004",
        resource_policy("AWS::SQS::QueuePolicy", "Queues: [a]", shared('Action: "sqs:*"')),
    ),
    "a function that a service may change": ("RES004", PERMISSION % '"*", Principal: s3.amazonaws.com'),
    "a key that another account manages": (
        "RES004",
        KEY % f"{ADMINISTRATOR}, {{Effect: Allow, Principal: {OTHER}, Action: 'kms:*', Resource: '*'}}",
    ),
    "a bucket for whom a parameter names": (
        "RES005",
        "Parameters: {Who: {Type: String}}\n"
        + resource_policy(
            "AWS::S3::BucketPolicy", "Bucket: !Ref Files", shared('Action: "s3:GetObject"', who="!Ref Who")
        )
        + "  Files: {Type: AWS::S3::Bucket}\n",
    ),
    "IAMFullAccess of an administrator": (
        "POL013",
        trusting(
            assume("{Service: lambda.amazonaws.com}"),
            more="ManagedPolicyArns: [arn:aws:iam::aws:policy/IAMFullAccess, arn:aws:iam::aws:policy/AdministratorAccess]",
        ),
    ),
    "a token of Alexa": (
        "USR007",
        PERMISSION % '"lambda:InvokeFunction", Principal: a.b, EventSourceToken: amzn1.ask.skill.1',
    ),
    "a role of another account by a pattern": (
        "TRU002",
        trusting(assume(OTHER, '{ArnLike: {"aws:PrincipalArn": "arn:aws:iam::222222222222:role/deploy*"}}')),
    ),
    "a user of another account": (
        "TRU002",
        trusting(assume(OTHER, '{ArnEquals: {"aws:PrincipalArn": "arn:aws:iam::222222222222:user/ci"}}')),
    ),
    "any secret": ("POL014", allowing(allow('"secretsmanager:GetSecretValue"'))),
    "tags that can be omitted": (
        "POL004",
        allowing(
            allow(
                '"ec2:RunInstances"',
                '"arn:aws:ec2:*:*:a/*"',
                '{"ForAllValues:StringEquals": {"aws:TagKeys": a}}',
            )
        ),
    ),
    "a parameter that becomes a password": ("USR008", DATABASE % ""),
    "two active keys": ("USR005", KEYS % "Active"),
    "everything, of a serverless function": (
        "POL002",
        SERVERLESS % 'Policies: {Statement: {Effect: Allow, Action: "*", Resource: "*"}}',
    ),
    "AdministratorAccess, of a serverless function": ("POL013", SERVERLESS % "Policies: AdministratorAccess"),
    "everyone, by a serverless function's trust": (
        "TRU001",
        SERVERLESS
        % 'AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: "*", Action: "sts:AssumeRole"}]}',
    ),
    "a serverless function for every caller": ("RES003", SERVERLESS % "FunctionUrlConfig: {AuthType: NONE}"),
    "an event bus for everyone": ("RES001", BUS % ""),
    "a layer for everyone": ("RES001", LAYER % ""),
    "an argument of a job": (
        "USR007",
        "Resources: {Job: {Type: AWS::Glue::Job, Properties: {DefaultArguments: {--db_password: hunter2hunter2}}}}",
    ),
    "a variable": (
        "USR007",
        SERVERLESS % "Environment: {Variables: {JWT_SECRET: hunter2hunter2}}",
    ),
}
ACCEPTED = {
    "a role of another account, by its whole ARN": trusting(
        assume(OTHER, '{ArnEquals: {"aws:PrincipalArn": "arn:aws:iam::222222222222:role/deploy"}}')
    ),
    "a key of the own account, by its number": KEY % ADMINISTRATOR,
    "placeholders of the Serverless Framework": trusting(
        assume("{Service: lambda.amazonaws.com}"),
        more='RoleName: "${opt:stage}-${self:custom.${opt:stage}.name}"',
    ),
    "placeholders of Jinja": trusting(
        assume("{Service: lambda.amazonaws.com}"), more='RoleName: "{{ prefix }}-reader"'
    ),
    "placeholders in a policy": allowing(
        allow(
            '"dynamodb:Query"',
            '"arn:aws:dynamodb:${self:provider.region}:*:table/${file(./names.yml):table}"',
        )
    ),
    "the own account, as its boundary shows": trusting(assume(OTHER), more=BOUNDARY),
    "people who signed in at an identity pool": trusting(
        f'{GUEST}, "ForAnyValue:StringLike": {{"cognito-identity.amazonaws.com:amr": authenticated}}}}}}'
    ),
    "a long session of a service": trusting(
        assume("{Service: lambda.amazonaws.com}"), more="MaxSessionDuration: 43200"
    ),
    "a state machine, to which a role is passed": trusting(assume("{Service: states.amazonaws.com}")),
    "a trail of this account": trusting(
        assume(
            "{Service: cloudtrail.amazonaws.com}",
            '{StringEquals: {"aws:SourceAccount": !Ref AWS::AccountId}}',
        )
    ),
    "objects of a bucket without a name": allowing(allow('"s3:GetObject"', '!Sub "${Bucket.Arn}/*"')),
    "a bucket without a name": allowing(allow('"s3:ListBucket"', "!GetAtt Bucket.Arn")),
    "one role for one service": allowing(
        allow(
            '"iam:PassRole"',
            '"arn:aws:iam::111111111111:role/task"',
            '{StringEquals: {"iam:PassedToService": ecs-tasks.amazonaws.com}}',
        ),
        allow('["ecs:RegisterTaskDefinition"]'),
        allow('["ecs:UpdateService", "ecs:RunTask"]', '"arn:aws:ecs:eu-west-1:111111111111:service/c/web"'),
    ),
    "the code of one function": allowing(
        allow('"lambda:UpdateFunctionCode"', '"arn:aws:lambda:eu-west-1:111111111111:function:web"')
    ),
    "the caller's own items of a table": allowing(
        allow(
            '["dynamodb:GetItem", "dynamodb:Query"]',
            '"arn:aws:dynamodb:eu-west-1:111111111111:table/a"',
            '{"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:userid}"]}}',
        )
    ),
    "AWS's own reading": trusting(
        assume("{AWS: !Ref AWS::AccountId}"),
        more="ManagedPolicyArns: [arn:aws:iam::aws:policy/ReadOnlyAccess]",
    ),
    "an AWS managed policy for a service role": trusting(
        assume("{Service: backup.amazonaws.com}"),
        more="ManagedPolicyArns: [arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup]",
    ),
    "a function of the CDK": allowing(
        allow('["iam:CreateOpenIDConnectProvider", "iam:DeleteOpenIDConnectProvider"]')
    ).replace("Role:\n", "CustomAWSCDKOpenIdConnectProviderCustomResourceProviderRole517FED65:\n", 1),
    "the role of another account, by its name": allowing(
        allow('"sts:AssumeRole"', '"arn:aws:iam::222222222222:role/reader"')
    ),
    "the channels of an agent": allowing(allow('["ssmmessages:*", "ec2messages:*"]')),
    "user data that requests a password": USER_DATA,
    "units of tokens": (
        "Resources: {Client: {Type: AWS::Cognito::UserPoolClient, Properties: "
        "{UserPoolId: a, TokenValidityUnits: {AccessToken: hours}}}}"
    ),
    "a place for a password": 'Parameters: {Password: {Type: String, NoEcho: true, Default: "<>"}}\n'
    "Resources: {Topic: {Type: AWS::SNS::Topic}}",
    "a bucket for its own access points": resource_policy(
        "AWS::S3::BucketPolicy",
        "Bucket: reports",
        '{Effect: Allow, Principal: {AWS: "*"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/*", '
        'Condition: {StringEquals: {"s3:DataAccessPointAccount": !Ref AWS::AccountId}}}',
    ),
    "rules on a topic": resource_policy(
        "AWS::SNS::TopicPolicy",
        "Topics: [a]",
        '{Effect: Allow, Principal: {Service: events.amazonaws.com}, Action: "sns:Publish", '
        'Resource: "arn:aws:sns:eu-west-1:111111111111:a"}',
    ),
    "an interface by its short name": """
Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: api
      Policy:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: "*"
            Action: "execute-api:Invoke"
            Resource: "execute-api:/*"
            Condition: {StringEquals: {"aws:SourceVpce": vpce-1}}
""",
    "a boundary for others": """
Resources:
  DeveloperBoundary:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Action: "*", Resource: "*"}
          - {Effect: Deny, Action: "iam:*", Resource: "*"}
""",
    "accounts without a value": """
Parameters: {Given: {Type: CommaDelimitedList, Default: ""}}
Conditions: {IsGiven: !Not [!Equals [!Join ["", !Ref Given], ""]]}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}
          - !If
            - IsGiven
            - {Effect: Allow, Principal: {AWS: !Ref Given}, Action: "sts:AssumeRole"}
            - !Ref AWS::NoValue
""",
    "a name without a value": """
Parameters: {Given: {Type: String, Default: ""}}
Conditions: {IsGiven: !Not [!Equals [!Ref Given, ""]]}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !If [IsGiven, !Ref Given, !Ref AWS::NoValue]"""
    + OF_A_SERVICE,
    "a parameter that is hidden": DATABASE % ", NoEcho: true",
    "one active key": KEYS % "Inactive",
    "a serverless function that reads": SERVERLESS
    % 'Policies: [AWSLambdaBasicExecutionRole, {Statement: {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::a/*"}}]',
    "an event bus for the organization": BUS
    % ', Condition: {Type: StringEquals, Key: "aws:PrincipalOrgID", Value: o-1}',
    "a layer for the organization": LAYER % ", OrganizationId: o-1",
    "a boolean option about passwords": (
        'Parameters: {AllowUsersToChangePassword: {Type: String, Default: "true"}}\n'
        "Resources: {Topic: {Type: AWS::SNS::Topic}}"
    ),
}
UNDECIDED = {
    "an account whose resources the policies are about": trusting(
        assume(OTHER),
        more="Policies: [{PolicyName: a, PolicyDocument: {Statement: {Effect: Allow, Action: 'sqs:SendMessage', "
        "Resource: 'arn:aws:sqs:eu-west-1:222222222222:jobs'}}}]",
    )
}


def found(folder: Path, text: str, severity: Severity = Severity.ERROR) -> list[Finding]:
    path = folder / "template.yaml"
    path.write_text(text)
    judgement = check_assembly(read_assembly(path), own=False)
    assert judgement.unusable == ()
    return [each for each in judgement.findings if each.severity is severity]


@pytest.mark.parametrize(("code", "text"), [pytest.param(*case, id=name) for name, case in REFUSED.items()])
def test_refuses(tmp_path: Path, code: str, text: str) -> None:
    severity = all_rules()[code].severity
    faults = [each.rule for each in found(tmp_path, text, severity) if each.outcome is Outcome.FAULT]
    assert code in faults


def test_everything_is_refused_once(tmp_path: Path) -> None:
    assert [each.rule for each in found(tmp_path, allowing(allow('"*"'), allow('"*:*"')))] == [
        "POL002",
        "POL002",
    ]


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in ACCEPTED.items()])
def test_accepts(tmp_path: Path, text: str) -> None:
    assert [str(each) for each in found(tmp_path, text) if each.outcome is Outcome.FAULT] == []


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in UNDECIDED.items()])
def test_is_undecided(tmp_path: Path, text: str) -> None:
    assert "TRU002" in [each.rule for each in found(tmp_path, text) if each.outcome is Outcome.UNDECIDED]
