"""Events and files as CloudTrail writes them."""

from __future__ import annotations

import gzip
import json
from datetime import date, timedelta

ACCOUNT = "111111111111"
REGION = "eu-central-1"
START = date(2026, 7, 1)


def event(principal, action, *, day=START, region=REGION, **more):
    """Make an event of a user (`user/alice`) or role (`role/access/operate`), by `source:EventName`."""
    kind, _, name = principal.partition("/")
    arn = f"arn:aws:iam::{ACCOUNT}:{principal}"
    source, _, name_of_event = action.partition(":")
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{name.rpartition('/')[2]}/session"
    identity = (
        {"type": "IAMUser", "arn": arn}
        if kind == "user"
        else {
            "type": "AssumedRole",
            "arn": session,
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": arn}},
        }
    )
    return {
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": f"{day}T10:00:00Z",
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name_of_event,
        "awsRegion": region,
        "recipientAccountId": ACCOUNT,
        "readOnly": name_of_event.startswith(("Describe", "Get", "List")),
        **more,
    }


def every_day(days, regions=(REGION, "us-east-1")):
    """Make what happens in every account on every day: a service looks and changes something."""
    for number in range(days):
        for region in regions:
            day = START + timedelta(days=number)
            for name in ("ec2:DescribeRegions", "logs:CreateLogStream"):
                yield event("role/service/other", name, day=day, region=region)


def write(folder, events, name="events.json.gz"):
    """Write one file of a trail."""
    folder.mkdir(parents=True, exist_ok=True)
    content = json.dumps({"Records": list(events)}).encode()
    file = folder / name
    file.write_bytes(gzip.compress(content, mtime=0) if name.endswith(".gz") else content)
    return file


def laid_out(root, events):
    """Write events into the folders that CloudTrail writes, one file for each region and day."""
    by_place = {}
    for each in events:
        by_place.setdefault((each["awsRegion"], each["eventTime"][:10]), []).append(each)
    for (region, day), several in by_place.items():
        folder = root / "AWSLogs" / ACCOUNT / "CloudTrail" / region / day.replace("-", "/")
        write(folder, several, f"{ACCOUNT}_CloudTrail_{region}_{day.replace('-', '')}T1000Z_x.json.gz")
    return root
