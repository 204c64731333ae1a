"""S3 buckets, their access logs and access points."""
