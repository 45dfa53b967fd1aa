"""Checks the citations and figures of a document against the records that it cites."""

from __future__ import annotations

from stackdoc.verification.finding import Finding
from stackdoc.verification.verify import verify

__all__ = ["Finding", "verify"]
