"""Plans and states of Terraform and OpenTofu as JSON, converted to the resources that a template would have."""
