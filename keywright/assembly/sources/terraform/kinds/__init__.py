"""What each resource type of the AWS provider is as a CloudFormation resource: one table for each group of services."""
