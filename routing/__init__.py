"""Who should ring for a call: pure functions from a click and the settings to a plan."""
