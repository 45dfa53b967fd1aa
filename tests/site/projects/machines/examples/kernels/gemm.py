# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "kernels"
# claims = ["libraries-beat-plain-code"]
# title = "Matrix products"
# devices = ["cpu", "cuda"]
# ///
"""A product."""

import stackdoc  # noqa: F401
