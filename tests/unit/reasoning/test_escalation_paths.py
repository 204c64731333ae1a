"""Escalation paths: which actor gets where, by which steps."""

import pytest

from keywright.reasoning.account.actors import Account, CredentialSource
from keywright.reasoning.escalation.paths import (
    Escalates,
    IsAdministrator,
    NoEscalation,
    UndecidedEscalation,
    find_escalations,
)
from keywright.reasoning.escalation.permissions import TOO_MANY
from tests.unit.reasoning.actors import (
    ACCOUNT,
    EVERYTHING,
    IAM,
    allow,
    deny,
    document,
    group,
    managed,
    paths,
    result,
    role,
    trusting,
    user,
)

LAMBDA = f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:"
OUTSIDE = "a role outside these templates"
WITHIN_ACCOUNT = trusting(f"{IAM}root")


class TestResults:
    def test_an_administrator_has_full_access_already(self):
        assert isinstance(result(user("a", EVERYTHING)), IsAdministrator)

    def test_an_actor_without_technique_is_contained(self):
        assert isinstance(result(user("a", allow("s3:*"))), NoEscalation)

    def test_a_technique_that_no_policy_decides_is_undecided(self):
        found = result(user("a", allow("iam:DeactivateMFADevice")))
        assert isinstance(found, UndecidedEscalation)
        assert "the password or access key must be known as well" in found.because[0]

    def test_an_unknown_attached_policy_is_undecided(self):
        found = result(user("a", allow("s3:*"), doubts=("the policy `x` is not known",)))
        assert found.because == ("the policy `x` is not known",)

    def test_the_shortest_path_is_first(self):
        found = result(
            user("a", allow("sts:AssumeRole", "iam:CreateAccessKey")),
            role("b", allow("iam:PutUserPolicy"), trust=[WITHIN_ACCOUNT]),
        )
        assert isinstance(found, Escalates)
        lengths = [len(path.steps) for path in found.paths]
        assert lengths == sorted(lengths)


class TestPassing:
    def test_a_role_inside_is_reached_where_the_service_is_trusted(self):
        passer = user("a", allow("iam:PassRole", on=f"{IAM}role/b"), allow("lambda:*"))
        target = role("b", allow("dynamodb:*"), trust=[trusting("lambda.amazonaws.com")])
        assert ("lambda-new-invoke", "role/b") in paths(passer, target)

    def test_a_role_for_another_service_is_not(self):
        passer = user(
            "a",
            allow("iam:PassRole", on=f"{IAM}role/b"),
            allow("lambda:CreateFunction", "lambda:InvokeFunction"),
        )
        assert paths(passer, role("b", allow("dynamodb:*"), trust=[trusting("ec2.amazonaws.com")])) == []

    def test_a_role_without_more_access_is_no_escalation(self):
        passer = user(
            "a",
            allow("iam:PassRole", on=f"{IAM}role/b"),
            allow("lambda:CreateFunction", "lambda:InvokeFunction", "dynamodb:*"),
        )
        target = role("b", allow("dynamodb:GetItem"), trust=[trusting("lambda.amazonaws.com")])
        assert paths(passer, target) == []

    def test_a_pattern_matches_roles_outside_and_needs_names_them(self):
        passer = user("a", allow("iam:PassRole", on=f"{IAM}role/app-*"), allow("ec2:RunInstances"))
        found = result(passer)
        assert [path.to for path in found.paths] == [OUTSIDE]
        assert found.paths[0].needs == (
            f"a role (`{IAM}role/app-*`) that trusts `ec2.amazonaws.com` and has more permissions"
        )

    def test_a_deny_of_the_same_pattern_removes_it(self):
        passer = user(
            "a",
            allow("iam:PassRole", on=f"{IAM}role/app-*"),
            allow("ec2:RunInstances"),
            deny("iam:PassRole", on=f"{IAM}role/app*"),
        )
        assert paths(passer) == []

    def test_a_deny_with_not_resource_leaves_the_listed(self):
        statement = {"Effect": "Deny", "Action": "iam:PassRole", "NotResource": f"{IAM}role/app-web-*"}
        passer = user("a", allow("iam:PassRole", on=f"{IAM}role/app-*"), allow("ec2:RunInstances"), statement)
        assert [to for _, to in paths(passer)] == [OUTSIDE]

    def test_two_steps_on_different_functions_do_not_combine(self):
        changer = user(
            "a",
            allow("iam:PassRole"),
            allow("lambda:CreateFunction", on=f"{LAMBDA}one"),
            allow("lambda:InvokeFunction", on=f"{LAMBDA}other"),
        )
        assert paths(changer) == []


NODE = "arn:aws:ec2:eu-central-1:111111111111:instance/i-0"
TAKING = (allow("ssmmessages:OpenControlChannel"), allow("dynamodb:*"))
NO_MFA = deny("ssm:*", BoolIfExists={"aws:MultiFactorAuthPresent": "false"})
BY_TAG = {"StringEquals": {"aws:ResourceTag/app": "web"}}


class TestSessions:
    def stepped(self, who, *, tags=None, does=TAKING):
        """Give each path's end, and whether both sides name its steps."""
        credential_source = CredentialSource(
            "ec2:instance", NODE, f"{IAM}role/web", {"app": "web"} if tags is None else tags
        )
        found = result(who, role("web", *does), credential_sources=(credential_source,))
        if not isinstance(found, Escalates):
            return []
        return [(path.to, all(step.is_agreed for step in path.steps)) for path in found.paths]

    def test_a_tag_of_the_instance_is_agreed_by_both_sides(self):
        who = user("a", allow("ssm:StartSession", on="*", **BY_TAG), NO_MFA)
        outside = "a managed instance or task outside these templates"
        assert self.stepped(who) == [("role/web", True), (outside, True)]

    @pytest.mark.parametrize(
        ("statements", "given"),
        [
            pytest.param([allow("ssm:StartSession", **BY_TAG)], {}, id="without MFA"),
            pytest.param(
                [allow("ssm:StartSession", **BY_TAG), allow("ssm:StartSession", on=NODE), NO_MFA],
                {},
                id="and without the tag",
            ),
            pytest.param(
                [allow("ssm:StartSession", StringLike={"aws:ResourceTag/app": "*"}), NO_MFA],
                {},
                id="any value",
            ),
            pytest.param(
                [allow("ssm:StartSession", StringEqualsIfExists={"aws:ResourceTag/app": "web"}), NO_MFA],
                {},
                id="or no tag at all",
            ),
            pytest.param(
                [allow("ssm:StartSession", **BY_TAG), NO_MFA], {"tags": {}}, id="a tag of no instance"
            ),
            pytest.param(
                [allow("ssm:StartSession", **BY_TAG), NO_MFA],
                {"does": [allow("dynamodb:*")]},
                id="a role that takes no sessions",
            ),
            pytest.param([allow("ssm:SendCommand"), NO_MFA], {}, id="a command"),
        ],
    )
    def test_otherwise_it_is_an_escalation(self, statements, given):
        found = self.stepped(user("a", *statements), **given)
        assert "role/web" in dict(found)
        assert not any(agreed for _, agreed in found)

    def test_an_instance_without_the_tag_must_be_tagged_by_others(self):
        tagged, bare = (
            CredentialSource("ec2:instance", f"{NODE}{name}", f"{IAM}role/{name}", tags)
            for name, tags in (("web", {"app": "web"}), ("vault", {"Name": "vault"}))
        )
        who = user("a", allow("ssm:StartSession", on=f"{NODE}*", **BY_TAG), NO_MFA)
        roles = [role(name, *TAKING) for name in ("web", "vault")]
        found = result(who, *roles, credential_sources=(tagged, bare)).paths
        assert [(path.to, path.needs, path.steps[0].is_agreed) for path in found[:2]] == [
            ("role/web", "", True),
            ("role/vault", "the tag `app` on it", True),
        ]

    def test_an_instance_with_another_tag_is_not_reached(self):
        who = user("a", allow("ssm:StartSession", on=NODE, **BY_TAG))
        assert self.stepped(who, tags={"app": "vault"}) == []

    def test_tags_that_differ_by_case_alone_may_each_decide(self):
        who = user("a", allow("ssm:StartSession", on=NODE, **BY_TAG))
        assert [to for to, _ in self.stepped(who, tags={"app": "vault", "APP": "web"})] == ["role/web"]
        assert [to for to, _ in self.stepped(who, tags={"app": "web", "APP": "vault"})] == ["role/web"]

    @pytest.mark.parametrize("tagging", ["ec2:CreateTags", "ec2:CreateT*", "autoscaling:CreateOrUpdateTags"])
    def test_a_principal_that_can_tag_reaches_it(self, tagging):
        who = user("a", allow("ssm:StartSession", on=NODE, **BY_TAG), allow(tagging))
        assert [to for to, _ in self.stepped(who, tags={"app": "vault"})] == ["role/web"]


class TestCarriers:
    def test_existing_compute_is_reached_by_its_own_arn(self):
        credential_source = CredentialSource("lambda:function", f"{LAMBDA}f", f"{IAM}role/b")
        changer = user("a", allow("lambda:UpdateFunctionCode", on=f"{LAMBDA}f"))
        assert paths(changer, role("b", allow("dynamodb:*")), credential_sources=(credential_source,)) == [
            ("lambda-update-code", "role/b")
        ]

    def test_a_broader_pattern_matches_others_outside(self):
        credential_source = CredentialSource("lambda:function", f"{LAMBDA}f", f"{IAM}role/b")
        changer = user("a", allow("lambda:UpdateFunctionCode", on=f"{LAMBDA}*"))
        assert [
            to
            for _, to in paths(
                changer, role("b", allow("dynamodb:*")), credential_sources=(credential_source,)
            )
        ] == [
            "role/b",
            "a function outside these templates",
        ]

    def test_every_secret_readable_reaches_whose_key_is_in_one(self):
        secret = f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:k"
        credential_source = CredentialSource("secretsmanager:Secret", secret, f"{IAM}user/b")
        reader = user("a", allow("secretsmanager:GetSecretValue"))
        assert paths(reader, user("b", allow("dynamodb:*")), credential_sources=(credential_source,)) == [
            ("secretsmanager-read-credentials", "user/b")
        ]

    def test_a_secret_granted_by_name_is_declared(self):
        secret = f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:k"
        credential_source = CredentialSource("secretsmanager:Secret", secret, f"{IAM}user/b")
        reader = user("a", allow("secretsmanager:GetSecretValue", on=secret))
        assert paths(reader, user("b", allow("dynamodb:*")), credential_sources=(credential_source,)) == []


class TestAssuming:
    def test_both_sides_must_agree(self):
        caller = user("a", allow("sts:AssumeRole", on=f"{IAM}role/b*"))
        assert paths(caller, role("b", EVERYTHING, trust=[WITHIN_ACCOUNT]))[0] == (
            "sts-assume-role",
            "role/b",
        )
        assert ("sts-assume-role", "role/b") not in paths(
            caller, role("b", EVERYTHING, trust=[trusting("ec2.amazonaws.com")])
        )

    def test_trust_by_name_needs_no_permission(self):
        assert paths(user("a"), role("b", EVERYTHING, trust=[trusting(f"{IAM}user/a")])) == [
            ("sts-assume-role", "role/b")
        ]

    def test_a_deny_overrides_trust_by_name(self):
        caller = user("a", deny("sts:AssumeRole"))
        assert paths(caller, role("b", EVERYTHING, trust=[trusting(f"{IAM}user/a")])) == []

    def test_a_step_that_both_sides_name_is_declared_unless_it_reaches_an_administrator(self):
        caller = user("a", allow("sts:AssumeRole", on=f"{IAM}role/b"))
        assert paths(caller, role("b", allow("dynamodb:*"), trust=[WITHIN_ACCOUNT])) == []
        assert paths(caller, role("b", EVERYTHING, trust=[WITHIN_ACCOUNT])) == [("sts-assume-role", "role/b")]

    def test_a_declared_step_can_be_part_of_an_escalation(self):
        caller = user("a", allow("sts:AssumeRole", on=f"{IAM}role/b"))
        middle = role("b", allow("iam:PutRolePolicy", on=f"{IAM}role/b"), trust=[WITHIN_ACCOUNT])
        assert paths(caller, middle) == [("sts-assume-role > iam-put-role-policy", "administrator")]

    def test_a_session_of_a_role_has_no_mfa(self):
        trust = [trusting(f"{IAM}root", Bool={"aws:MultiFactorAuthPresent": "true"})]
        statement = allow("sts:AssumeRole", on=f"{IAM}role/b")
        assert paths(user("a", statement), role("b", EVERYTHING, trust=trust)) == [
            ("sts-assume-role", "role/b")
        ]
        assert paths(role("a", statement), role("b", EVERYTHING, trust=trust)) == []

    def test_roles_are_assumed_one_after_the_other(self):
        first = user("a", allow("sts:AssumeRole", on=f"{IAM}role/b"))
        second = role("b", allow("sts:AssumeRole", on=f"{IAM}role/c"), trust=[WITHIN_ACCOUNT])
        third = role("c", EVERYTHING, trust=[trusting(f"{IAM}role/b")])
        assert paths(first, second, third) == [("sts-assume-role > sts-assume-role", "role/c")]

    def test_a_named_role_outside_counts(self):
        caller = user("a", allow("sts:AssumeRole", on="arn:aws:iam::222222222222:role/x"))
        assert paths(caller) == [("sts-assume-role", OUTSIDE)]


class TestPermissions:
    def test_an_own_policy_makes_an_administrator(self):
        assert paths(user("a", allow("iam:PutUserPolicy", on=f"{IAM}user/a"))) == [
            ("iam-put-user-policy", "administrator")
        ]

    def test_a_boundary_still_limits(self):
        statement = allow("iam:PutUserPolicy", on=f"{IAM}user/a")
        assert paths(user("a", statement, boundary=[statement, allow("kinesis:*")])) == [
            (
                "iam-put-user-policy",
                "user/a, with everything its permissions boundary and Deny statements do not exclude",
            )
        ]

    def test_nothing_is_gained_within_an_exhausted_boundary(self):
        statement = allow("iam:PutUserPolicy", on=f"{IAM}user/a")
        assert paths(user("a", statement, boundary=[statement])) == []

    def test_an_actor_with_only_denials_gains_nothing(self):
        assert paths(user("a", EVERYTHING, deny("s3:DeleteBucket", "iam:*", "sts:*"))) != []
        only_writing = user("a", EVERYTHING, deny("s3:DeleteBucket"))
        assert "iam-put-user-policy" not in [
            steps for steps, to in paths(only_writing) if to == "administrator"
        ]

    def test_another_user_helps_only_with_its_credentials(self):
        editor = user("a", allow("iam:PutUserPolicy", on=f"{IAM}user/b"))
        other = user("b", allow("s3:GetObject"))
        assert paths(editor, other) == []
        both = user("a", allow("iam:PutUserPolicy", "iam:CreateAccessKey", on=f"{IAM}user/b"))
        assert paths(both, other)[-1] == ("iam-put-user-policy > iam-create-access-key", "administrator")

    def test_an_own_policy_is_rewritten(self):
        own = managed("own", allow("iam:CreatePolicyVersion", on=f"{IAM}policy/own"))
        assert paths(user("a", grants=(own,))) == [("iam-create-policy-version", "administrator")]

    def test_only_certain_policies_may_be_attached(self):
        reading = document(allow("s3:GetObject"))
        statement = allow(
            "iam:AttachUserPolicy",
            on=f"{IAM}user/a",
            ArnEquals={"iam:PolicyARN": f"{IAM}policy/reading"},
        )
        found = paths(user("a", statement), policies={f"{IAM}policy/reading": reading})
        assert [steps for steps, _ in found] == ["iam-attach-user-policy"]
        assert paths(user("a", statement, allow("s3:*")), policies={f"{IAM}policy/reading": reading}) == []

    @pytest.mark.parametrize("order", [("reading", "managing"), ("managing", "reading")], ids="-".join)
    @pytest.mark.parametrize("action", ["iam:AttachUserPolicy", "iam:AttachRolePolicy"])
    def test_each_policy_that_may_be_attached_is_tried(self, action, order):
        policies = {"reading": document(allow("s3:GetObject")), "managing": document(allow("iam:*"))}
        known = {f"{IAM}policy/{name}": policies[name] for name in order}
        statement = allow(action, ArnEquals={"iam:PolicyARN": list(known)})
        found = paths(user("a", statement, allow("s3:*")), policies=known)
        assert any(to == "administrator" for _, to in found)

    @pytest.mark.parametrize(
        "fences",
        [
            pytest.param({"Null": {"iam:PermissionsBoundary": "false"}}, id="within some fence"),
            pytest.param(
                {"StringEquals": {"iam:PermissionsBoundary": f"{IAM}policy/unknown"}}, id="within one fence"
            ),
        ],
    )
    def test_a_policy_that_may_be_attached_to_anyone_hides_no_escalation(self, fences):
        known = {f"{IAM}policy/reading": document(allow("s3:GetObject"))}
        harmless = allow("iam:AttachRolePolicy", ArnEquals={"iam:PolicyARN": f"{IAM}policy/reading"})
        wide = allow("iam:AttachRolePolicy", **fences)
        alone = paths(user("a", wide, allow("s3:*")), policies=known)
        assert alone
        assert set(alone) <= set(paths(user("a", harmless, wide, allow("s3:*")), policies=known))

    def test_identities_with_the_boundary_are_no_escalation(self):
        fence = document(allow("s3:*"))
        statement = allow("iam:PutRolePolicy", StringEquals={"iam:PermissionsBoundary": f"{IAM}policy/fence"})
        assert paths(user("a", statement), policies={f"{IAM}policy/fence": fence}) == []

    def test_a_boundary_without_restrictions_is_an_escalation(self):
        fence = document(allow("s3:*", "iam:*"))
        statement = allow("iam:PutRolePolicy", StringEquals={"iam:PermissionsBoundary": f"{IAM}policy/fence"})
        assert paths(user("a", statement), policies={f"{IAM}policy/fence": fence}) != []

    @pytest.mark.parametrize(
        "action", ["iam:PutRolePolicy", "iam:PutUserPolicy", "iam:UpdateAssumeRolePolicy"]
    )
    @pytest.mark.parametrize(
        "fences",
        [
            pytest.param({"Null": {"iam:PermissionsBoundary": "false"}}, id="some fence"),
            pytest.param(
                {"StringLike": {"iam:PermissionsBoundary": "arn:aws:iam::*:policy/*"}}, id="any of AWS's too"
            ),
            pytest.param(
                {
                    "Null": {"iam:PermissionsBoundary": "false"},
                    "StringNotEquals": {"iam:PermissionsBoundary": f"{IAM}policy/fence"},
                },
                id="another fence",
            ),
        ],
    )
    def test_an_unrestricted_boundary_counts_as_none(self, action, fences):
        fence = {f"{IAM}policy/fence": document(allow("s3:*"))}
        found = paths(user("a", allow(action, **fences)), policies=fence)
        assert [to for _, to in found if to.endswith("outside these templates")]

    def test_an_unknown_boundary_is_named_in_needs(self):
        statement = allow("iam:PutRolePolicy", StringEquals={"iam:PermissionsBoundary": f"{IAM}policy/fence"})
        found = result(user("a", statement))
        assert "policy/fence` that allows actions the principal lacks" in found.paths[0].needs


class TestCredentials:
    @pytest.mark.parametrize(
        "resource", [f"{IAM}user/${{aws:username}}", f"{IAM}user/a", "arn:aws:iam::*:user/${aws:username}"]
    )
    def test_keys_of_the_own_user_are_no_escalation(self, resource):
        assert paths(user("a", allow("iam:CreateAccessKey", on=resource))) == []

    @pytest.mark.parametrize(
        ("resource", "found"),
        [
            pytest.param(f"{IAM}user/${{aws:username}}", [], id="the bearer's own"),
            pytest.param(f"{IAM}user/${{aws:username, 'x'}}", [], id="the bearer's own, with a default"),
            pytest.param(f"{IAM}user/*${{aws:username}}", ["user/b", "user/xb"], id="an ending of a name"),
            pytest.param(f"{IAM}user/x${{aws:username}}", ["user/xb"], id="a name made of the bearer's"),
            pytest.param(f"{IAM}user/${{aws:PrincipalTag/of}}", ["user/b", "user/xb"], id="whom a tag names"),
            pytest.param(f"{IAM}user/*", ["user/b", "user/xb"], id="anybody"),
        ],
    )
    def test_group_members_reach_others_where_a_pattern_may_name_them(self, resource, found):
        makers = group("makers", allow("iam:CreateAccessKey", on=resource))
        others = (user("b", allow("s3:*")), user("xb", allow("s3:*")))
        assert {to for _, to in paths(makers, *others)} - {"a user outside these templates"} == set(found)

    def test_the_keys_of_another_are(self):
        assert paths(
            user("a", allow("iam:CreateAccessKey", on=f"{IAM}user/b")), user("b", allow("s3:*"))
        ) == [("iam-create-access-key", "user/b")]

    def test_another_user_with_the_same_grants_on_itself_has_other_access(self):
        shared = managed("own", allow("iam:UpdateLoginProfile", on=f"{IAM}user/${{aws:username}}"))
        maker = user("a", allow("iam:CreateAccessKey", on=f"{IAM}user/b"), grants=(shared,))
        assert paths(maker, user("b", grants=(shared,))) == [("iam-create-access-key", "user/b")]

    def test_another_actor_without_more_access_is_none(self):
        shared = managed("reading", allow("s3:GetObject"))
        maker = user("a", allow("iam:CreateAccessKey", on=f"{IAM}user/b"), grants=(shared,))
        assert paths(maker, user("b", grants=(shared,))) == []


class TestGroups:
    def test_joining_a_group_gives_what_it_has(self):
        joiner = user("a", allow("iam:AddUserToGroup", on=f"{IAM}group/ops"))
        assert paths(joiner, group("ops", allow("kinesis:*"))) == [("iam-add-user-to-group", "group/ops")]

    def test_a_group_with_no_more_gives_nothing(self):
        joiner = user("a", allow("iam:AddUserToGroup", on=f"{IAM}group/ops"), allow("kinesis:*"))
        assert paths(joiner, group("ops", allow("kinesis:*"))) == []

    def test_leaving_a_group_with_a_deny_is_a_technique(self):
        guard = group("guard", deny("kinesis:*"))
        grant = type(guard.grants[0])(guard.grants[0].document, group=guard.arn)
        leaver = user(
            "a",
            allow("iam:RemoveUserFromGroup", on=guard.arn),
            allow("kinesis:*"),
            grants=(grant,),
            groups=(guard.arn,),
        )
        assert [steps for steps, _ in paths(leaver, guard)] == ["iam-remove-user-from-group"]


class TestConditions:
    @pytest.mark.parametrize(
        "conditions",
        [
            pytest.param(
                {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}, id="another action's key"
            ),
            pytest.param({"StringEquals": {"aws:PrincipalArn": f"{IAM}user/b"}}, id="another principal"),
            pytest.param({"IpAddress": {"aws:SourceIp": "127.0.0.1/32"}}, id="no address"),
            pytest.param({"Bool": {"s3:TLS": "true"}}, id="another service's key"),
            pytest.param({"Null": {"aws:PrincipalAccount": "true"}}, id="a key that is always there"),
        ],
    )
    def test_a_condition_that_certainly_fails_removes_the_step(self, conditions):
        assert paths(user("a", allow("iam:CreateAccessKey", **conditions))) == []

    @pytest.mark.parametrize(
        "conditions",
        [
            pytest.param({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, id="MFA"),
            pytest.param({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, id="a network"),
            pytest.param({"StringEquals": {"aws:ResourceTag/team": "x"}}, id="a tag"),
            pytest.param({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}, id="the own account"),
            pytest.param({"SomeOperator": {"aws:SourceIp": "x"}}, id="an operator nobody knows"),
        ],
    )
    def test_a_condition_that_may_hold_keeps_the_step(self, conditions):
        assert paths(user("a", allow("iam:CreateAccessKey", **conditions))) != []

    def test_a_denial_that_may_not_hold_leaves_it(self):
        guard = deny("*", Bool={"aws:MultiFactorAuthPresent": "false"})
        assert paths(user("a", allow("iam:CreateAccessKey"), guard)) != []

    def test_a_denial_that_certainly_holds_removes_it(self):
        elsewhere = deny("iam:*", StringNotEquals={"aws:PrincipalArn": f"{IAM}user/b"})
        assert paths(user("a", allow("iam:CreateAccessKey"), elsewhere)) == []


class TestOnTheWay:
    def test_a_role_without_access_leads_to_one_that_trusts_it(self):
        caller = user("a", allow("sts:AssumeRole", on=f"{IAM}role/b"))
        middle = role("b", trust=[WITHIN_ACCOUNT])
        last = role("c", allow("iam:PutUserPolicy", on=f"{IAM}user/a"), trust=[trusting(f"{IAM}role/b")])
        assert paths(caller, middle, last) == [
            ("sts-assume-role > sts-assume-role > iam-put-user-policy", "administrator")
        ]

    def test_a_role_can_write_the_policy_of_a_principal_that_assumes_it(self):
        caller = user("a", allow("sts:AssumeRole", on=f"{IAM}role/b"))
        writer = role("b", allow("iam:PutUserPolicy", on=f"{IAM}user/a"), trust=[WITHIN_ACCOUNT])
        assert paths(caller, writer) == [("sts-assume-role > iam-put-user-policy", "administrator")]

    def test_a_role_without_access_can_get_a_policy(self):
        editor = user("a", allow("sts:AssumeRole", "iam:PutRolePolicy", on=f"{IAM}role/b"))
        assert ("iam-put-role-policy > sts-assume-role", "administrator") in paths(
            editor, role("b", trust=[WITHIN_ACCOUNT])
        )

    def test_an_unknown_trust_policy_may_allow(self):
        caller = user("a", allow("sts:AssumeRole", on=f"{IAM}role/b"))
        found = result(caller, role("b", allow("dynamodb:*"), trust=[trusting("?*")]))
        assert found.paths[0].needs == "a trust policy of `role/b` that allows the principal"

    def test_an_unknown_attached_policy_must_allow_more(self):
        caller = user("a", allow("iam:CreateAccessKey", on=f"{IAM}user/b"))
        found = result(caller, user("b", doubts=("the policy `x` is not known",)))
        assert found.paths[0].needs.endswith("; more permissions for `user/b`: the policy `x` is not known")


class TestWhatTakesTooLong:
    """What was not looked at is said, and never taken for safe."""

    MANY = tuple(role(f"b{number}", trust=[trusting(f"{IAM}user/a")]) for number in range(30))

    def test_more_identities_than_the_limit_is_undecided(self):
        who = user("a", allow("s3:*"))
        (found, *_) = find_escalations(Account((who, *self.MANY)), most_states=20)
        assert found == UndecidedEscalation(
            who, ("it can act as more than 20 identities, not all of which were examined",)
        )

    def test_exactly_the_limit_of_identities_is_contained(self):
        who = user("a", allow("s3:*"))
        (found, *_) = find_escalations(Account((who, *self.MANY)), most_states=31)
        assert found == NoEscalation(who)

    def test_a_found_path_is_reported_beside_it(self):
        who = user("a", allow("iam:PutUserPolicy", on=f"{IAM}user/a"))
        (found, *_) = find_escalations(Account((who, *self.MANY)), most_states=20)
        assert isinstance(found, Escalates)
        assert found.unfinished

    def test_more_steps_than_the_limit_is_undecided(self):
        who = user("a", allow("s3:*"))
        (found, *_) = find_escalations(Account((who, *self.MANY)), most_steps=20)
        assert found.because == ("the account has too many escalation steps to examine all of them",)

    HOSTILE = f"a{'?' * 14}b", f"b{'?' * 14}a", f"a{'?' * 13}c", f"{'?' * 14}a*{'?' * 14}b"

    def test_patterns_that_overlap_in_too_many_ways_are_undecided(self):
        first, *others = (f"{IAM}user/*{each}*" for each in self.HOSTILE)
        who = user("a", allow("iam:CreateAccessKey", on=first), deny("iam:CreateAccessKey", on=others))
        assert result(who) == UndecidedEscalation(
            who,
            (f"create an access key for another user: {TOO_MANY}",),
        )


class TestVariables:
    """A variable is neither a literal nor a wildcard: it may stand for anything in what allows."""

    TEAM = "${aws:PrincipalTag/team}"

    def test_an_unknown_principal_may_name_anyone(self):
        caller = user("a", allow("iam:CreateAccessKey", on=f"{IAM}user/{self.TEAM}-robot"))
        assert paths(caller, user("x-robot", allow("s3:*"))) == [
            ("iam-create-access-key", "user/x-robot"),
            ("iam-create-access-key", "a user outside these templates"),
        ]

    def test_an_unknown_policy_denies_nobody_for_certain(self):
        guard = deny("iam:CreateAccessKey", on=f"{IAM}user/{self.TEAM}")
        caller = user("a", allow("iam:CreateAccessKey", on=f"{IAM}user/b"), guard)
        assert paths(caller, user("b", allow("s3:*"))) == [("iam-create-access-key", "user/b")]

    def test_a_not_principal_with_an_unknown_name_may_deny_anyone(self):
        guard = {"Effect": "Deny", "Action": "iam:CreateAccessKey", "NotResource": f"{IAM}user/{self.TEAM}"}
        caller = user("a", allow("iam:CreateAccessKey", on=f"{IAM}user/b"), guard)
        assert paths(caller, user("b", allow("s3:*"))) == [("iam-create-access-key", "user/b")]


class TestPartitions:
    """Nobody comes from one partition of AWS into another."""

    @pytest.mark.parametrize(
        "statements",
        [
            pytest.param(
                (allow("iam:AddUserToGroup"), deny("iam:AddUserToGroup", on="arn:aws:iam::*:group/*")),
                id="every group of the own one is denied",
            ),
            pytest.param(
                (allow("lambda:UpdateFunctionCode"), deny("lambda:*", on="arn:aws:lambda:*:*:function:*")),
                id="every function of the own one is denied",
            ),
        ],
    )
    def test_a_policy_within_another_does_not_count(self, statements):
        assert isinstance(result(user("a", *statements)), NoEscalation)
