"""The CDK app: synthesizes the stacks of the account that `access/` declares. `access_stacks/app.py` names its context."""

import sys

from access_stacks.app import main

if __name__ == "__main__":
    sys.exit(main())
