"""The command line: one verb a file. A verb's module is imported only when that verb runs.

To add a verb, write `keywright/cli/<verb_with_underscores>.py` with a function `command` whose parameters are
annotated for typer, and give it a line in the table of `keywright.cli.main`. `command` returns its exit code:
0 good, 1 findings, 2 unusable input, 3 undecided.
"""
