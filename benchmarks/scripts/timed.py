"""Run a command, and write down what it used: `timed.py REPORT COMMAND…`; small itself, for a child's memory begins with ours."""

import os
import sys
import time

report, *command = sys.argv[1:]
started = time.monotonic()
child = os.posix_spawnp(command[0], command, os.environ)
_, status, used = os.wait4(child, 0)
with open(report, "w", encoding="utf-8") as out:  # noqa: PTH123 - as few imports as can be
    spent = used.ru_utime + used.ru_stime
    out.write(f"{spent} {time.monotonic() - started} {used.ru_maxrss / 1024}")
sys.exit(os.waitstatus_to_exitcode(status))
