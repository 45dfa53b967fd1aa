"""Reads files into types and reports all faults at once, each with file and line. Examples never import this."""
