"""The steps of the GitHub action: `python -m keywright.github MODE`.

They use the standard library only, so that the job that holds a token with write permission installs nothing. Inputs are
environment variables: nothing that a pull request contains is ever part of a script.
"""
