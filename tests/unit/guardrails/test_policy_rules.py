"""Rules on policies: what only looks right, and what only looks wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from keywright.reporting.finding import Outcome, Severity
from tests.unit.guardrails.builders import findings, granting, role

if TYPE_CHECKING:
    from pathlib import Path

BUCKET, OBJECTS = "arn:aws:s3:::reports", "arn:aws:s3:::reports/*"
TABLE = "arn:aws:dynamodb:eu-central-1:111111111111:table/orders"
GIVEN = {"Ref": "Given"}


def allow(action: Any, resource: Any = "*", condition: Any = None, **elements: Any) -> dict[str, Any]:
    found = {"Effect": "Allow", "Action": action, "Resource": resource, **elements}
    return found if condition is None else {**found, "Condition": condition}


def deny(action: Any, resource: Any = "*", condition: Any = None) -> dict[str, Any]:
    return allow(action, resource, condition, Effect="Deny")


def managed(statement: Any, version: str | None = "2012-10-17") -> dict[str, Any]:
    document = {"Statement": statement} if version is None else {"Version": version, "Statement": statement}
    return {"P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}}


def bucket_policy(*statements: Any) -> dict[str, Any]:
    properties = {
        "Bucket": "reports",
        "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)},
    }
    return {"B": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}


def to(principal: Any, condition: Any = None, action: str = "s3:GetObject") -> dict[str, Any]:
    return {**allow(action, OBJECTS, condition), "Principal": principal}


def permission(principal: str, **properties: Any) -> dict[str, Any]:
    given = {
        "FunctionName": "convert",
        "Action": "lambda:InvokeFunction",
        "Principal": principal,
        **properties,
    }
    return {"L": {"Type": "AWS::Lambda::Permission", "Properties": given}}


def attaching(*names: str) -> dict[str, Any]:
    arns = [{"Fn::Sub": f"arn:${{AWS::Partition}}:iam::aws:policy/{name}"} for name in names]
    return {"R": role(ManagedPolicyArns=arns)}


def trusting(service: Any, condition: Any = None) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"R": role(statement if condition is None else {**statement, "Condition": condition})}


REFUSED = {
    "POL005": {
        "in capitals": allow("S3:*"),
        "by two wildcards": allow("s3:**"),
        "by a question mark": allow("sqs:?*"),
        "on an ARN of wildcards": allow("s3:*", "arn:aws:s3:::*"),
        "on a bucket": allow("s3:*", [BUCKET, OBJECTS]),
        "restricted by a tag": allow("ec2:*", "*", {"StringEquals": {"aws:ResourceTag/a": "b"}}),
        "among others": allow(["s3:GetObject", "sqs:*"]),
        "by references": allow({"Fn::Join": [":", ["s3", "*"]]}),
        "in one branch": allow({"Fn::If": ["C", "s3:GetObject", "s3:*"]}),
        "in a permission set": {
            "S": {
                "Type": "AWS::SSO::PermissionSet",
                "Properties": {"InlinePolicy": {"Version": "2012-10-17", "Statement": [allow("s3:*")]}},
            }
        },
        "in a permission set, as text": {
            "S": {
                "Type": "AWS::SSO::PermissionSet",
                "Properties": {
                    "InlinePolicy": '{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'
                },
            }
        },
    },
    "POL006": {
        "write": allow("dynamodb:PutItem"),
        "write by a pattern": allow("dynamodb:Put*"),
        "permissions": allow("s3:PutBucketPolicy"),
        "on ARNs of wildcards": allow("s3:DeleteObject", ["arn:aws:s3:::*/*"]),
        "from a network": allow("s3:DeleteObject", "*", {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}),
        "with MFA": allow("s3:DeleteObject", "*", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        "with a tag if it exists": allow(
            "ec2:StopInstances", "*", {"StringEqualsIfExists": {"aws:ResourceTag/a": "b"}}
        ),
        "with any tag": allow("ec2:StopInstances", "*", {"StringLike": {"aws:ResourceTag/a": "*"}}),
        "every action with a suffix": allow("*:DeleteBucket"),
        "in lower case": allow("iam:createuser"),
    },
    "POL007": {
        "misspelled": allow("s3:GetObjets", OBJECTS),
        "without service": allow("GetObject", OBJECTS),
        "service misspelled": allow("dynamo:GetItem", TABLE),
        "pattern without a match": allow("s3:Fetch*", OBJECTS),
        "in a Deny": deny("iam:CreateUserr"),
        "in an exclusion": {"Effect": "Deny", "NotAction": ["iam:ChangePasword"], "Resource": "*"},
        "in a trust policy": {
            "R": role({"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "sts:AssumeRoles"})
        },
        "on a bucket": bucket_policy(
            {**allow("s3:GetObjets", OBJECTS), "Principal": {"AWS": "111111111111"}}
        ),
    },
    "POL008": {
        "objects of a bucket": allow(["s3:GetObject", "s3:PutObject"], BUCKET),
        "bucket among objects": allow(["s3:ListBucket", "s3:GetObject"], OBJECTS),
        "pattern of objects' actions": allow("s3:GetObject*", BUCKET),
        "key's alias": allow("kms:Decrypt", "arn:aws:kms:eu-central-1:111111111111:alias/reports"),
        "another service": allow("sqs:SendMessage", "arn:aws:sns:eu-central-1:111111111111:alarms"),
        "lists of one instance": allow(
            "ec2:DescribeInstances", "arn:aws:ec2:eu-central-1:111111111111:instance/i-1"
        ),
        "Deny": deny("s3:DeleteObject", BUCKET),
        "key of another action": allow("s3:PutObject", OBJECTS, {"StringEquals": {"s3:delimiter": "/"}}),
        "contradiction": allow(
            "s3:GetObject",
            OBJECTS,
            {"StringEquals": {"aws:PrincipalTag/a": "b"}, "Null": {"aws:PrincipalTag/a": "true"}},
        ),
        "a bucket's own policy": bucket_policy(
            {**allow("s3:GetObject", BUCKET), "Principal": {"AWS": "111111111111"}}
        ),
    },
    "POL009": {
        "address as text": allow("s3:GetObject", OBJECTS, {"StringLike": {"aws:SourceIp": "10.*"}}),
        "boolean as text": allow("s3:GetObject", OBJECTS, {"StringEquals": {"aws:SecureTransport": "true"}}),
        "number as text": allow("s3:GetObject", OBJECTS, {"StringEquals": {"aws:MultiFactorAuthAge": "60"}}),
        "date as text": deny("s3:GetObject", OBJECTS, {"StringEquals": {"aws:CurrentTime": "2027"}}),
        "text as address": allow("s3:GetObject", OBJECTS, {"IpAddress": {"aws:SourceVpc": "192.0.2.0/24"}}),
        "text as ARN": allow("s3:GetObject", OBJECTS, {"ArnLike": {"aws:PrincipalOrgID": "o-*"}}),
        "service's number as text": allow("s3:ListBucket", BUCKET, {"StringEquals": {"s3:max-keys": "10"}}),
        "several paths as one": allow(
            "s3:GetObject", OBJECTS, {"StringLike": {"aws:PrincipalOrgPaths": "o-1/*"}}
        ),
        "misspelled": allow("s3:GetObject", OBJECTS, {"Bool": {"aws:MultifactorAuthPresented": "true"}}),
        "service's key misspelled": allow("s3:ListBucket", BUCKET, {"StringLike": {"s3:prefixx": "a/*"}}),
        "in a trust policy": trusting("ec2.amazonaws.com", {"StringEquals": {"aws:SourceIp": "192.0.2.1"}}),
    },
    "POL010": {
        "no version": managed(allow("s3:GetObject", "arn:aws:s3:::homes/${aws:username}/*"), None),
        "old version": managed(allow("s3:GetObject", "arn:aws:s3:::homes/${aws:username}/*"), "2008-10-17"),
        "in a condition": managed(
            allow("s3:ListBucket", BUCKET, {"StringLike": {"s3:prefix": "${aws:PrincipalTag/team}/*"}}), None
        ),
        "in an exclusion": managed(
            {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::homes/${aws:username}/*"}, None
        ),
    },
    "POL011": {
        "twice": [allow("s3:GetObject", OBJECTS), allow("s3:GetObject", OBJECTS)],
        "in another case": [allow("s3:GetObject", OBJECTS), allow("S3:getobject", OBJECTS)],
        "by a wider one after it": [allow("s3:GetObject", OBJECTS), allow("s3:Get*", "arn:aws:s3:::*")],
        "by two others": [
            allow("s3:GetObject", OBJECTS),
            allow("s3:PutObject", OBJECTS),
            allow(["s3:PutObject", "s3:GetObject"], OBJECTS),
        ],
        "under one condition more": [
            allow("s3:GetObject", OBJECTS),
            allow("s3:GetObject", OBJECTS, {"Bool": {"aws:SecureTransport": "true"}}),
        ],
        "Deny": [deny("s3:*", "*"), deny("s3:DeleteObject", OBJECTS)],
    },
    "POL012": {
        "no ARN": allow("s3:GetObject", "reports/*"),
        "unknown operator": allow("s3:GetObject", OBJECTS, {"StringIs": {"aws:userid": "a"}}),
        "invalid number": allow(
            "s3:GetObject", OBJECTS, {"NumericLessThan": {"aws:MultiFactorAuthAge": "an hour"}}
        ),
        "no action": {"Effect": "Allow", "Resource": "*"},
        "identifier with a space": allow("s3:GetObject", OBJECTS, Sid="Read reports"),
        "principal in an identity's policy": {
            **allow("s3:GetObject", OBJECTS),
            "Principal": {"AWS": "111111111111"},
        },
        "resource in a trust policy": {
            "R": role(
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "ec2.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                    "Resource": "*",
                }
            )
        },
        "another service's action in a trust policy": {
            "R": role(
                {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "s3:GetObject"}
            )
        },
    },
    "POL013": {
        "among others": attaching("ReadOnlyAccess", "AdministratorAccess"),
        "all but a few": attaching("PowerUserAccess"),
        "a shell": attaching("AWSCloudShellFullAccess"),
        "of a user, attached by the policy": {
            "U": {
                "Type": "AWS::IAM::User",
                "Properties": {"ManagedPolicyArns": ["arn:aws-cn:iam::aws:policy/AdministratorAccess"]},
            }
        },
    },
    "POL014": {
        "secrets": allow("secretsmanager:GetSecretValue"),
        "parameters by a pattern": allow("ssm:Get*"),
        "objects": allow("s3:GetObject", "arn:aws:s3:::*/*"),
        "tables": allow(["dynamodb:Query", "dynamodb:ListTables"]),
    },
    "RES001": {
        "in a list": bucket_policy(to({"AWS": ["*"]})),
        "beside another principal": bucket_policy(to({"AWS": ["111111111111", "*"]})),
        "all but": bucket_policy({**allow("s3:GetObject", OBJECTS), "NotPrincipal": {"AWS": "111111111111"}}),
        "any organization": bucket_policy(to("*", {"StringLike": {"aws:PrincipalOrgID": "*"}})),
        "open network": bucket_policy(
            to("*", {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "0.0.0.0/0"]}})
        ),
        "transport": bucket_policy(to("*", {"Bool": {"aws:SecureTransport": "true"}})),
        "referrer": bucket_policy(to("*", {"StringLike": {"aws:Referer": "https://acme.example/*"}})),
        "source if it exists": bucket_policy(to("*", {"ArnLikeIfExists": {"aws:SourceArn": BUCKET}})),
        "a Deny of another action": bucket_policy(
            to("*"),
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:PutObject",
                "Resource": OBJECTS,
                "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}},
            },
        ),
        "a Deny of other objects": bucket_policy(
            to("*"),
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": "arn:aws:s3:::reports/a/*",
                "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}},
            },
        ),
        "queue": {
            "Q": {
                "Type": "AWS::SQS::QueuePolicy",
                "Properties": {
                    "Queues": ["q"],
                    "PolicyDocument": {"Statement": {**allow("sqs:SendMessage"), "Principal": {"AWS": "*"}}},
                },
            }
        },
        "key": {
            "K": {
                "Type": "AWS::KMS::Key",
                "Properties": {
                    "KeyPolicy": {"Statement": {**allow("kms:Decrypt"), "Principal": {"AWS": "*"}}}
                },
            }
        },
        "function": permission("*"),
        "a function's address": permission("*", FunctionUrlAuthType="NONE"),
    },
    "RES002": {
        "function by a topic": permission("sns.amazonaws.com"),
        "source under a condition": permission(
            "events.amazonaws.com",
            SourceArn={
                "Fn::If": ["C", "arn:aws:events:eu-central-1:111111111111:rule/a", {"Ref": "AWS::NoValue"}]
            },
        ),
        "bucket by a trail": bucket_policy(to({"Service": "cloudtrail.amazonaws.com"}, None, "s3:PutObject")),
        "source if it exists": bucket_policy(
            to(
                {"Service": "s3.amazonaws.com"},
                {"StringEqualsIfExists": {"aws:SourceAccount": "111111111111"}},
            )
        ),
    },
    "TRU011": {
        "half a day": {"R": role(MaxSessionDuration=43200)},
        "as text": {"R": role(MaxSessionDuration="28801")},
        "in one branch": {"R": role(MaxSessionDuration={"Fn::If": ["C", 3600, 36000]})},
    },
    "TRU012": {
        "among others": trusting(["ec2.amazonaws.com", "scheduler.amazonaws.com"]),
        "in a region": trusting("logs.eu-central-1.amazonaws.com"),
        "in the stack's region": trusting({"Fn::Sub": "logs.${AWS::Region}.amazonaws.com"}),
        "source if it exists": trusting(
            "glue.amazonaws.com", {"StringEqualsIfExists": {"aws:SourceAccount": "111111111111"}}
        ),
        "any source": trusting("glue.amazonaws.com", {"ArnLike": {"aws:SourceArn": "*"}}),
    },
}

ACCEPTED = {
    "POL005": {
        "Deny": deny("s3:*"),
        "most of a service": allow("s3:Get*", OBJECTS),
        "a boundary": {
            "B": managed(allow("s3:*"))["P"],
            "U": {"Type": "AWS::IAM::User", "Properties": {"PermissionsBoundary": {"Ref": "B"}}},
        },
        "a key's own policy": {
            "K": {
                "Type": "AWS::KMS::Key",
                "Properties": {
                    "KeyPolicy": {
                        "Statement": {
                            **allow("kms:*"),
                            "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
                        }
                    }
                },
            }
        },
    },
    "POL006": {
        "lists without resource type": allow(
            ["s3:ListAllMyBuckets", "ec2:Describe*", "iam:ListRoles", "sts:GetCallerIdentity"]
        ),
        "writes without resource type": allow(["xray:PutTraceSegments", "ecr:GetAuthorizationToken"]),
        "metrics": allow("cloudwatch:PutMetricData"),
        "one bucket": allow("s3:PutObject", OBJECTS),
        "roles of one name": allow("iam:PassRole", "arn:aws:iam::111111111111:role/worker-*"),
        "by a tag": allow("ec2:StopInstances", "*", {"StringEquals": {"ec2:ResourceTag/a": "b"}}),
        "by a key of the service": allow(
            "iam:CreateServiceLinkedRole", "*", {"StringLike": {"iam:AWSServiceName": "x.amazonaws.com"}}
        ),
        "through a service": allow(
            "kms:Decrypt", "*", {"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}
        ),
        "Deny": deny("s3:DeleteObject"),
        "reading by a pattern, whatever else it covers": allow("glue:List*"),
        "whole services, which another rule reports": allow("s3:*"),
    },
    "POL007": {
        "any case": allow(["S3:GETOBJECT", "s3:getobject*"], OBJECTS),
        "everything": allow("*", BUCKET),
        "a discontinued service": allow("evidently:GetProject"),
        "known only at deployment": allow(GIVEN, OBJECTS),
        "decorating a session": trusting("ec2.amazonaws.com"),
    },
    "POL008": {
        "bucket and objects": allow(["s3:GetObject", "s3:ListBucket"], [BUCKET, OBJECTS]),
        "objects by a wildcard": allow("s3:GetObject", "arn:aws:s3:::reports*"),
        "known only at deployment": allow("s3:GetObject", {"Fn::Sub": "arn:aws:s3:::${Given}"}),
        "own folder": allow("s3:GetObject", "arn:aws:s3:::homes/${aws:username}/*"),
        "bucket of the template": {
            "B": {"Type": "AWS::S3::Bucket"},
            "R": granting(allow("s3:ListBucket", {"Fn::GetAtt": ["B", "Arn"]})),
        },
        "list of buckets on all buckets": allow("s3:ListAllMyBuckets", "arn:aws:s3:::*"),
        "unknown action": allow("s3:Fetch", BUCKET),
        "list beside matching actions": allow(
            ["ec2:StartInstances", "ec2:DescribeInstances"], "arn:aws:ec2:*:*:instance/*"
        ),
        "context of a key": allow("kms:Decrypt", "*", {"StringEquals": {"kms:EncryptionContext:team": "a"}}),
        "tag of an object": allow("s3:GetObject", OBJECTS, {"StringEquals": {"s3:ExistingObjectTag/a": "b"}}),
        "function's own key": allow(
            "s3:GetObject", OBJECTS, {"ArnEquals": {"lambda:SourceFunctionArn": "arn:aws:lambda:x"}}
        ),
        "prefix beside objects": allow(
            ["s3:GetObject", "s3:ListBucket"], [BUCKET, OBJECTS], {"StringLike": {"s3:prefix": "a"}}
        ),
        "negated": allow("s3:GetObject", OBJECTS, {"StringNotEquals": {"s3:prefix": "a"}}),
    },
    "POL009": {
        "addresses": allow("s3:GetObject", OBJECTS, {"NotIpAddressIfExists": {"aws:SourceIp": "10.0.0.0/8"}}),
        "ARN as text": allow(
            "s3:GetObject", OBJECTS, {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/a"}}
        ),
        "ARN in a tag": allow("s3:GetObject", OBJECTS, {"ArnLike": {"aws:PrincipalTag/owner": "arn:*"}}),
        "date as number": allow(
            "s3:GetObject", OBJECTS, {"NumericLessThan": {"aws:EpochTime": "1800000000"}}
        ),
        "several keys": allow("ec2:CreateTags", "*", {"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}),
        "requested": allow(
            "s3:GetObject", OBJECTS, {"Null": {"aws:TagKeys": "false", "aws:SourceIp": "false"}}
        ),
        "claims": {
            "R": role(
                {
                    "Effect": "Allow",
                    "Principal": {"Federated": "arn:aws:iam::111111111111:oidc-provider/idp.example.com"},
                    "Action": "sts:AssumeRoleWithWebIdentity",
                    "Condition": {"StringEquals": {"idp.example.com:aud": "a"}},
                }
            )
        },
        "key like no other": allow("s3:GetObject", OBJECTS, {"StringEquals": {"s3:Colour": "red"}}),
        "any case": allow("s3:GetObject", OBJECTS, {"StringEquals": {"AWS:principalorgid": "o-1"}}),
    },
    "POL010": {
        "new version": managed(allow("s3:GetObject", "arn:aws:s3:::homes/${aws:username}/*")),
        "no variable": managed(allow("s3:GetObject", OBJECTS), None),
        "braces without a key": managed(allow("s3:GetObject", "arn:aws:s3:::homes/${literal}/*"), None),
    },
    "POL011": {
        "one": [allow("s3:GetObject", OBJECTS)],
        "other resources": [allow("s3:GetObject", OBJECTS), allow("s3:GetObject", "arn:aws:s3:::inbox/*")],
        "other conditions": [
            allow("s3:GetObject", OBJECTS, {"Bool": {"aws:SecureTransport": "true"}}),
            allow("s3:GetObject", OBJECTS, {"StringEquals": {"aws:PrincipalTag/a": "b"}}),
        ],
        "Deny beside Allow": [allow("s3:*", OBJECTS), deny("s3:DeleteObject", OBJECTS)],
        "Deny of what is not allowed here": [allow("s3:GetObject", OBJECTS), deny("sqs:*")],
        "known only at deployment": [allow("s3:GetObject", GIVEN), allow("s3:GetObject", GIVEN)],
    },
    "POL012": {
        "several kinds": allow(
            ["s3:Get*", "*:Tag*"], [BUCKET, "*"], {"StringLikeIfExists": {"aws:userid": "*:a"}}
        ),
        "numbers and booleans as in YAML": allow(
            "s3:GetObject",
            OBJECTS,
            {"Bool": {"aws:SecureTransport": True}, "NumericLessThan": {"aws:MultiFactorAuthAge": 60}},
        ),
        "known only at deployment": allow("s3:GetObject", GIVEN),
        "a function's permission": permission("s3.amazonaws.com"),
        "a bucket's policy with a spaced identifier": bucket_policy(
            {**to({"AWS": "111111111111"}), "Sid": "Read it"}
        ),
    },
    "POL013": {
        "audit": attaching("SecurityAudit", "ReadOnlyAccess"),
        "of another account": {
            "R": role(ManagedPolicyArns=["arn:aws:iam::111111111111:policy/AdministratorAccess"])
        },
        "unknown": attaching("NoSuchPolicy"),
        "as a boundary": {"R": role(PermissionsBoundary="arn:aws:iam::aws:policy/AdministratorAccess")},
    },
    "POL014": {
        "lists": allow(["s3:List*", "secretsmanager:ListSecrets", "dynamodb:ListTables"]),
        "descriptions": allow("secretsmanager:DescribeSecret"),
        "one bucket": allow("s3:GetObject", OBJECTS),
        "by a tag": allow("secretsmanager:GetSecretValue", "*", {"StringEquals": {"aws:ResourceTag/a": "b"}}),
        "Deny": deny("s3:GetObject"),
    },
    "RES001": {
        "account": bucket_policy(to({"AWS": "111111111111"})),
        "another account, which is intended": bucket_policy(to({"AWS": "arn:aws:iam::222222222222:root"})),
        "service": bucket_policy(to({"Service": "cloudfront.amazonaws.com"})),
        "organization": bucket_policy(to("*", {"StringEquals": {"aws:PrincipalOrgID": "o-1"}})),
        "source": bucket_policy(
            to("*", {"ArnLike": {"aws:SourceArn": "arn:aws:sns:eu-central-1:111111111111:a"}})
        ),
        "owner of a topic": bucket_policy(
            to({"AWS": "*"}, {"StringEquals": {"AWS:SourceOwner": "111111111111"}})
        ),
        "network": bucket_policy(to("*", {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})),
        "own network": bucket_policy(to("*", {"StringEquals": {"aws:SourceVpce": "vpce-1"}})),
        "Deny": bucket_policy({**deny("s3:*", OBJECTS), "Principal": "*"}),
        "a Deny beside it": bucket_policy(
            to("*"),
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [BUCKET, OBJECTS],
                "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
            },
        ),
    },
    "RES002": {
        "function by a rule": permission(
            "events.amazonaws.com", SourceArn="arn:aws:events:eu-central-1:111111111111:rule/a"
        ),
        "function by an organization": permission("s3.amazonaws.com", PrincipalOrgID="o-1"),
        "function by a token": permission("s3.amazonaws.com", EventSourceToken="a"),
        "service that sends no source": permission("alexa-appkit.amazon.com"),
        "bucket by a trail": bucket_policy(
            to(
                {"Service": "cloudtrail.amazonaws.com"},
                {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:a"}},
            )
        ),
    },
    "TRU011": {
        "none": {"R": role()},
        "a working day": {"R": role(MaxSessionDuration=28800)},
    },
    "TRU012": {
        "instance": trusting("ec2.amazonaws.com"),
        "function": trusting("lambda.amazonaws.com"),
        "source's account": trusting(
            "states.amazonaws.com", {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
        ),
        "source": trusting(
            "states.amazonaws.com", {"ArnLike": {"aws:SourceArn": "arn:aws:states:*:111111111111:*"}}
        ),
        "external ID": trusting("cognito-idp.amazonaws.com", {"StringEquals": {"sts:ExternalId": "a"}}),
        "identity": {
            "R": role({"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "sts:AssumeRole"})
        },
    },
}

UNDECIDED = {
    "POL006": {"resource known only at deployment": allow("s3:PutObject", GIVEN)},
    "POL014": {"resource known only at deployment": allow("s3:GetObject", GIVEN)},
    "RES001": {
        "principal known only at deployment": bucket_policy(to({"AWS": GIVEN})),
        "whole principal known only at deployment": bucket_policy(to(GIVEN)),
        "a Deny with two tests beside it": bucket_policy(
            to("*"),
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": OBJECTS,
                "Condition": {
                    "StringNotEquals": {"aws:SourceVpce": "vpce-1"},
                    "NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"},
                },
            },
        ),
    },
    "TRU011": {"known only at deployment": {"R": role(MaxSessionDuration=GIVEN)}},
}
SECTIONS = {
    "Parameters": {"Given": {"Type": "String"}},
    "Conditions": {"C": {"Fn::Equals": [{"Ref": "Given"}, "yes"]}},
}


def table(cases: dict[str, dict[str, Any]]) -> list[Any]:
    return [
        pytest.param(code, case, id=f"{code}-{name}")
        for code, named in cases.items()
        for name, case in named.items()
    ]


def outcomes(folder: Path, code: str, case: Any) -> set[tuple[str, Outcome]]:
    """Judge resources, or statements as a role's policy."""
    resources = {"R": granting(case)} if isinstance(case, list) or "Effect" in case else case
    return {(each.rule, each.outcome) for each in findings(folder, code, resources, **SECTIONS)}


@pytest.mark.parametrize(("code", "case"), table(REFUSED))
def test_refuses(tmp_path: Path, code: str, case: Any) -> None:
    assert outcomes(tmp_path, code, case) == {(code, Outcome.FAULT)}


@pytest.mark.parametrize(("code", "case"), table(ACCEPTED))
def test_accepts(tmp_path: Path, code: str, case: Any) -> None:
    assert outcomes(tmp_path, code, case) == set()


@pytest.mark.parametrize(("code", "case"), table(UNDECIDED))
def test_is_undecided(tmp_path: Path, code: str, case: Any) -> None:
    assert outcomes(tmp_path, code, case) == {(code, Outcome.UNDECIDED)}


@pytest.mark.parametrize(
    ("code", "statement", "severity"),
    [
        pytest.param(
            "POL004",
            allow("ec2:CreateTags", "*", {"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}),
            Severity.ADVICE,
            id="keys of tags to be set",
        ),
        pytest.param("POL005", allow("s3:*"), Severity.ERROR, id="a service anywhere"),
        pytest.param("POL005", allow("s3:*", OBJECTS), Severity.ERROR, id="a service on a bucket"),
        pytest.param(
            "POL005",
            allow("s3:*", condition={"StringEquals": {"aws:ResourceTag/team": "a"}}),
            Severity.WARNING,
            id="a service on what has a tag",
        ),
        pytest.param("POL006", allow("s3:PutObject"), Severity.ERROR, id="writing anywhere"),
        pytest.param(
            "POL006",
            allow(["logs:CreateLogStream", "logs:PutLogEvents"]),
            Severity.WARNING,
            id="logs anywhere",
        ),
        pytest.param(
            "POL006",
            allow(["logs:PutLogEvents", "s3:PutObject"]),
            Severity.ERROR,
            id="logs and other services anywhere",
        ),
    ],
)
def test_has_its_severity(tmp_path: Path, code: str, statement: Any, severity: Severity) -> None:
    assert {each.severity for each in findings(tmp_path, code, {"R": granting(statement)})} == {severity}


@pytest.mark.parametrize(
    ("action", "offered"),
    [
        pytest.param("s3:GetObjets", "`s3:GetObject`", id="a letter missing"),
        pytest.param("dynamo:GetItem", "`dynamodb:GetItem`", id="a service's name"),
        pytest.param("PutItem", "`dynamodb:PutItem`", id="no service"),
        pytest.param("s3:Fetch*", "actions of the Service Authorization Reference", id="like no other"),
    ],
)
def test_suggests_a_correction(tmp_path: Path, action: str, offered: str) -> None:
    (finding,) = findings(tmp_path, "POL007", {"R": granting(allow(action, OBJECTS))})
    assert finding.accepted.startswith(offered)
