"""From a site to pages. Nothing here measures, and only the cache writes files."""
