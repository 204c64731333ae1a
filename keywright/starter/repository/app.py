"""Synthesize the stacks that access/ declares; cdk.json runs this file."""

import sys

from access_stacks.app import main

if __name__ == "__main__":
    sys.exit(main())
