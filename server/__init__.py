"""The server as a whole: the composition root, its life cycle, and the command line."""
