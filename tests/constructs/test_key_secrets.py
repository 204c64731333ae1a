"""The key that encrypts applications' keys: readers decrypt through Secrets Manager, others at most administer it."""

from __future__ import annotations

import re

import pytest

from access_constructs.people.key_secrets import KeySecretsKey, key_statements
from keywright.policy.matching.context import Context
from keywright.policy.statement import Document, Kind, Statement
from keywright.reasoning.evaluation.evaluate import evaluate
from keywright.reasoning.evaluation.policies import Policies
from keywright.reasoning.evaluation.request import Request
from keywright.reasoning.evaluation.verdict import Allowed
from tests.constructs.synthesis import ACCOUNT, PATH, REGION, new_stack, properties, resources

OURS = f"arn:aws:iam::{ACCOUNT}"
READER, OTHER, GLASS = (
    f"{OURS}:user{PATH}hander",
    f"{OURS}:user{PATH}mallory",
    f"{OURS}:role{PATH}break-glass",
)
DEPLOYER = f"{OURS}:role/deployer"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:keywright/access-key/scanner/1-AbCdEf"
TRIAL = "RequestToValidateKeyAccess"
EVERYTHING = Document((Statement(actions=("*",), resources=("*",)),))


def can_use(who, action, *, secret=SECRET, via=f"secretsmanager.{REGION}.amazonaws.com", replicated=False):
    """Return whether a principal that every other policy allows everything can use the key."""
    statements = key_statements(
        partition="aws",
        region=REGION,
        account=ACCOUNT,
        path=PATH,
        readers=[READER],
        administrators=[GLASS],
        replicated=replicated,
    )
    known = {"aws:principalarn": (who,), "kms:calleraccount": (ACCOUNT,), "aws:principalaccount": (ACCOUNT,)}
    known |= {"kms:viaservice": (via,)} if via else {}
    known |= {"kms:encryptioncontext:secretarn": (secret,)} if secret else {}
    policies = Policies(identity=(EVERYTHING,), resource=Document(tuple(statements), kind=Kind.RESOURCE))
    return isinstance(evaluate(Request(who, action, KEY, Context.of(known)), policies), Allowed)


@pytest.mark.parametrize(
    ("who", "action", "more", "possible"),
    [
        pytest.param(READER, "kms:Decrypt", {}, True, id="a reader reads"),
        pytest.param(OTHER, "kms:Decrypt", {}, False, id="a colleague doesn't"),
        pytest.param(DEPLOYER, "kms:Decrypt", {}, False, id="the deploying role does not"),
        pytest.param(GLASS, "kms:Decrypt", {}, False, id="administrators only if they are readers"),
        pytest.param(READER, "kms:Decrypt", {"via": ""}, False, id="not without Secrets Manager"),
        pytest.param(
            READER, "kms:Decrypt", {"secret": SECRET.replace("access-key", "x")}, False, id="no other secret"
        ),
        pytest.param(DEPLOYER, "kms:Decrypt", {"secret": TRIAL}, True, id="the deploying role tests the key"),
        pytest.param(DEPLOYER, "kms:GenerateDataKey", {}, True, id="and keeps secrets under it"),
        pytest.param(DEPLOYER, "kms:Decrypt", {"replicated": True}, True, id="and copies them"),
        pytest.param(OTHER, "kms:Decrypt", {"replicated": True}, False, id="a colleague does not copy"),
        pytest.param(OTHER, "kms:Decrypt", {"secret": TRIAL}, False, id="a colleague tests nothing"),
        pytest.param(OTHER, "kms:GenerateDataKey", {}, False, id="nor keeps anything"),
        pytest.param(DEPLOYER, "kms:PutKeyPolicy", {}, True, id="the deploying role administers it"),
        pytest.param(GLASS, "kms:PutKeyPolicy", {}, True, id="the emergency user too"),
        pytest.param(READER, "kms:PutKeyPolicy", {}, False, id="a reader doesn't"),
        pytest.param(OTHER, "kms:PutKeyPolicy", {}, False, id="nor a colleague"),
        pytest.param(DEPLOYER, "kms:CreateGrant", {}, False, id="nobody delegates its use"),
        pytest.param(f"{OURS}:root", "kms:Decrypt", {}, False, id="the root user only if a reader"),
        pytest.param(
            "arn:aws:iam::222222222222:user/x", "kms:Decrypt", {}, False, id="no user of another account"
        ),
    ],
)
def test_the_key_policy_allows(who, action, more, possible):
    assert can_use(who, action, **more) is possible


def made(**more):
    stack = new_stack()
    KeySecretsKey(stack, "Keys", path=PATH, **{"readers": [READER], **more})
    return stack


def test_the_key_is_retained_except_in_a_sandbox():
    kept, gone = (
        resources(made(destroyable=each))["KmsKey0access-keys".replace("-", "X2d")] for each in (False, True)
    )
    assert (kept["DeletionPolicy"], kept["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert gone["DeletionPolicy"] == "Delete"


def test_the_key_rotates_and_has_an_alias():
    stack = made()
    (key,) = properties(stack, "AWS::KMS::Key").values()
    (alias,) = properties(stack, "AWS::KMS::Alias").values()
    assert key["EnableKeyRotation"] is True
    assert alias["AliasName"] == "alias/keywright-access-keys"


def test_refuses_readers_that_do_not_fit():
    message = "the policy of a key cannot name all readers of access keys"
    with pytest.raises(ValueError, match=re.escape(message)):
        made(readers=[f"{OURS}:user{PATH}{'x' * 60}{number}" for number in range(400)])
