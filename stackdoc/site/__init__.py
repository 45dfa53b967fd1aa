"""Everything the pages are made of, and the status of a record."""
