"""The types shared by all packages: records, machines, examples and environments, and the prefixes of units."""
