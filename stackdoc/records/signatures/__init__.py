"""Signatures of bundles and lists of records by SSH keys."""
