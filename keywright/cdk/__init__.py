"""Running the CDK: the Node it runs on, its command line, and the app of a project's `cdk.json`.

Imports nothing of the CDK: commands start programs with it.
"""
