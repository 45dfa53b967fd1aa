"""Generated pages: examples, records, machines, comparisons, environments."""
