"""Laws of the handbook, sums worked out from them, and their page."""
