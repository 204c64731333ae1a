"""What runs inside a CDK app: Node, the validation plugin and acknowledgements."""
