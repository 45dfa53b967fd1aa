"""Cited numbers, and the page that lists all numbers."""
