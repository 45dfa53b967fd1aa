"""Laws: named expressions with units, evaluated with dimensions, as plain floats and as JavaScript."""
