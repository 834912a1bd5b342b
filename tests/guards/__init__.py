"""Lists that something new must be in, and that nothing else would miss: CONTRIBUTING.md names them."""
