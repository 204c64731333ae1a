"""Users, roles and access keys that nobody uses: what the snapshot of an account tells, and the edits that retire them."""
