"""The demo: a shop page, Ringback, and simulated phones at both ends, all on this one computer."""
