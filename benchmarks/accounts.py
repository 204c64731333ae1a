"""Generated accounts of any size, as templates: the same for every competitor."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

PER_STACK = 450
"""Resources in a stack; CloudFormation allows 500."""

HERE = "arn:aws:{service}:eu-central-1:111111111111:"
GRANTS = (
    (("s3:GetObject", "s3:GetObjectVersion"), "arn:aws:s3:::reports/{n}/*"),
    (("s3:PutObject",), "arn:aws:s3:::inbox/{n}/*"),
    (("s3:ListBucket",), "arn:aws:s3:::bucket-{n}"),
    (("sqs:SendMessage", "sqs:ReceiveMessage"), f"{HERE.format(service='sqs')}queue-{{n}}"),
    (("sns:Publish",), f"{HERE.format(service='sns')}topic-{{n}}"),
    (("dynamodb:GetItem", "dynamodb:Query"), f"{HERE.format(service='dynamodb')}table/table-{{n}}"),
    (("kms:Decrypt",), f"{HERE.format(service='kms')}key/{{n:08x}}-0000-0000-0000-000000000000"),
    (("logs:PutLogEvents",), f"{HERE.format(service='logs')}log-group:/app/{{n}}:*"),
    (("ssm:GetParameter",), f"{HERE.format(service='ssm')}parameter/app/{{n}}/*"),
    (("lambda:InvokeFunction",), f"{HERE.format(service='lambda')}function:function-{{n}}"),
)
"""Ten policies: actions and a numbered resource."""


@dataclass(frozen=True)
class People:
    """An account of `users`, each with ten policies: `own` of them its own, the rest those of two of its groups.

    One of every `changed` users has more access than in the account without it; 0 changes nobody.
    """

    users: int
    own: int = 2
    changed: int = 0

    def write(self, folder: Path) -> Path:
        """Write its templates."""
        folder.mkdir(parents=True)
        groups = {f"Group{n}": self._group(n) for n in range(0 if self.own == len(GRANTS) else 100)}
        _write(folder / "groups.template.json", groups or {"None": {"Type": "AWS::SNS::Topic"}})
        for start in range(0, self.users, PER_STACK):
            numbers = range(start, min(start + PER_STACK, self.users))
            people = {f"User{n}": self._user(n) for n in numbers}
            _write(folder / f"people-{start // PER_STACK}.template.json", people)
        return folder

    def _user(self, n: int) -> dict[str, Any]:
        more = ("s3:DeleteObject",) if self.changed and n % self.changed == 0 else ()
        policies = [policy(k, n, more if k == 0 else ()) for k in range(self.own)]
        groups = [] if self.own == len(GRANTS) else [f"group-{n % 50}", f"group-{50 + n % 50}"]
        return resource("IAM::User", UserName=f"user-{n}", Groups=groups, Policies=policies)

    def _group(self, n: int) -> dict[str, Any]:
        half = (len(GRANTS) - self.own) // 2
        first = self.own if n % 100 < 50 else self.own + half  # noqa: PLR2004 - fifty groups of each kind
        several = range(first, self.own + half if n % 100 < 50 else len(GRANTS))  # noqa: PLR2004 - as above
        return resource("IAM::Group", GroupName=f"group-{n}", Policies=[policy(k, n) for k in several])


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    """Make a resource of a template."""
    return {"Type": f"AWS::{kind}", "Properties": properties}


def policy(k: int, n: int, more: tuple[str, ...] = ()) -> dict[str, Any]:
    """Make the inline policy number `k` of a thing numbered `n`."""
    actions, where = GRANTS[k]
    return {"PolicyName": f"p{k}", "PolicyDocument": document((*actions, *more), where.format(n=n))}


def document(actions: tuple[str, ...], where: str) -> dict[str, Any]:
    """Make a policy of one statement."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": where}],
    }


def mixed_template(resources: int, salt: int = 0) -> dict[str, Any]:
    """Make a mixed template: roles with trust policies, users, groups, managed policies, buckets."""
    found: dict[str, Any] = {}
    for n in range(resources):
        found[f"{('Role', 'User', 'Group', 'Policy', 'Bucket')[n % 5]}{n}"] = _mixed(n, n + salt)
    return {"Resources": found}


def _mixed(n: int, name: int) -> dict[str, Any]:
    several = [policy(k, name) for k in (n % 10, (n + 3) % 10)]
    trusted = {"Service": "ec2.amazonaws.com"} if n % 2 else {"AWS": "arn:aws:iam::222222222222:root"}
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": trusted}],
    }
    match n % 5:
        case 0:
            return resource(
                "IAM::Role", RoleName=f"role-{name}", AssumeRolePolicyDocument=trust, Policies=several
            )
        case 1:
            return resource("IAM::User", UserName=f"user-{name}", Policies=several)
        case 2:
            return resource("IAM::Group", GroupName=f"group-{name}", Policies=several)
        case 3:
            content = several[0]["PolicyDocument"]
            return resource("IAM::ManagedPolicy", ManagedPolicyName=f"policy-{name}", PolicyDocument=content)
        case _:
            return resource("S3::Bucket", BucketName=f"bucket-{name}")


def _write(path: Path, resources: dict[str, Any]) -> None:
    path.write_text(json.dumps({"Resources": resources}, indent=1), "utf-8")
