"""What a run in a real account costs at most, from public list prices; they are stated, so that anybody can check them."""

from __future__ import annotations

from dataclasses import dataclass

HOURS = 2
"""A run takes well under an hour; what is created exists no longer than this, unless the clean-up fails."""
_HOURS_A_MONTH = 730


@dataclass(frozen=True)
class Cost:
    """One kind of resource: how many at most, its price in US dollars, and the unit that is begun."""

    what: str
    count: int
    price: float
    unit: str
    total: float


def _monthly(what: str, count: int, price: float) -> Cost:
    return Cost(what, count, price, "month, by the hour", count * price * HOURS / _HOURS_A_MONTH)


def _each(what: str, count: int, price: float, unit: str) -> Cost:
    return Cost(what, count, price, unit, count * price)


COSTS = (
    _each("IAM: users, roles, groups, policies, virtual MFA devices", 60, 0.0, "free"),
    _each("CloudFormation: stacks, of AWS's own and custom resource types", 5, 0.0, "free"),
    _monthly("Secrets Manager: secrets", 12, 0.40),
    _each("Secrets Manager: requests", 500, 0.05 / 10_000, "request"),
    _monthly("KMS: keys", 1, 1.00),
    _each("KMS: requests", 500, 0.03 / 10_000, "request"),
    _each(
        "Lambda: invocations of 128 MB, 2 s each, without the free tier",
        200,
        0.2e-6 + 2 / 8 * 1.66667e-5,
        "request",
    ),
    _each("CloudWatch Logs: MB", 10, 0.63 / 1024, "MB"),
    _each("S3: requests; three empty buckets", 500, 0.0054 / 1000, "request"),
    _each("IAM Access Analyzer: external access analyzers", 1, 0.0, "free"),
)


def total() -> float:
    """Return the whole estimate in US dollars."""
    return sum(each.total for each in COSTS)


def text() -> str:
    """Write the estimate as a table."""
    lines = [
        f"{each.total:8.4f}  {each.what}: {each.count} at {each.price:.7g} each ({each.unit})"
        for each in COSTS
    ]
    return "\n".join(
        [
            f"Estimated cost in US dollars, for at most {HOURS} hours in eu-central-1, at list prices of November 2026:",
            *lines,
            f"{total():8.4f}  in all, without tax. A KMS key that is scheduled for deletion costs nothing; the account has 7 days to",
            "          cancel that. What the clean-up could not remove is listed at the end, and costs until you remove it.",
        ]
    )
