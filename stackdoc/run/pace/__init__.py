"""How much of a run fits into its time: estimates, groups, and the time itself."""
