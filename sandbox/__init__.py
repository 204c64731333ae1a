"""The embedded AWS account: the emulator, its repairs towards AWS's documented behaviour, instance metadata."""
