"""Media engines: a description of each, by which the core runs it, and the table of all of them."""
