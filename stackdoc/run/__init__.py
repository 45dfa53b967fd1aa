"""From a plan to records: a session runs rounds of launches."""
