"""Citations of the site, its layers, records and figures, in several formats."""
