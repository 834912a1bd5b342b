"""Asterisk by its manager interface (AMI): whom the PBX rings for our calls, and what its agents do."""
