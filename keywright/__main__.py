"""`python -m keywright`: the same as the program `keywright`."""

from keywright.cli.entry import run

if __name__ == "__main__":
    run()
