"""Visitors of shops' pages: what is remembered of them, what they were offered, and what came of it."""
