"""Laws: named formulas with units, checked for dimensions, evaluated, and written as LaTeX and JavaScript."""
