"""The pure call machine."""
