"""What operators use: records, messages, deliveries, personal data, traces, health and metrics."""
