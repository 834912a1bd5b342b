"""What Ringback remembers across crashes and upgrades: calls, messages, callbacks, and deliveries."""
