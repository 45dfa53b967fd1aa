"""Files to types. Every fault is reported with file and line, all of them at once. No example imports this."""
