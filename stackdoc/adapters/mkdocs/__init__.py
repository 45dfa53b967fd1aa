"""The MkDocs plugin: pages in, post-processed HTML out."""
