"""IAM Identity Center: permission sets, account assignments, groups of the identity store."""
