"""The command line. A command's module is imported only when that command runs.

`<group>/<command>.py` has a function `command` with the options, annotated for typer; it returns the exit code. Longer
work is in `<group>/<command>_run.py`, which `command` imports when it is called, so that help is quick.

To add a command, write its module, give it a line in `keywright.cli.main.GROUPS` and an example in `examples.py`.
"""
