"""The types that all rooms share: records, machines, examples, environments."""
