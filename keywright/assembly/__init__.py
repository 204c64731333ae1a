"""Read synthesized assemblies and any CloudFormation template back into principals and policies."""
