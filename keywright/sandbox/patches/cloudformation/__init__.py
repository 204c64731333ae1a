"""CloudFormation itself: how stacks are updated, with which permissions, and how resource types are registered."""
