"""Identity providers and what gives workloads outside of EC2 a role: OIDC, SAML, IAM Roles Anywhere, EKS Pod Identity."""
