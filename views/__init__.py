"""What runs the live shared views: one place executes their commands and owns their timers."""
