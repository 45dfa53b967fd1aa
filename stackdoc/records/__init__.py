"""Records on disk: reading, validation, storage, bundles, exports, and the rule that decides which record counts."""
