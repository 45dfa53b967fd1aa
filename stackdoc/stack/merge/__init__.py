"""Taxonomies merged into one order, with the votes and the disagreements."""
