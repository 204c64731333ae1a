"""An account as it is: the snapshot that `keywright snapshot` writes, and what can be learned from it without the account.

`snapshot` reads the file; nothing here calls AWS.
"""
