"""Calculators: a few laws in a chain, with numbers that the reader can change."""
