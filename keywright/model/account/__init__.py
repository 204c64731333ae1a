"""The declared account: its settings, account-wide denials and organization. May import `fields` and `people`."""
