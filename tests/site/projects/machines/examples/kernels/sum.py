# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "kernels"
# title = "A sum"
# devices = ["cpu"]
# ///
"""A sum."""

import stackdoc  # noqa: F401
