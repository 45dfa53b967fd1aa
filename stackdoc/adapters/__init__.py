"""What puts the core in place: the command line, the Markdown extension, the MkDocs plugin."""
