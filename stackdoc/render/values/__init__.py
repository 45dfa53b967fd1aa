"""Measured values as a page shows them, for the machine that the reader chose."""
