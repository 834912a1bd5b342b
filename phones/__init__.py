"""Simulated SIP phones: real user agents in processes of their own, for tests, the demo and smoke checks."""
