"""Runs the live calls: the engine that carries out what their machines decide, and the desks beside it."""
