"""A project as read from disk, what a run would do with it, and which records are fresh."""
