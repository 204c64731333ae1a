"""CloudFormation's resource types for IAM, each implemented by calls of IAM's own actions."""
