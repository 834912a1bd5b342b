"""What people at the business do and see around a call: the agents' presence."""
