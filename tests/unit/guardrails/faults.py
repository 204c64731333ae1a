"""Faults, one or more a rule, and where in a template each of them fits.

A fault is a function from a template to all templates in which it was made once, each with a note of the place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Template = dict[str, Any]
Made = Iterator[tuple[str, Template]]
SECRET = "hunter2hunter2"
OTHER = "arn:aws:iam::999999999999:root"


@dataclass(frozen=True)
class Fault:
    """A change of a template, and the rule that must report it."""

    code: str
    name: str
    make: Callable[[Template], Made]


def _at(template: Template, *path: Any) -> Any:
    for step in path:
        template = template[step]
    return template


def _changed(template: Template, path: tuple[Any, ...], change: Callable[[Any], Any]) -> Template:
    """Copy a template, and change the value at a path."""
    copy = deepcopy(template)
    parent = _at(copy, *path[:-1])
    parent[path[-1]] = change(parent[path[-1]])
    return copy


def resources(template: Template, *types: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, resource in template["Resources"].items():
        if resource.get("Type") in types:
            yield name, resource


def _documents(template: Template) -> Iterator[tuple[Any, ...]]:
    """Return the path of each identity-based policy document that is no boundary."""
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] in ("AWS::IAM::Role", "AWS::IAM::Group", "AWS::IAM::User"):
            for index in range(len(properties.get("Policies", []))):
                yield ("Resources", name, "Properties", "Policies", index, "PolicyDocument")
        if resource["Type"] in ("AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::GroupPolicy"):
            yield ("Resources", name, "Properties", "PolicyDocument")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def adding(*statements: dict[str, Any]) -> Callable[[Template], Made]:
    """Add statements to each identity-based policy."""

    def make(template: Template) -> Made:
        for path in _documents(template):
            yield (
                "/".join(map(str, path[1:])),
                _changed(
                    template,
                    (*path, "Statement"),
                    lambda old: [*_listed(old), *deepcopy(list(statements))],
                ),
            )

    return make


def in_allows(change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Callable[[Template], Made]:
    """Change each Allow of each identity-based policy where the change fits."""

    def make(template: Template) -> Made:
        for path in _documents(template):
            for index, statement in enumerate(_listed(_at(template, *path)["Statement"])):
                changed = change(deepcopy(statement)) if statement["Effect"] == "Allow" else None
                if changed is not None:

                    def put(old: Any, at: int = index, new: Any = changed) -> list[Any]:
                        return [new if each == at else item for each, item in enumerate(_listed(old))]

                    yield (
                        f"{'/'.join(map(str, path[1:]))}/{index}",
                        _changed(template, (*path, "Statement"), put),
                    )

    return make


def in_documents(change: Callable[[Any], Any]) -> Callable[[Template], Made]:
    """Change each identity-based policy document as a whole."""

    def make(template: Template) -> Made:
        for path in _documents(template):
            yield "/".join(map(str, path[1:])), _changed(template, path, change)

    return make


def trusting(change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Callable[[Template], Made]:
    """Change each Allow of each role's trust policy where the change fits."""

    def make(template: Template) -> Made:
        for name, role in resources(template, "AWS::IAM::Role"):
            path = ("Resources", name, "Properties", "AssumeRolePolicyDocument", "Statement")
            for index, statement in enumerate(
                _listed(role["Properties"]["AssumeRolePolicyDocument"]["Statement"])
            ):
                changed = change(deepcopy(statement)) if statement["Effect"] == "Allow" else None
                if changed is not None:

                    def put(old: Any, at: int = index, new: Any = changed) -> list[Any]:
                        return [new if each == at else item for each, item in enumerate(_listed(old))]

                    yield f"{name}/{index}", _changed(template, path, put)

    return make


def setting(kind: str, **properties: Any) -> Callable[[Template], Made]:
    """Set properties of each resource of a type; None removes one."""

    def make(template: Template) -> Made:
        for name, _ in resources(template, kind):

            def put(old: Any) -> Any:
                old.setdefault("Properties", {})
                for key, value in properties.items():
                    old["Properties"][key] = deepcopy(value)
                    if value is None:
                        del old["Properties"][key]
                return old

            yield name, _changed(template, ("Resources", name), put)

    return make


def beside(kind: str, make_resource: Callable[[str, Any], dict[str, Any]]) -> Callable[[Template], Made]:
    """Add a resource beside each resource of a type."""

    def make(template: Template) -> Made:
        for name, resource in resources(template, kind):
            copy = deepcopy(template)
            copy["Resources"]["Injected"] = make_resource(name, resource)
            yield name, copy

    return make


def everywhere(change: Callable[[Template], Template]) -> Callable[[Template], Made]:
    """Change each template once."""

    def make(template: Template) -> Made:
        yield "template", change(deepcopy(template))

    return make


# Changes of statements


def _with(**elements: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda statement: {**statement, **deepcopy(elements)}


def _to_everyone(statement: dict[str, Any]) -> dict[str, Any] | None:
    if "sts:AssumeRole" not in _listed(statement["Action"]) or "Federated" in statement["Principal"]:
        return None
    return {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


def _federated(kind: str, change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Any:
    def changed(statement: dict[str, Any]) -> dict[str, Any] | None:
        is_entry = "AssumeRoleWith" in str(
            statement["Action"]
        )  # a statement that only tags sessions lets nobody in
        return change(statement) if is_entry and kind in str(statement.get("Principal")) else None

    return changed


def _without_test(ending: str) -> Callable[[dict[str, Any]], dict[str, Any] | None]:
    def change(statement: dict[str, Any]) -> dict[str, Any] | None:
        tests = statement.get("Condition", {}).values()
        found = [(keys, key) for keys in tests for key in keys if key.lower().endswith(ending)]
        for keys, key in found:
            del keys[key]
        return statement if found else None

    return change


def _subject(value: str) -> Callable[[dict[str, Any]], dict[str, Any] | None]:
    def change(statement: dict[str, Any]) -> dict[str, Any] | None:
        found = [
            key for keys in statement.get("Condition", {}).values() for key in keys if key.endswith(":sub")
        ]
        if not found:
            return None
        _without_test(":sub")(statement)
        statement["Condition"].setdefault("StringLike", {})[found[0]] = value
        return statement

    return change


def _asking_nothing(statement: dict[str, Any]) -> dict[str, Any] | None:
    if "AWS" not in statement["Principal"]:
        return None
    return {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "sts:AssumeRole"}


def _lenient_mfa(statement: dict[str, Any]) -> dict[str, Any] | None:
    if "AWS" not in statement["Principal"]:
        return None
    return {**statement, "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}}


def _excluding(statement: dict[str, Any]) -> dict[str, Any]:
    statement["NotPrincipal"] = {"AWS": "arn:aws:iam::999999999999:user/mallory"}
    del statement["Principal"]
    return statement


def _naming_one(statement: dict[str, Any]) -> dict[str, Any] | None:
    return (
        {**statement, "Principal": {"AWS": "arn:aws:iam::999999999999:role/ci"}}
        if "AWS" in statement["Principal"]
        else None
    )


def _everything_but(statement: dict[str, Any]) -> dict[str, Any] | None:
    if "Action" not in statement:
        return None
    statement["NotAction"] = statement.pop("Action")
    return statement


def _misspelled(statement: dict[str, Any]) -> dict[str, Any] | None:
    actions = _listed(statement.get("Action", []))
    plain = [each for each in actions if "*" not in each]
    if not plain:
        return None
    return {**statement, "Action": [f"{plain[0]}Zz", *(each for each in actions if each != plain[0])]}


def _objects_of_bucket(statement: dict[str, Any]) -> dict[str, Any] | None:
    if "s3:GetObject" not in _listed(statement.get("Action", [])):
        return None
    return {**statement, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports"}


def _twice(document: dict[str, Any]) -> dict[str, Any]:
    statements = _listed(document["Statement"])
    allows = [each for each in statements if each["Effect"] == "Allow" and not _has_references(each)]
    return {
        **document,
        "Statement": [*statements, *deepcopy(allows[:1]), *([] if allows else [SPARE, SPARE])],
    }


SPARE = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::spare/*"}


def _has_references(statement: dict[str, Any]) -> bool:
    return any(word in str(statement) for word in ("'Ref'", "'Fn::"))


def _old_version(document: dict[str, Any]) -> dict[str, Any]:
    home = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::homes/${aws:username}/*"}
    return {"Version": "2008-10-17", "Statement": [*_listed(document["Statement"]), home]}


def _too_long(document: dict[str, Any]) -> dict[str, Any]:
    return {
        **document,
        "Statement": [
            *_listed(document["Statement"]),
            {**SPARE, "Resource": f"arn:aws:s3:::{'x' * 11_000}/*"},
        ],
    }


# Changes of resources


def _session_of_people(seconds: int) -> Callable[[Template], Made]:
    """Set the session duration of each role that people can assume."""

    def make(template: Template) -> Made:
        longer = dict(setting("AWS::IAM::Role", MaxSessionDuration=seconds)(template))
        for name, role in resources(template, "AWS::IAM::Role"):
            trust = _listed(role["Properties"]["AssumeRolePolicyDocument"]["Statement"])
            if any("Service" not in each["Principal"] for each in trust if each["Effect"] == "Allow"):
                yield name, longer[name]

    return make


def _open_policy(name: str, resource: dict[str, Any]) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": {"Fn::Sub": f"${{{name}.Arn}}/*"},
    }
    return {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": {"Ref": name},
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        },
    }


def _policy_of_nobody(name: str, _: Any) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": [allow("s3:GetObject", "arn:aws:s3:::reports/*")]}
    return {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyName": f"of-{name}", "PolicyDocument": document, "Roles": []},
    }


def _called_by(
    service: str, *, action: str = "lambda:InvokeFunction"
) -> Callable[[str, Any], dict[str, Any]]:
    return lambda name, _: {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "FunctionName": {"Ref": name},
            "Action": action,
            "Principal": service,
        },
    }


def _member_again(template: Template) -> Made:
    """Put each member of a group into it once more."""
    for name, user in resources(template, "AWS::IAM::User"):
        for index, group in enumerate(user["Properties"].get("Groups") or []):
            copy = deepcopy(template)
            again = {"GroupName": group, "Users": [{"Ref": name}]}
            copy["Resources"]["Injected"] = {"Type": "AWS::IAM::UserToGroupAddition", "Properties": again}
            yield f"{name}/{index}", copy


def _user_name(resource: dict[str, Any]) -> str:
    return str(resource["Properties"].get("UserName"))


def _given_a_key(kind: str) -> Callable[[Template], Made]:
    """Give a further access key to each user that has a resource of a type."""

    def make(template: Template) -> Made:
        owners = {_user_name(each) for _, each in resources(template, kind)}
        for name, user in resources(template, "AWS::IAM::User"):
            own = user["Properties"].get("UserName")
            if owners & {str({"Ref": name}), str(own)}:
                copy = deepcopy(template)
                key = {"Type": "AWS::IAM::AccessKey", "Properties": {"UserName": {"Ref": name}}}
                copy["Resources"]["Injected"] = key
                yield name, copy

    return make


def _same_name(key: str) -> Callable[[str, dict[str, Any]], dict[str, Any]]:
    def make(_: str, resource: dict[str, Any]) -> dict[str, Any]:
        name = resource["Properties"][key]
        return {"Type": resource["Type"], "Properties": {key: name.upper()}}

    return make


def _output(value: Any) -> Callable[[Template], Template]:
    def change(template: Template) -> Template:
        template.setdefault("Outputs", {})["Injected"] = {"Value": value}
        return template

    return change


def _parameter(**declared: Any) -> Callable[[Template], Template]:
    def change(template: Template) -> Template:
        template.setdefault("Parameters", {})["InjectedPassword"] = {"Type": "String", **declared}
        return template

    return change


def _with_many(number: int, resource: dict[str, Any]) -> Callable[[Template], Template]:
    def change(template: Template) -> Template:
        template["Resources"].update({f"Injected{each}": deepcopy(resource) for each in range(number)})
        return template

    return change


def _without_policies(kind: str) -> Callable[[Template], Made]:
    """Delete each retained resource with its stack."""

    def make(template: Template) -> Made:
        for name, resource in resources(template, kind):
            if "DeletionPolicy" in resource:
                copy = deepcopy(template)
                del copy["Resources"][name]["DeletionPolicy"]
                yield name, copy

    return make


def _unguarded(template: Template) -> Made:
    """Remove each user that signs in from all its groups."""
    people = {_user_name(each) for _, each in resources(template, "Custom::FirstSignIn")}
    for name, user in resources(template, "AWS::IAM::User"):
        if people & {str({"Ref": name}), str(user["Properties"].get("UserName"))}:
            copy = deepcopy(template)
            copy["Resources"][name]["Properties"]["Groups"] = []
            yield name, copy


def _launched_with(key: str, value: Any) -> Callable[[Template], Made]:
    """Set a property of each instance, and of what each launch template launches."""

    def make(template: Template) -> Made:
        yield from setting("AWS::EC2::Instance", **{key: value})(template)
        for name, _ in resources(template, "AWS::EC2::LaunchTemplate"):
            path = ("Resources", name, "Properties", "LaunchTemplateData")
            yield name, _changed(template, path, lambda old: {**old, key: value})

    return make


def _user_data(value: Any) -> Callable[[Template], Made]:
    return _launched_with("UserData", value)


def _metadata(**options: Any) -> Callable[[Template], Made]:
    return _launched_with("MetadataOptions", options)


def _opened(port: int) -> dict[str, Any]:
    """Add a security group that opens a port to every address."""
    rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": "0.0.0.0/0"}
    properties = {"GroupDescription": "injected", "SecurityGroupIngress": [rule]}
    return {"Type": "AWS::EC2::SecurityGroup", "Properties": properties}


def allow(action: Any, resource: Any = "*", **elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **elements}


PASS_AND_CREATE = ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]
REFERENCE = "{{resolve:secretsmanager:injected:SecretString:password}}"
JOINED = {"Fn::Join": ["", ["{{resolve:secretsmanager:", "injected", ":SecretString:password}}"]]}
FAULTS = (
    Fault("ESC001", "PassRole and CreateFunction", adding(allow(PASS_AND_CREATE))),
    Fault("ESC001", "rewriting roles' policies", adding(allow("iam:PutRolePolicy"))),
    Fault("INS001", "sessions are optional", _metadata(HttpTokens="optional")),
    Fault("INS002", "64 hops", _metadata(HttpTokens="required", HttpPutResponseHopLimit=64)),
    Fault("INS003", "password in user data", _user_data({"Fn::Base64": f"export DB_PASSWORD={SECRET}"})),
    Fault(
        "INS003", "access key in user data", _user_data({"Fn::Base64": f"id={'AKIA' + 'ABCDEFGHIJKLMNOP'}"})
    ),
    Fault("INS004", "SSH open to everybody", everywhere(_with_many(1, _opened(22)))),
    Fault("INS004", "Remote Desktop open to everybody", everywhere(_with_many(1, _opened(3389)))),
    Fault("INS005", "key pair", _launched_with("KeyName", "ops")),
    Fault("LIF001", "role without boundary", setting("AWS::IAM::Role", PermissionsBoundary=None)),
    Fault("LIF001", "user without boundary", setting("AWS::IAM::User", PermissionsBoundary=None)),
    Fault("LIF002", "membership by two resources", _member_again),
    Fault("LIF003", "bucket goes with its stack", _without_policies("AWS::S3::Bucket")),
    Fault("LIF004", "user's name in capitals", beside("AWS::IAM::User", _same_name("UserName"))),
    Fault("POL001", "NotAction", in_allows(_everything_but)),
    Fault("POL002", "everything", adding(allow("*"))),
    Fault("POL002", "everything, by two wildcards", adding(allow("*:*"))),
    Fault("POL003", "PassRole of any role", adding(allow("iam:PassRole"))),
    Fault(
        "POL004",
        "quantifier without Null",
        in_allows(_with(Condition={"ForAllValues:StringEquals": {"aws:CalledVia": ["a"]}})),
    ),
    Fault("POL005", "a whole service", adding(allow("dynamodb:*"))),
    Fault("POL006", "writing anywhere", adding(allow("dynamodb:PutItem"))),
    Fault("POL006", "permissions anywhere", adding(allow("s3:PutBucketPolicy"))),
    Fault("POL007", "misspelled action", in_allows(_misspelled)),
    Fault("POL008", "objects of a bucket's ARN", in_allows(_objects_of_bucket)),
    Fault(
        "POL009",
        "address as text",
        in_allows(_with(Condition={"StringEquals": {"aws:SourceIp": "192.0.2.0/24"}})),
    ),
    Fault("POL010", "variables in the old version", in_documents(_old_version)),
    Fault("POL011", "statement twice", in_documents(_twice)),
    Fault("POL012", "resource that is no ARN", adding(allow("s3:GetObject", "reports"))),
    Fault("POL012", "resource of any service", adding(allow("s3:GetObject", "arn:aws:*:::reports/*"))),
    Fault(
        "POL013",
        "AdministratorAccess",
        setting("AWS::IAM::Role", ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"]),
    ),
    Fault("POL014", "secrets anywhere", adding(allow("secretsmanager:GetSecretValue"))),
    Fault(
        "POL015",
        "wildcard as a letter",
        in_allows(_with(Condition={"StringEquals": {"aws:PrincipalTag/team": "reports-*"}})),
    ),
    Fault("POL016", "policy of nobody", beside("AWS::IAM::Role", _policy_of_nobody)),
    Fault("QTA001", "oversize policy", in_documents(_too_long)),
    Fault("QTA002", "eleven groups", setting("AWS::IAM::User", Groups=[f"g{each}" for each in range(11)])),
    Fault(
        "QTA003",
        "101 SAML providers",
        everywhere(_with_many(101, {"Type": "AWS::IAM::SAMLProvider", "Properties": {}})),
    ),
    Fault("QTA004", "name with a space", setting("AWS::IAM::Role", RoleName="my role")),
    Fault("QTA005", "501 resources", everywhere(_with_many(501, {"Type": "AWS::SNS::Topic"}))),
    Fault(
        "QTA006",
        "61 dynamic references",
        everywhere(
            _with_many(61, {"Type": "AWS::RDS::DBInstance", "Properties": {"MasterUserPassword": REFERENCE}})
        ),
    ),
    Fault(
        "QTA006",
        "61 dynamic references by Fn::Join",
        everywhere(
            _with_many(61, {"Type": "AWS::RDS::DBInstance", "Properties": {"MasterUserPassword": JOINED}})
        ),
    ),
    Fault("QTA007", "session of 15 minutes", setting("AWS::IAM::Role", MaxSessionDuration=900)),
    Fault("RES001", "open bucket", beside("AWS::S3::Bucket", _open_policy)),
    Fault("RES001", "open function", beside("AWS::Lambda::Function", _called_by("*"))),
    Fault(
        "RES002",
        "function for anybody's bucket",
        beside("AWS::Lambda::Function", _called_by("s3.amazonaws.com")),
    ),
    Fault("RES003", "bucket for every reader", setting("AWS::S3::Bucket", AccessControl="PublicRead")),
    Fault(
        "RES003",
        "bucket that lets itself be opened",
        setting(
            "AWS::S3::Bucket",
            PublicAccessBlockConfiguration={"BlockPublicPolicy": False, "RestrictPublicBuckets": False},
        ),
    ),
    Fault(
        "RES003",
        "function for every caller",
        setting("AWS::Serverless::Function", FunctionUrlConfig={"AuthType": "NONE"}),
    ),
    Fault(
        "RES004",
        "function that another account may change",
        beside("AWS::Lambda::Function", _called_by("222222222222", action="lambda:*")),
    ),
    Fault(
        "RES005",
        "bucket with access lists and without a block",
        setting(
            "AWS::S3::Bucket",
            PublicAccessBlockConfiguration=None,
            OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
        ),
    ),
    Fault(
        "POL002",
        "everything, of a serverless function",
        setting("AWS::Serverless::Function", Policies=[{"Statement": allow("*")}]),
    ),
    Fault(
        "POL013",
        "AdministratorAccess by its name",
        setting("AWS::Serverless::Function", Policies=["AdministratorAccess"]),
    ),
    Fault("TRU001", "trust to anyone", trusting(_to_everyone)),
    Fault("TRU002", "partner without external ID", trusting(_asking_nothing)),
    Fault("TRU003", "no audience", trusting(_federated("oidc-provider", _without_test(":aud")))),
    Fault("TRU004", "no subject", trusting(_federated("oidc-provider", _without_test(":sub")))),
    Fault("TRU005", "subject of any repository", trusting(_federated("oidc-provider", _subject("repo:*")))),
    Fault("TRU006", "no audience of SAML", trusting(_federated("saml-provider", _without_test("saml:aud")))),
    Fault("TRU007", "MFA only if known", trusting(_lenient_mfa)),
    Fault("TRU008", "NotPrincipal", trusting(_excluding)),
    Fault("TRU009", "any branch", trusting(_federated("githubusercontent", _subject("repo:acme/web:*")))),
    Fault("TRU010", "one role by its ARN", trusting(_naming_one)),
    Fault("TRU011", "session of twelve hours", _session_of_people(43200)),
    Fault(
        "TRU012",
        "service on anybody's behalf",
        trusting(
            lambda _: {
                "Effect": "Allow",
                "Principal": {"Service": "states.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ),
    ),
    Fault(
        "TRU012",
        "pods of any service account",
        trusting(
            lambda _: {
                "Effect": "Allow",
                "Principal": {"Service": "pods.eks.amazonaws.com"},
                "Action": ["sts:AssumeRole", "sts:TagSession"],
            }
        ),
    ),
    Fault(
        "TRU012",
        "machines with any certificate",
        trusting(
            lambda _: {
                "Effect": "Allow",
                "Principal": {"Service": "rolesanywhere.amazonaws.com"},
                "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
            }
        ),
    ),
    Fault(
        "TRU012",
        "trail on anybody's behalf",
        trusting(
            lambda _: {
                "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ),
    ),
    Fault("TRU013", "guests of a pool", trusting(_federated("cognito-identity", _without_test(":amr")))),
    Fault(
        "USR001", "login of the user's own", setting("AWS::IAM::User", LoginProfile={"Password": REFERENCE})
    ),
    Fault("USR002", "person without guard", _unguarded),
    Fault(
        "USR003",
        "secret key in an output",
        everywhere(_output({"Fn::GetAtt": ["Injected", "SecretAccessKey"]})),
    ),
    Fault("USR004", "person with a key", _given_a_key("Custom::FirstSignIn")),
    Fault("USR005", "second active key", _given_a_key("AWS::IAM::AccessKey")),
    Fault(
        "USR006",
        "policy of a user's own",
        setting("AWS::IAM::User", ManagedPolicyArns=["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
    ),
    Fault(
        "USR007",
        "password in a variable",
        setting("AWS::Lambda::Function", Environment={"Variables": {"DB_PASSWORD": SECRET}}),
    ),
    Fault("USR007", "password as a default", everywhere(_parameter(NoEcho=True, Default=SECRET))),
    Fault("USR008", "secret in an output", everywhere(_output(REFERENCE))),
    Fault("USR008", "joined secret in an output", everywhere(_output(JOINED))),
    Fault("USR008", "password that is shown", everywhere(_parameter())),
)
