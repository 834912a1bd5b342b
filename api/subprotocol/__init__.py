"""The WebSocket subprotocol ``ringback.v2``: every message that pages and the server send each other."""
