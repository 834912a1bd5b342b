"""One call: its machine, what goes in (events), what comes out (commands), and the engine that runs it."""
