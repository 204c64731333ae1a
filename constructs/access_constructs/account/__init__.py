"""Settings of the whole account: password policy, alias, IAM Access Analyzer."""
