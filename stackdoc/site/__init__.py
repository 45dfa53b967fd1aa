"""The data that all pages are made of, and look-ups in it, such as the status of a record."""
