"""Diagrams: concepts drawn as SVG from what an author writes in YAML, one kind a module."""
