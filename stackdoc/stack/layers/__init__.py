"""The merged stack as types, and the pages of its layers."""
