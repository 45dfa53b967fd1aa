# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "kernels"
# title = "Matrix products"
# devices = ["cpu", "cuda"]
# ///
"""A product."""

import stackdoc  # noqa: F401
