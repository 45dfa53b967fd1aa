"""Escaped elements, tables, formulas, documents."""
