"""The sandbox: an emulated AWS account, into which `keywright up` and the end-to-end tests deploy.

`account` starts and stops it, `client` talks to it beside AWS's own APIs, `patches` corrects the emulator where it
differs from AWS's documentation, `up` is `keywright up`. Only the commands that operate an account import this package, when they run.
"""
