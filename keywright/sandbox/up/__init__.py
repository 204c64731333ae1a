"""`keywright up`: deploy the declarations into the sandbox, verify the result, and print who can do what."""
