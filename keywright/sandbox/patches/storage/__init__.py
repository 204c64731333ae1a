"""Amazon S3 buckets and AWS Secrets Manager secrets."""
