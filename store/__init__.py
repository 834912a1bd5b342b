"""What Ringback remembers across crashes and upgrades: calls, messages, callbacks, and what to tell whom."""
