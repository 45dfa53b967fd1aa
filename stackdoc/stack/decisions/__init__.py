"""The numbered decisions of the layer pages."""
