"""The policy engine: what a request is answered, what changed, who can escalate, and proofs about everybody.

Everything here is pure: no file is written, no account is called, nothing is printed. It imports `keywright.policy` and
`keywright.reporting` alone. Sub-packages, each of which may import those before it: `evaluation`, `sets`, `witnesses`,
`comparison`, `account`, then `escalation` and `invariants`.
"""
