"""The examples at the end of each command's help: they work in a clone as they are, or show what to put in."""

EXAMPLES = {
    "init": (
        "keywright init acme",
        "keywright init acme --account 111111111111 --region eu-central-1 --name alice --email alice@acme.example",
    ),
    "adopt": (
        "keywright adopt account.json --into access",
        "keywright adopt account.json --into access --only 'group/*' --only user/alice",
        "keywright adopt --into adopted",
    ),
    "validate": (
        "keywright validate",
        "keywright validate --strict --format json",
        "keywright validate --watch",
    ),
    "schema": ("keywright schema --output docs/access.schema.json",),
    "lock": ("keywright lock", "keywright lock --check", "keywright lock --upgrade"),
    "spread": ("keywright spread people 4",),
    "check": (
        "keywright check cdk.out --strict",
        "keywright check template.yaml --diff",
        "keywright check templates/ --format sarif --output keywright.sarif",
        "keywright check --explain TRU002",
    ),
    "review": (
        "keywright review main",
        "keywright review old.out new.out --format html > review.html",
        "keywright review main HEAD --approvers .github/approvers.yaml",
    ),
    "compare": (
        "keywright compare old.json new.json",
        "keywright compare old.json new.json --kind trust",
        "keywright compare --batch pairs.jsonl",
    ),
    "compliance": ("keywright compliance cdk.out", "keywright compliance --format markdown --output cis.md"),
    "exceptions": ("keywright exceptions", "keywright exceptions keywright-exceptions.yaml"),
    "can": (
        "keywright can user/alice s3:GetObject bucket/reports",
        "keywright can user/alice s3:GetObject bucket/reports --context aws:MultiFactorAuthPresent=true",
        "keywright can '*' s3:GetObject 'arn:aws:s3:::reports/*' template.yaml",
    ),
    "who-can": (
        "keywright who-can s3:DeleteObject bucket/reports",
        "keywright who-can iam:PassRole '*' template.yaml --format json",
    ),
    "explain": ("keywright explain user/alice", "keywright explain role/deployer template.yaml"),
    "escalations": (
        "keywright escalations cdk.out --except role/break-glass",
        "keywright escalations template.yaml --format json",
    ),
    "map": ("keywright map", "keywright map template.yaml --output map.html"),
    "across": ("keywright across build.out shop.out", "keywright across out --strict"),
    "simulate": ("keywright simulate requests.jsonl", "keywright simulate - --format text"),
    "up": ("keywright up",),
    "down": ("keywright down",),
    "deploy": (
        "keywright deploy",
        "keywright deploy --role arn:aws:iam::111111111111:role/keywright/keywright-deployer",
    ),
    "onboard": ("keywright onboard alice",),
    "rotate": ("keywright rotate scanner --dry-run", "keywright rotate scanner"),
    "retire": (
        "keywright retire snapshot.json",
        "keywright retire snapshot.json --unused-for 45 --write",
    ),
    "verify": ("keywright verify",),
    "snapshot": (
        "keywright snapshot",
        "keywright snapshot --policy",
        "keywright snapshot --last-accessed --region eu-central-1 --region us-east-1 --output account.json",
    ),
    "users": (
        "keywright users account.json",
        "keywright users account.json --access access --format markdown --output fewer-users.md",
    ),
    "drift": (
        "keywright drift",
        "keywright drift cdk.out --snapshot account.json",
        "keywright drift cdk.out --snapshot account.json --format markdown --output drift.md",
    ),
    "tighten": (
        "keywright tighten --trail AWSLogs",
        "keywright tighten cdk.out --trail AWSLogs --access access --write",
        "keywright tighten cdk.out --trail AWSLogs --format markdown --output used.md",
        "keywright tighten --athena-sql cloudtrail_logs",
    ),
    "partner": ("keywright partner vendor", "keywright partner --new"),
    "deployer": (
        "keywright deployer cdk.out --output deployer.yaml",
        "keywright deployer --check deployer.yaml",
    ),
    "import-map": ("keywright import-map snapshot.json cdk.out",),
    "first-pass": ("keywright first-pass cdk.out",),
}
