"""The published sources and their pages."""
