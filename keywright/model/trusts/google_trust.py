"""`trusts: {google: …}` - a service account of Google Cloud; IAM knows Google without a provider."""

from typing import Annotated

from keywright.model.fields.strict import Strict
from keywright.model.fields.text import Shape
from keywright.model.trusts.identity_provider import Audience

ServiceAccount = Annotated[
    str,
    Shape(
        "a service account of Google Cloud",
        "its unique id of digits in quotes, not its address: `gcloud iam service-accounts describe`",
        pattern=r"^[0-9]{15,30}$",
    ),
]


class GoogleTrust(Strict):
    """One service account, for one audience of its tokens ("Available keys for AWS OIDC federation", IAM User Guide)."""

    google: ServiceAccount
    """The unique id, which no later account of the same address has."""
    audience: Audience
    """Whom the token is asked for, the `aud` of the token; your choice, such as the role's ARN."""
