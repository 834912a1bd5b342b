"""What the pages of shops use: ask for a call and follow it, and look at a callback."""
