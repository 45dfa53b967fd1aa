# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "silicon"
# title = "Roofs"
# devices = ["cpu", "cuda"]
# roofs = true
# ///
"""Roofs."""

import stackdoc  # noqa: F401
