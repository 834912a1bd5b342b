"""The pure call machine and the engine that runs it."""
