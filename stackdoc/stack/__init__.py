"""The handbook: layers, taxonomies, claims, facts, systems. Only its registration imports it."""
