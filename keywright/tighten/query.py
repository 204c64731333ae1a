"""The one query over CloudTrail's events, written once and given in the dialects of DuckDB and of Athena.

Only where the events come from differs: files, or the table of "Query AWS CloudTrail logs" (Amazon Athena User Guide).
Everything else is DuckDB's text, which sqlglot writes in Athena's dialect.
"""

from __future__ import annotations

COLUMNS = ("account", "region", "day", "principal", "source", "event", "resource", "file")
"""What the query groups by; a row has values in one of three sets of them, and in the others none."""
NUMBERS = ("used", "refused", "reads", "first_used", "last_used")

RECORDS = (
    "STRUCT(eventTime VARCHAR, eventSource VARCHAR, eventName VARCHAR, awsRegion VARCHAR, recipientAccountId VARCHAR, "
    "errorCode VARCHAR, readOnly VARCHAR, "
    "userIdentity STRUCT(arn VARCHAR, sessionContext STRUCT(sessionIssuer STRUCT(arn VARCHAR))), "
    "resources STRUCT(ARN VARCHAR)[], requestParameters JSON)[]"
)
"""The fields that the query reads, as files spell them (Athena's columns are in lower case); all others are skipped."""

RESOURCES = {
    "dynamodb": ("tableName", "arn:aws:dynamodb:", "table/"),
    "lambda": ("functionName", "arn:aws:lambda:", "function:"),
    "logs": ("logGroupName", "arn:aws:logs:", "log-group:"),
    "s3": ("bucketName", "arn:aws:s3:::", ""),
    "sns": ("topicArn", "", ""),
    "sqs": ("queueUrl", "", ""),
    "secretsmanager": ("secretId", "", ""),
    "ssm": ("name", "arn:aws:ssm:", "parameter/"),
    "sts": ("roleArn", "", ""),
}
"""By service: the request parameter that names the resource, where an event lacks `resources` ("CloudTrail record
contents", AWS CloudTrail User Guide, and the service's examples); then the ARN's begin and the type in front of the name."""

_EVENTS = """
SELECT
  coalesce(recipientaccountid, '') AS account,
  coalesce(awsregion, '') AS region,
  coalesce(substr(eventtime, 1, 10), '') AS day,
  eventtime AS happened,
  coalesce(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn, '') AS principal,
  coalesce(eventsource, '') AS source,
  coalesce(eventname, '') AS event,
  {resource} AS resource,
  CASE WHEN eventtime IS NULL OR eventsource IS NULL OR eventname IS NULL THEN {file} END AS file,
  CASE WHEN lower(coalesce(errorcode, '')) LIKE '%accessdenied%' OR lower(coalesce(errorcode, '')) LIKE '%unauthorizedoperation%'
    THEN 1 ELSE 0 END AS denied,
  CASE WHEN lower(readonly) = 'true' THEN 1 ELSE 0 END AS is_read
FROM {events}
"""
_GROUPED = """
SELECT account, region, day, principal, source, event, resource, file,
  sum(1 - denied) AS used, sum(denied) AS refused, sum(is_read) AS reads,
  min(CASE WHEN denied = 0 THEN happened END) AS first_used, max(CASE WHEN denied = 0 THEN happened END) AS last_used
FROM ({all}) AS e
GROUP BY GROUPING SETS ((account, region, day), (principal, source, event, resource), (file))
"""


def query(events: str, file: str, days: tuple[str, str] | None = None) -> str:
    """Write the query in DuckDB's dialect over a relation with the columns of Athena's table."""
    return _GROUPED.format(all=_EVENTS.format(resource=_resource(), file=file, events=events) + _within(days))


def athena(table: str, days: tuple[str, str] | None = None) -> str:
    """Write the query in Athena's dialect, over the table of a trail."""
    import sqlglot  # noqa: PLC0415 - only for this answer

    # Athena names the object that a row is from; sqlglot keeps the quoted name.
    text = query(table, '"$path"', days)
    return str(sqlglot.transpile(text, read="duckdb", write="athena", pretty=True)[0])


def _within(days: tuple[str, str] | None) -> str:
    return "" if days is None else f"WHERE eventtime >= '{days[0]}' AND eventtime < '{days[1]}'"


def _resource() -> str:
    cases = " ".join(
        f"WHEN '{service}.amazonaws.com' THEN {_named(*parts)}" for service, parts in RESOURCES.items()
    )
    return (
        "coalesce(CASE WHEN array_length(resources) > 0 THEN resources[1].arn END, "
        f"CASE eventsource {cases} END, '')"
    )


def _named(parameter: str, start: str, kind: str) -> str:
    value = f"json_extract_string(requestparameters, '$.{parameter}')"
    if not start:
        return value
    if start.endswith(":::"):
        return f"'{start}' || {value}"
    return f"CASE WHEN {value} LIKE 'arn:%' THEN {value} ELSE '{start}' || awsregion || ':' || recipientaccountid || ':{kind}' || {value} END"
