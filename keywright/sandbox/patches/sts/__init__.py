"""AWS STS and sign-in: who gets a session, and what that session carries."""
