"""Comparisons of two machines, or of two profiles of one, point by point."""
