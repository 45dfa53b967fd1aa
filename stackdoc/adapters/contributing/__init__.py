"""The way of records from a checkout to the project: what is new, the commit, the pull request."""
