"""`python -m keywright.github MODE`: runs one step of the action and exits with its exit code."""

import os
import sys

from keywright.github import check, comment, download, find, install, review
from keywright.github.api import GitHubError
from keywright.github.runner import InputError, Runner
from keywright.reporting.exit_codes import UNUSABLE

MODES = {
    "install": install.run,
    "find": find.run,
    "download": download.run,
    "check": check.run,
    "review": review.run,
    "comment": comment.run,
}


def main(arguments: list[str]) -> int:
    """Run the step that the first argument names."""
    runner = Runner(os.environ)
    mode = arguments[0] if arguments else ""
    if mode not in MODES:
        runner.error(f"unknown mode `{mode}`; accepted: {', '.join(f'`{each}`' for each in MODES)}")
        return UNUSABLE
    try:
        return MODES[mode](runner)
    except (GitHubError, InputError, OSError) as error:
        runner.error(str(error))
    except (KeyError, TypeError, ValueError) as error:
        runner.error(f"GitHub's answer is not in the form that was expected; found {error!r}")
    return UNUSABLE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
