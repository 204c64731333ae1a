"""IAM users for people and applications, their groups, the MFA guard, and the secrets with their credentials."""
