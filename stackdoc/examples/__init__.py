"""Scripts and their headers, the files that belong to them, and their environments."""
