"""Charts: from a record to a Vega-Lite specification to SVG."""
