"""Asterisk by its manager interface (AMI): which phones it rings for our calls, and what they do."""
