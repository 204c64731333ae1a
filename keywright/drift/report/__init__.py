"""Reports of drift: for people, for programs and for code scanning."""
