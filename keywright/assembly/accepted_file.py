"""The names of the files beside templates that hold no template."""

EXCEPTIONS = "keywright-exceptions.yaml"
"""What is accepted of the templates beside it."""
INVARIANTS = "keywright-invariants.yaml"
"""What must hold of the templates beside it."""
INVARIANTS_RECORD = "keywright-invariants.json"
"""The invariants that a synthesis writes beside its templates."""
