"""Whether somebody sees colours, and wants them."""

import os
import sys


def are_wanted() -> bool:
    """Tell whether standard output is a terminal with colours whose owner wants them ("NO_COLOR", no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
