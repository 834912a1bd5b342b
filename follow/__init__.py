"""Follow-up: what becomes of shoppers nobody served, and by when they are answered. Pure."""
