"""Count the events of a trail in a loop: `python trail_loop.py FOLDER`. The peer of `keywright tighten`."""

import gzip
import json
import sys
from collections import defaultdict
from pathlib import Path

uses = defaultdict(lambda: [0, 0, "", ""])
days = defaultdict(int)
for file in Path(sys.argv[1]).rglob("*.json.gz"):
    with gzip.open(file) as content:
        records = json.load(content)["Records"]
    for record in records:
        identity = record["userIdentity"]
        issuer = identity.get("sessionContext", {}).get("sessionIssuer", {})
        principal = issuer.get("arn") or identity.get("arn", "")
        parameters = record.get("requestParameters") or {}
        resources = record.get("resources") or [{}]
        resource = resources[0].get("ARN") or parameters.get("bucketName", "")
        use = uses[principal, record["eventSource"], record["eventName"], resource]
        is_denied = "AccessDenied" in record.get("errorCode", "")
        use[is_denied] += 1
        if not is_denied:
            at = record["eventTime"]
            use[2] = min(use[2], at) if use[2] else at
            use[3] = max(use[3], at)
        days[record["recipientAccountId"], record["awsRegion"], record["eventTime"][:10]] += 1
print(sum(days.values()))
