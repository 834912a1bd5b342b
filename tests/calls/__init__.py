"""The engine that runs the live calls, and the desks beside it."""
