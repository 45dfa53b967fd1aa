"""Child processes under supervision, warm ones among them, and their limits."""
