"""The ways to deploy Ringback: its files in deploy/, the container, and the wheel."""
