"""The registry of token issuers: one module an issuer, read by the model, constructs, stacks, guardrails and docs.

Imports `fields.text` only, and nothing of pydantic: `keywright check` reads it too. Adding an issuer: its module here, its
line in `registry.ISSUERS`, and its row in `docs/how-to/give-a-ci-pipeline-a-role.md`.
"""
