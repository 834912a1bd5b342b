"""What the agents' page uses: log-in, its WebSocket, and its files."""
