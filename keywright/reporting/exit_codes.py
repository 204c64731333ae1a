"""The exit codes of every command."""

GOOD = 0
"""No finding, everything decided."""
FINDINGS = 1
"""A finding: a mistake in a declaration, a refusal, a widening, a denial, a difference."""
UNUSABLE = 2
"""An input or an option can't be used."""
UNDECIDED = 3
"""Something could not be decided or read."""
INTERRUPTED = 130
"""Ctrl-C ended the command, as a shell reports it: 128 and the number of the signal."""
UNREAD = 141
"""The reader of the output went away (a closed pipe): neither good nor a finding."""


def exit_code_for(*, unusable: object = False, findings: object = False, undecided: object = False) -> int:
    """Give the exit code: unusable goes before findings, findings before undecided."""
    return UNUSABLE if unusable else FINDINGS if findings else UNDECIDED if undecided else GOOD
