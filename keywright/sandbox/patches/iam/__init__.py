"""IAM's actions: names, deletions, limits, passwords, MFA devices, policy documents."""
