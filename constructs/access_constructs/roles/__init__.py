"""IAM roles: the base construct, and one construct for each kind of trusted principal."""
