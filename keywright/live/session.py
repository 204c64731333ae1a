"""A session in the declared account, with the caller's own credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError

from keywright.live.verification.account import CONCURRENT_READS
from keywright.live.verification.verify import verify
from keywright.reporting.exit_codes import UNDECIDED, UNUSABLE

if TYPE_CHECKING:
    from datetime import date

    from keywright.model.account.settings import Account
    from keywright.model.declarations import Declarations
    from keywright.model.source.places import Places
    from keywright.reporting.finding import Finding

_ONE_RETRY = Config(connect_timeout=5, retries={"total_max_attempts": 2})
ADAPTIVE_RETRIES = Config(
    retries={"mode": "adaptive", "max_attempts": 10}, max_pool_connections=CONCURRENT_READS
)
"""For many requests: waits when the account's rate limits throttle them."""


class UnreadableAccountError(Exception):
    """The account can't be compared: `exit_code` is unusable for missing credentials or another account, undecided for what can't be read."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def verify_account(
    declarations: Declarations,
    places: Places | None,
    endpoint_url: str | None = None,
    *,
    today: date | None = None,
    all_paths: bool = False,
) -> list[Finding]:
    """Verify the account of the default credential chain.

    Raises:
        UnreadableAccountError: No credentials, no connection, another account, or missing read access.
    """
    session = session_in(declarations.account, endpoint_url)
    try:
        client = session.client("iam", endpoint_url=endpoint_url, config=ADAPTIVE_RETRIES)
        return verify(declarations, client, places, today=today, all_paths=all_paths)
    except (BotoCoreError, ClientError) as error:
        raise UnreadableAccountError(
            f"IAM could not be read; found {error_text(error)}; accepted: read access to IAM", UNDECIDED
        ) from None


def session_in(account: Account, endpoint_url: str | None = None) -> boto3.Session:
    """Give a session in the declared account and region, by the default credential chain.

    Raises:
        UnreadableAccountError: No credentials, no connection, or another account.
    """
    session, caller = any_session(account.region, endpoint_url)
    # Checked before anything is read: a comparison with another account would report every identity as
    # missing.
    if caller != account.id:
        raise UnreadableAccountError(
            f"the credentials belong to another account; found `{caller}`; accepted: `{account.id}`", UNUSABLE
        )
    return session


def any_session(region: str | None, endpoint_url: str | None = None) -> tuple[boto3.Session, str]:
    """Give a session in whichever account the default credential chain leads to, and the account's id.

    Without a region, the session has that of the environment or of the profile.

    Raises:
        UnreadableAccountError: No credentials, no region or no connection.
    """
    try:
        session = boto3.Session(region_name=region)
        # Few retries and a short timeout: without a connection the command should say so at once.
        caller = session.client("sts", endpoint_url=endpoint_url, config=_ONE_RETRY).get_caller_identity()
    except NoRegionError:
        raise UnreadableAccountError(
            "no Region is set; accepted: one in your profile or in AWS_DEFAULT_REGION, or an option that names one",
            UNUSABLE,
        ) from None
    except (BotoCoreError, ClientError, ValueError) as error:
        raise UnreadableAccountError(
            f"the account cannot be reached; found {error_text(error)}; accepted: credentials that the AWS CLI accepts",
            UNUSABLE,
        ) from None
    return session, caller["Account"]


def error_text(error: Exception) -> str:
    """Describe an error of AWS or of the connection."""
    if isinstance(error, ClientError):
        return f"`{error.operation_name}` returned {error.response['Error']['Code']}"
    return " ".join(str(error).split())
