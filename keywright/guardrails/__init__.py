"""Rules for access in any CloudFormation template, beyond those of cdk-nag, and the engine that applies them.

`engine` checks an assembly by every rule of `rules/`; the rules read what `subjects/` finds in the templates. Nothing here
imports CDK but `cdk/`, and nothing imports the command line.
"""
