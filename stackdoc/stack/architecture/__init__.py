"""The package as its own contributors see it."""
