"""What Ringback remembers: calls, their legs and their results, across crashes and upgrades."""
