"""The part that runs inside a launch: clocks, timer, result checks, and what a script calls."""
