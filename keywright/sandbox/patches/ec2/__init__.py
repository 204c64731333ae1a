"""Amazon EC2: instances, Auto Scaling groups and the instance metadata service."""
