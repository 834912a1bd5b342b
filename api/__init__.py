"""The HTTP side of Ringback: pages ask for calls and watch them, operators read records and reload."""
