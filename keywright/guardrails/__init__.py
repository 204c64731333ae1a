"""Rules that cdk-nag lacks, over any CloudFormation template; `plugin` brings them into a CDK app."""
