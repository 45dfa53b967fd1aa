"""Records on disk: read, validated, stored, bundled and exported, and the rule which one counts."""
