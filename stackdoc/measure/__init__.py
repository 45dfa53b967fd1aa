"""What runs inside a launch: the clocks, the timer, the result checks, and what a script calls."""
