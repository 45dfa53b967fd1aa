"""The handbook: layers, taxonomies, claims, facts, systems. Only `adapters.registered` imports it."""
