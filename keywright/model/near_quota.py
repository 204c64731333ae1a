"""From when on the use of a quota is told, wherever it is counted: in declarations, templates or the account itself."""

NEAR = 0.8
"""The part of a quota."""
