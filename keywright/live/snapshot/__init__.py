"""Reading an account into one file, `keywright snapshot`: what is asked, by which permissions, and how a run continues another.

Only reads. docs/adr/0041-account-snapshot.md has the format of the file.
"""
