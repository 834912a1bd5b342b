"""Repeatable measurements of Ringback against real peers, on this machine's loopback."""
