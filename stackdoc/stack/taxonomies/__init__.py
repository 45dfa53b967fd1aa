"""The published taxonomies that the handbook merges."""
