"""The architecture of stackdoc, read from its own code for contributors."""
