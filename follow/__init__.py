"""Follow-up: what becomes of shoppers whom nobody served, and by when they are answered. Pure."""
