"""The project read once; what would run, and why; whether a record is fresh."""
